"""HTML to Markdown: what a reader saw stays, how it was coloured does not."""

import re
from html.parser import HTMLParser

MARKS = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "cite": "*",
    "del": "~~",
    "s": "~~",
    "strike": "~~",
    "tt": "`",
    "code": "`",
    "kbd": "`",
}
BLOCKS = frozenset(
    (
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "figure",
        "table",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "address",
        "details",
        "summary",
    )
)
SILENT = frozenset(("script", "style", "head", "title", "template", "noscript"))
HEADINGS = {f"h{n}": "#" * n for n in range(1, 7)}
SAFE = re.compile(r"^(https?://|mailto:|/|#)", re.IGNORECASE)
SPACE = re.compile(r"[ \t\r\n\f]+")
DEEPEST = 100


def from_html(text: str) -> str:
    """Return the Markdown of an HTML fragment; a text without tags is only unescaped."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.end()


class _Reader(HTMLParser):
    """Collects Markdown while the tags come in; what is never closed is closed at the end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[list[str]] = [[]]
        self.open: list[tuple[str, dict[str, str]]] = []
        self.lists: list[list[int]] = []
        self.silent = 0
        self.pre = 0
        self.rows: list[list[str]] = []

    @property
    def out(self) -> list[str]:
        """Return where text goes now."""
        return self.stack[-1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a tag."""
        said = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self.silent += 1
        elif tag == "br":
            self.out.append("\n")
        elif tag == "hr":
            self.out.append("\n\n---\n\n")
        elif tag == "img":
            self._image(said)
        elif tag == "input" and said.get("type") == "checkbox":
            self.out.append("[x] " if "checked" in said else "[ ] ")
        elif tag in ("ul", "ol"):
            self.lists.append([0] if tag == "ol" else [-1])
            self._push(tag, said)
        elif tag in ("li", "tr", "p", "td", "th", "dt", "dd"):
            self._close_same(tag)
            self._push(tag, said)
        elif len(self.open) < DEEPEST and tag not in ("meta", "link", "wbr", "input", "col"):
            self.pre += tag == "pre"
            self._push(tag, said)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that ends where it begins."""
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1][0] == tag:
            self._pop()

    def _push(self, tag: str, said: dict[str, str]) -> None:
        self.open.append((tag, said))
        self.stack.append([])

    def _close_same(self, tag: str) -> None:
        """Close a paragraph, item or cell that the next one ends without saying so."""
        walls = {"li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",)}
        kin = {"td": ("td", "th"), "th": ("td", "th"), "dt": ("dt", "dd"), "dd": ("dt", "dd")}
        for place in range(len(self.open) - 1, -1, -1):
            known = self.open[place][0]
            if known in walls.get(tag, ("td", "li", "div", "blockquote", "dl")):
                return
            if known in kin.get(tag, (tag,)):
                while len(self.open) > place:
                    self._pop()
                return

    def handle_endtag(self, tag: str) -> None:
        """End a tag, and those within it that were left open."""
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("br", "p") and not any(known == tag for known, _ in self.open):
            self.out.append("\n")
        elif any(known == tag for known, _ in self.open):
            while self._pop() != tag:
                pass

    def _pop(self) -> str:
        tag, said = self.open.pop()
        text = "".join(self.stack.pop())
        if tag == "pre":
            self.pre -= 1
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        self.out.append(self._written(tag, said, text))
        return tag

    def handle_data(self, data: str) -> None:
        """Take words."""
        if self.silent:
            return
        self.out.append(data if self.pre else SPACE.sub(" ", data.replace("\xa0", " ")))

    def _image(self, said: dict[str, str]) -> None:
        source, words = said.get("src", ""), said.get("alt") or said.get("title") or ""
        if "emoticon" in said.get("class", "") or "/icons/emoticons/" in source:
            self.out.append(words)
        elif SAFE.match(source):
            self.out.append(f"![{words}]({_address(source)})")
        elif words or source:
            self.out.append(words or source.rpartition("/")[2][:120])

    def _written(self, tag: str, said: dict[str, str], text: str) -> str:
        """Return a closed tag as Markdown."""
        if tag in MARKS:
            return _marked(text, MARKS[tag]) if not (tag == "code" and self.pre) else text
        if tag in HEADINGS:
            return f"\n\n{HEADINGS[tag]} {_line(text)}\n\n" if text.strip() else ""
        if tag in ("td", "th", "tr", "table"):
            return self._part_of_table(tag, text)
        if tag in ("ul", "ol"):
            nested = bool(self.lists)
            return f"\n{text.rstrip()}\n" if nested else f"\n\n{text.strip(chr(10))}\n\n"
        writers = {"a": _link, "pre": _pre, "blockquote": _quote}
        if tag in writers:
            return writers[tag](said, text)
        return self._block(tag, text)

    def _block(self, tag: str, text: str) -> str:
        """Return an item of a list, or a part of the page that stands by itself."""
        if tag == "li":
            return self._item(text)
        if tag in BLOCKS:
            return f"\n\n{text.strip()}\n\n" if text.strip() else ""
        return text

    def _part_of_table(self, tag: str, text: str) -> str:
        """Put a cell or a row aside until its table ends."""
        if tag == "table":
            return self._table() + text
        if tag == "tr":
            self.rows.append([])
        else:
            self.rows = self.rows or [[]]
            self.rows[-1].append(_line(text).replace("|", "\\|"))
        return ""

    def _item(self, text: str) -> str:
        mark = "-"
        if self.lists and self.lists[-1][0] >= 0:
            self.lists[-1][0] += 1
            mark = f"{self.lists[-1][0]}."
        lines = tidy(text).split("\n")
        pad = " " * (len(mark) + 1)
        rest = [f"{pad}{line}" if line else "" for line in lines[1:]]
        return "\n".join([f"{mark} {lines[0]}", *rest]) + "\n"

    def _table(self) -> str:
        rows, self.rows = [row for row in self.rows if row], []
        return table(rows)

    def end(self) -> str:
        """Close what is open and return all of it."""
        while self.open:
            self._pop()
        loose = self._table() if self.rows else ""
        return tidy("".join(self.out) + loose)


def table(rows: list[list[str]]) -> str:
    """Return a Markdown table; its first row is the heading."""
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in full]
    lines.insert(1, f"|{' --- |' * width}")
    return "\n\n" + "\n".join(lines) + "\n\n"


def fenced(code: str, language: str = "") -> str:
    """Return code between fences that do not occur in it."""
    fence = "```"
    while fence in code:
        fence += "`"
    word = re.sub(r"[^\w+#-]", "", language)[:20]
    return f"\n\n{fence}{word}\n{code}\n{fence}\n\n"


def _marked(text: str, mark: str) -> str:
    """Put marks around words, inside the spaces that surround them."""
    core = text.strip()
    if not core or (mark == "`" and "`" in core):
        return text
    if "\n\n" in core:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{core}{mark}{after}"


def _pre(said: dict[str, str], text: str) -> str:
    return fenced(text.strip("\n"), said.get("data-language", ""))


def _quote(said: dict[str, str], text: str) -> str:
    del said
    return "\n\n" + "\n".join(f"> {line}" for line in tidy(text).split("\n")) + "\n\n"


def _link(said: dict[str, str], text: str) -> str:
    address, words = said.get("href", ""), _line(text)
    if "user-hover" in said.get("class", "") or said.get("accountid") or said.get("rel") == "user":
        return f"@{words.lstrip('@')}" if words else ""
    if not SAFE.match(address):
        return text
    if not words or words == address:
        return f"<{address}>" if re.match(r"^(https?|mailto):", address) else words
    return f"[{words}]({_address(address)})"


def _address(address: str) -> str:
    return address.strip().replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _line(text: str) -> str:
    return " ".join(text.split())


def tidy(text: str) -> str:
    """Return Markdown without spaces at line ends and with one empty line between blocks."""
    parts = re.split(r"(\n(`{3,})[^\n]*\n.*?\n\2(?=\n|$))", text, flags=re.DOTALL)
    done = []
    for place in range(0, len(parts), 3):
        loose = re.sub(r"[ \t]+\n", "\n", parts[place])
        loose = re.sub(r"\n(?: (?=[^ \s-]))", "\n", loose)
        done.append(re.sub(r"\n{3,}", "\n\n", loose))
        if place + 1 < len(parts):
            done.append(parts[place + 1])
    return re.sub(r"\n{3,}(?=`{3})", "\n\n", "".join(done)).strip()
