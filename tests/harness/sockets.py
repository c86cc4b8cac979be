"""Keeps the tests on this machine: any socket that leaves it is an error."""

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest

LOCAL_NAMES = {"", "localhost", "ip6-localhost", "0.0.0.0", "::"}  # noqa: S104  # names, not binds
WATCHED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}
_guard: dict[str, bool] = {"on": False, "installed": False}


class OutsideSocketError(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Say whether a host is this machine, as a name or an address."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is None or host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in WATCHED or not _guard["on"]:
        return
    if event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        # A Unix socket's address is a path, not a pair.
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    if not is_local(host):
        raise OutsideSocketError(f"tests stay on this machine, but {event} was asked for {host!r}")


@pytest.fixture(scope="session", autouse=True)
def local_sockets_only() -> Iterator[None]:
    """Refuse to look up or reach any other machine, from any library.

    An audit hook sees what a patched `socket.connect` would miss. uvloop does its own
    networking, which is one reason why tests run on asyncio's loop.
    """
    if not _guard["installed"]:
        sys.addaudithook(_watch)
    _guard.update(on=True, installed=True)
    yield
    _guard["on"] = False
