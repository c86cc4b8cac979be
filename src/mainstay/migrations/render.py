"""How the workspace's own column types are written into generated steps and compared."""

from typing import Any, Literal

from mainstay.kernel.fields import Choice, Day, Dec, Flag, Instant, Json, Real, Stored, Text, Whole


def rendered(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write a column type in the frozen vocabulary of `types`."""
    if kind != "type" or not isinstance(item, Stored):
        return "types.key()" if kind == "type" and _is_key(item) else False
    field = item.kind
    if isinstance(field, Instant):
        return "types.instant()"
    if isinstance(field, Day):
        return "types.day()"
    if isinstance(field, Dec):
        return f"types.decimal({field.digits}, {field.scale})"
    if isinstance(field, Json):
        return "types.document()"
    if isinstance(field, Text):
        return "sa.Text()" if field.most > 1000 else f"sa.String({field.most})"
    if isinstance(field, Choice):
        return "sa.SmallInteger()" if field.ordered else "sa.String(40)"
    plain = {Whole: "sa.BigInteger()", Real: "sa.Double()", Flag: "sa.Boolean()"}
    return next(text for known, text in plain.items() if isinstance(field, known))


def _is_key(item: Any) -> bool:
    return type(item).__name__ == "BigInteger" and "sqlite" in getattr(item, "_variant_mapping", {})


def compared(item: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:
    """Leave out what the search makes for itself, FTS tables and expression indexes, and keys.

    References are compared by the kernel: SQLite does not tell Alembic what a deletion does.
    """
    del item
    if kind == "foreign_key_constraint":
        return False
    if kind == "table" and reflected:
        return "_fts" not in (name or "") and not (name or "").startswith("sqlite_")
    return not (kind == "index" and reflected and (name or "").endswith("_search"))
