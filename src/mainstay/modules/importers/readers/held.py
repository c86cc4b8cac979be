"""Bytes of files that an export holds itself, written aside while it is read."""

import base64
import binascii
import hashlib
from pathlib import Path

MOST = 100 << 20


class Bytes:
    """Keeps what files hold under the name of their content."""

    def __init__(self, folder: Path) -> None:
        """Keep them in this folder."""
        self.folder = folder

    def take(self, raw: object) -> str:
        """Write base64 text (or a `data:` address) aside; return its name, or nothing."""
        if not isinstance(raw, str) or not raw:
            return ""
        text = raw.partition(",")[2] if raw.startswith("data:") else raw
        if len(text) > MOST * 4 // 3:
            return ""
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return ""
        if not content:
            return ""
        name = hashlib.sha256(content).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
        return name
