"""`python -m console`: one console process."""

import asyncio
import gc
import sys

from console.service import serve
from records.db import RecordsError, RecordsUnreachable
from starter.codec import CodecKeyError
from starter.logs import configure
from starter.settings import SettingError, read_settings


def main() -> int:
    """Serve until told to stop. Answers the exit code: 0 stopped, 2 for settings that cannot be worked with, 4 while
    the records are away."""
    try:
        settings = read_settings()
        configure(settings.log_level)
        asyncio.run(serve(settings))
    except RecordsUnreachable as away:
        print(away, file=sys.stderr)
        return 4
    except (SettingError, CodecKeyError, RecordsError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    finally:
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
