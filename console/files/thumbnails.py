"""Small pictures for the page, drawn by a program of its own (see `drawing`)."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

_PROGRAM = Path(__file__).with_name("drawing.py")
#: the cameras of telephones make up to 200 megapixels
LARGEST = 210_000_000
_PATIENCE = 20
_TOO_LARGE = 3


class TooManyPixels(Exception):
    """A picture that would take more memory to look at than anybody has."""


async def draw(picture: bytes) -> bytes | None:
    """A WebP of at most 480 pixels a side, upright and without what the camera wrote; None where it cannot be drawn.

    Raises TooManyPixels for a picture of more than LARGEST pixels, whether it has them or only says so.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROGRAM),
        str(LARGEST),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            drawn, _ = await process.communicate(picture)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == _TOO_LARGE:
        raise TooManyPixels
    return drawn if process.returncode == 0 and drawn else None
