"""Draws a small picture of a large one: a program of its own, so that a hostile picture can hurt nothing but this.

    python -I drawing.py LARGEST < picture > small.webp

It limits its own memory and time before it looks at a byte. Exit codes: 0 drawn, 3 the picture has more pixels than
LARGEST, 4 it cannot be read. Imports nothing of ours.
"""

import io
import resource
import sys

#: no side of the small picture is longer
SIDE = 480
_MEMORY, _SECONDS = 1536 * 1024 * 1024, 10
_TYPES = ("JPEG", "PNG", "WEBP", "GIF")


def main() -> int:
    """Read, draw, write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from PIL import Image, ImageOps

    largest = int(sys.argv[1])
    Image.MAX_IMAGE_PIXELS = None  # judged here, so that the answer can be told from a damaged picture
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=_TYPES) as picture:
            if picture.width * picture.height > largest:
                return 3
            picture.thumbnail((SIDE, SIDE))  # a JPEG is read at a fraction of its size
            small = ImageOps.exif_transpose(picture)
            plain = small.convert("RGBA" if small.has_transparency_data else "RGB")
            out = io.BytesIO()
            plain.save(out, "WEBP", quality=80)
    except Exception:  # noqa: BLE001  whatever a decoder stumbles over, the answer is the same
        return 4
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
