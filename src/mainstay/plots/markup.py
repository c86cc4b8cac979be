"""Writing SVG: elements whose texts and attributes are always escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Value = str | float


def element(name: str, *inside: Markup | str, **given: Value | None) -> Markup:
    """Return an element; `class_` and `text_anchor` are written class and text-anchor."""
    written = "".join(
        f' {_name(key)}="{escape(_value(value))}"'
        for key, value in given.items()
        if value != ""
        if value is not None
    )
    content = "".join(str(escape(part)) for part in inside)
    return Markup(f"<{name}{written}>{content}</{name}>")  # noqa: S704


def joined(parts: Iterable[Markup]) -> Markup:
    """Return elements one after the other."""
    return Markup("").join(parts)


def percent(share: float) -> str:
    """Write a place as a share of the width, in hundredths."""
    return f"{_value(share)}%"


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: Value) -> str:
    return value if isinstance(value, str) else f"{round(value, 2):g}"
