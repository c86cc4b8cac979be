"""Pictures: how large they are, and a small one of each, made apart and with a limit."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
SMALL = 480
ORIENTATION = 0x0112
READ = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
# The header is looked at first and judged here, so Pillow's own later warning is not needed.
Image.MAX_IMAGE_PIXELS = None
# A picture of sixty million pixels takes a quarter of a gigabyte while it is made small.
_THREADS = ThreadPoolExecutor(2, "pictures")


class Picture(NamedTuple):
    """A picture's size in pixels, and a small one of it, or nothing where it is too large."""

    width: int
    height: int
    small: bytes


async def look(path: Path) -> Picture | None:
    """Return what a picture is, or None when it is none that can be read."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _look, path)


def _look(path: Path) -> Picture | None:
    try:
        with Image.open(path, formats=READ) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return Picture(width, height, b"")
            # Reading a PNG's notes unpacks it, so this comes after the judgement of its size.
            turned = image.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
            across, down = (height, width) if turned else (width, height)
            return Picture(across, down, _small(image))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, EOFError):
        return None


def _small(image: Image.Image) -> bytes:
    """Return a small upright picture without the camera's notes about place and owner."""
    image.thumbnail((SMALL * 2, SMALL * 2))
    upright = ImageOps.exif_transpose(image)
    clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    plain = upright.convert("RGBA" if clear else "RGB")
    plain.thumbnail((SMALL, SMALL))
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    packed = BytesIO()
    fresh.save(packed, "WEBP", quality=80, method=4)
    return packed.getvalue()
