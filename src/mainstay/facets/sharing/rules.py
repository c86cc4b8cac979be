"""Rules of sharing: what a link may show, how long it lasts, how slow guessing is."""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

USUAL_DAYS = 30
LONGEST_DAYS = 366
LEAST_PASSWORD = 6
FREE_TRIES = 5
FREE_EVERYWHERE = 50
LONGEST_WAIT = timedelta(minutes=15)


def new_token() -> str:
    """Return a random token of 256 bits, as it stands in a link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the hash under which a token is kept; it cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def pass_of(token: str, password_hash: str) -> str:
    """Return what a browser keeps once it knew the password; a new password makes it void."""
    return hmac.new(token.encode(), password_hash.encode(), hashlib.sha256).hexdigest()


def place_of(address: str) -> str:
    """Return the hash of where somebody is; of IPv6 the network, since one customer has it all."""
    try:
        found = ipaddress.ip_address(address)
        net = found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False)
    except ValueError:
        return digest(address)
    return digest(str(net))


EVERYWHERE = digest("everywhere")


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long the next try must wait after so many wrong ones."""
    if failures < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - free + 1, 20)), LONGEST_WAIT)


def end_of(days: int | None, now: datetime) -> datetime:
    """Return until when a link lasts."""
    return now + timedelta(days=USUAL_DAYS if days is None else days)


def query_of(text: str) -> str:
    """Return the part of a list's address that chooses its records, their order and columns."""
    kept = [p for p in parse_qsl(text) if p[0] not in ("cursor", "deleted", "limit", "count", "v")]
    return urlencode(kept)
