"""Mainstay's own application, served as the yardsticks are: no access log, nothing else changed."""

from typing import Any

from mainstay.app import asgi
from mainstay.delivery.observe import start_logging
from mainstay.settings import load


def app() -> Any:
    """Return the application of the settings in the environment."""
    start_logging("warning", "json")
    return asgi(load())
