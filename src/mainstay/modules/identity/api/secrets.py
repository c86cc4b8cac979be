"""Passwords, tokens and one-time codes: made at random, kept only as hashes."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import TypeVar

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.exceptions import OTPVerificationError

T = TypeVar("T")
TOKEN_MARK = "mst_"  # noqa: S105 - what tokens begin with, so that scanners of leaks know them
SHOWN = 10
STEP_WINDOW = 1
RECOVERY_CODES = 10

# Each hash takes 64 MiB and a tenth of a second of one core: two at a time, never on the loop.
_HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(2, "password")


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return await _aside(lambda: _HASHER.hash(password))


async def verify_password(stored: str, password: str) -> bool:
    """Return whether a password matches; without a stored hash it takes as long, and does not."""
    return await _aside(lambda: _verify(stored, password))


def _verify(stored: str, password: str) -> bool:
    try:
        _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _nobody() -> str:
    """Return the hash of a password that nobody has."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def outdated(stored: str) -> bool:
    """Return whether a hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(stored)


def new_token() -> str:
    """Return a random token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_api_token() -> str:
    """Return a random token for a program."""
    return TOKEN_MARK + new_token()


def digest(token: str) -> str:
    """Return the SHA-256 of a random token; it has too many bits to be guessed from its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_totp_secret() -> str:
    """Return a random key for an authenticator app."""
    return pyotp.random_base32()


def totp_address(secret: str, who: str) -> str:
    """Return the otpauth address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=who, issuer_name="Mainstay")


def qr_image(text: str) -> str:
    """Return a QR code as the address of an SVG picture that holds itself."""
    picture = segno.make(text, error="m").svg_inline(scale=4, dark="#000", light="#fff")
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()


def totp_timecode(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, or None when it is not right now."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(
            code.replace(" ", ""), for_time=now, valid_window=STEP_WINDOW
        )
    except OTPVerificationError:
        return None


def new_recovery_codes() -> list[str]:
    """Return the codes that each replace the authenticator once, each shown once."""
    raw = (secrets.token_hex(10) for _ in range(RECOVERY_CODES))
    return ["-".join(code[start : start + 5] for start in range(0, 20, 5)) for code in raw]


def recovery_digest(code: str) -> str:
    """Return the hash of a recovery code, however it was typed."""
    return digest("".join(letter for letter in code.lower() if letter.isalnum()))
