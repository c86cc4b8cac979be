"""Atlassian's document format, as Jira's newer interface gives it, to Markdown."""

from collections.abc import Callable, Mapping
from typing import Any

from mainstay.modules.importers.markup.html import fenced, table, tidy

Node = Mapping[str, Any]
DEEPEST = 60
PLAIN = {"hardBreak": "\n", "rule": "\n\n---\n\n"}
MARKS = {"strong": "**", "em": "*", "strike": "~~"}


def from_adf(document: Any, names: Mapping[str, str] | None = None) -> str:
    """Return the Markdown of a document; what is no document is taken as text."""
    if not isinstance(document, Mapping):
        return str(document or "")
    return tidy(_Writer(names or {}).node(document, 0))


class _Writer:
    """Writes nodes; it knows what people are called."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.kinds: dict[str, Callable[[Node, int], str]] = {
            "text": self._text,
            "heading": self._heading,
            "bulletList": self._list,
            "orderedList": self._list,
            "taskList": self._list,
            "decisionList": self._list,
            "blockquote": self._quote,
            "panel": self._quote,
            "expand": self._expand,
            "nestedExpand": self._expand,
            "table": self._table,
            "codeBlock": self._code,
        }

    def node(self, node: Any, depth: int) -> str:
        """Return one node and what is in it."""
        if not isinstance(node, Mapping) or depth > DEEPEST:
            return ""
        kind = str(node.get("type", ""))
        if kind in self.kinds:
            return self.kinds[kind](node, depth)
        if kind in ("paragraph", "mediaSingle", "mediaGroup", "layoutColumn", "caption"):
            return f"\n\n{self.inside(node, depth)}\n\n"
        return self._small(kind, _attrs(node)) or self.inside(node, depth)

    def inside(self, node: Node, depth: int) -> str:
        """Return what is in a node."""
        return "".join(self.node(one, depth + 1) for one in _content(node))

    def _small(self, kind: str, said: Node) -> str:
        """Return a node that has no inside."""
        if kind in PLAIN:
            return PLAIN[kind]
        if kind == "mention":
            known = self.names.get(str(said.get("id", "")))
            return f"@{known or str(said.get('text', '')).lstrip('@')}"
        if kind == "emoji":
            return str(said.get("text") or said.get("shortName") or "")
        if kind in ("inlineCard", "blockCard", "embedCard"):
            return f"<{said['url']}>" if said.get("url") else ""
        if kind in ("status", "media"):
            name = said.get("text") or said.get("alt") or said.get("url") or said.get("id")
            return f"`{name}`" if name else ""
        return ""

    def _text(self, node: Node, _: int) -> str:
        words = str(node.get("text", ""))
        said = node.get("marks")
        marks = [m for m in (said if isinstance(said, list) else ()) if isinstance(m, Mapping)]
        kinds = {str(mark.get("type")) for mark in marks}
        core = words.strip()
        if not core:
            return words
        before, after = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
        if "code" in kinds and "`" not in core:
            core = f"`{core}`"
        else:
            for kind, sign in MARKS.items():
                core = f"{sign}{core}{sign}" if kind in kinds else core
        for mark in marks:
            address = str(_attrs(mark).get("href", ""))
            if mark.get("type") == "link" and address.startswith(("http", "mailto:")):
                core = f"<{address}>" if core == address else f"[{core}]({address})"
        return f"{before}{core}{after}"

    def _heading(self, node: Node, depth: int) -> str:
        level = _attrs(node).get("level", 2)
        level = level if isinstance(level, int) and 1 <= level <= 6 else 2
        return f"\n\n{'#' * level} {self.inside(node, depth).strip()}\n\n"

    def _list(self, node: Node, depth: int) -> str:
        lines = []
        for place, one in enumerate(_content(node), 1):
            mark = f"{place}." if node["type"] == "orderedList" else "-"
            if one.get("type") in ("taskItem", "decisionItem"):
                done = _attrs(one).get("state") in ("DONE", "DECIDED")
                mark = "- [x]" if done else "- [ ]"
            nested = one.get("type") in ("bulletList", "orderedList", "taskList")
            inner = tidy(self.node(one, depth + 1) if nested else self.inside(one, depth + 1))
            pad = " " * (len(mark.split()[0]) + 1)
            inner = inner.replace("\n\n", "\n").replace("\n", f"\n{pad}")
            lines.append(f"{mark} {inner}" if not nested else f"{pad}{inner}")
        return "\n\n" + "\n".join(lines) + "\n\n"

    def _quote(self, node: Node, depth: int) -> str:
        inner = tidy(self.inside(node, depth))
        return "\n\n" + "\n".join(f"> {line}" for line in inner.split("\n")) + "\n\n"

    def _expand(self, node: Node, depth: int) -> str:
        title = str(_attrs(node).get("title", ""))
        head = f"\n\n**{title}**\n\n" if title else ""
        return f"{head}{self.inside(node, depth)}"

    def _table(self, node: Node, depth: int) -> str:
        rows = []
        for row in _content(node):
            inner = [self.inside(cell, depth + 2) for cell in _content(row)]
            rows.append([" ".join(cell.split()).replace("|", "\\|") for cell in inner])
        return table([row for row in rows if row])

    def _code(self, node: Node, _: int) -> str:
        text = "".join(str(one.get("text", "")) for one in _content(node))
        return fenced(text, str(_attrs(node).get("language") or ""))


def _content(node: Any) -> list[Node]:
    """Return the nodes within one; what is none is passed over."""
    said = node.get("content") if isinstance(node, Mapping) else None
    return [one for one in (said if isinstance(said, list) else ()) if isinstance(one, Mapping)]


def _attrs(node: Node) -> Node:
    said = node.get("attrs")
    return said if isinstance(said, Mapping) else {}
