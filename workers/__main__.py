"""`python -m workers [QUEUE…]`: one worker process for these task queues, by default for all."""

import asyncio
import gc
import sys
from collections.abc import Sequence

from records.db import RecordsError
from starter.codec import CodecKeyError
from starter.logs import configure
from starter.settings import SettingError, read_settings
from workers.service import serve


def main(queues: Sequence[str]) -> int:
    """Work until told to stop. Answers the exit code: 0 stopped, 2 for settings that cannot be worked with."""
    try:
        settings = read_settings()
        configure(settings.log_level)
        asyncio.run(serve(settings, queues))
    except (SettingError, CodecKeyError, RecordsError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    finally:
        gc.collect()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
