"""Jira's wiki text to Markdown."""

import re
from collections.abc import Callable

from mainstay.modules.importers.markup.html import fenced, table, tidy

BLOCK = re.compile(r"\{(code|noformat)(?::([^}\n]*))?\}(.*?)\{\1\}", re.DOTALL | re.IGNORECASE)
QUOTE = re.compile(r"\{quote\}(.*?)\{quote\}", re.DOTALL | re.IGNORECASE)
PANEL = re.compile(r"\{(panel|info|note|tip|warning)(?::([^}\n]*))?\}(.*?)\{\1\}", re.DOTALL)
COLOR = re.compile(r"\{color(?::[^}\n]*)?\}|\{anchor:[^}\n]*\}|\{toc[^}\n]*\}", re.IGNORECASE)
HEADING = re.compile(r"^\s*h([1-6])\.[ \t]*(.*)$", re.MULTILINE)
BULLET = re.compile(r"^\s*([*#-]+)[ \t]+(.*)$")
ROW = re.compile(r"^\s*\|")
IMAGE = re.compile(r"!([^\s!|][^!|\n]*?)(\|[^!\n]*)?!(?!\w)")
LINK = re.compile(r"\[([^\[\]\n]+)\]")
USER = re.compile(r"\[~(?:accountid:)?([^\]\n]+)\]")
WEB = re.compile(r"^(https?://|mailto:|ftp://)", re.IGNORECASE)
HELD = "\x02{}\x03"
MARKS = (
    (re.compile(r"\{\{(.+?)\}\}"), r"`\1`"),
    (re.compile(r"(?<![\w*\\])\*(?=\S)([^*\n]*?\S)\*(?![\w*])"), r"**\1**"),
    (re.compile(r"(?<![\w_\\/])_(?=\S)([^_\n]*?\S)_(?![\w_])"), r"*\1*"),
    (re.compile(r"(?<![\w\-\\])-(?=[^\s-])([^\n]*?[^\s-])-(?![\w-])"), r"~~\1~~"),
    (re.compile(r"(?<![\w+\\])\+(?=[^\s+])([^+\n]*?[^\s+])\+(?![\w+])"), r"\1"),
    (re.compile(r"\?\?(?=\S)([^?\n]*?\S)\?\?"), r"*\1*"),
)
LANGUAGES = re.compile(r"^[\w+#-]{1,20}$")


def from_wiki(text: str, names: dict[str, str] | None = None) -> str:
    """Return the Markdown of Jira's wiki text; `names` says what people are called."""
    held: list[str] = []

    def keep(words: str) -> str:
        """Put a part aside that no rule must touch."""
        held.append(words)
        return HELD.format(len(held) - 1)

    text = text.replace("\x02", "").replace("\x03", "")
    text = BLOCK.sub(lambda found: keep(_code(found)), text)
    text = QUOTE.sub(lambda found: _quoted(found[1]), text)
    text = PANEL.sub(lambda found: _panel(found[2] or "", found[3]), text)
    text = COLOR.sub("", text)
    text = USER.sub(lambda found: f"@{(names or {}).get(found[1], found[1])}", text)
    text = IMAGE.sub(lambda found: keep(_image(found[1])), text)
    text = LINK.sub(lambda found: _link(found, keep), text)
    text = re.sub(r"https?://[^\s\]|)>]+", lambda found: keep(found[0]), text)
    text = _lines(text)
    for rule, words in MARKS:
        text = rule.sub(words, text)
    text = HEADING.sub(lambda found: f"\n\n{'#' * int(found[1])} {found[2].strip()}\n\n", text)
    text = re.sub(r"^-{4,}\s*$", "\n---\n", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*bq\.\s*", "> ", text, flags=re.MULTILINE)
    text = re.sub(r"\\\\(?=\s)", "\n", text)
    text = re.sub(r"\\([*_\-+{}\[\]|!#~^])", r"\1", text)
    while HELD[0] in text:
        text = re.sub(r"\x02(\d+)\x03", lambda found: held[int(found[1])], text)
    return tidy(text)


def _code(found: re.Match[str]) -> str:
    said = (found[2] or "").split("|")
    language = next((one for one in said if LANGUAGES.match(one)), "")
    return fenced(found[3].strip("\n"), "" if found[1].lower() == "noformat" else language)


def _quoted(text: str) -> str:
    return "\n\n" + "\n".join(f"> {line}" for line in text.strip().split("\n")) + "\n\n"


def _panel(said: str, text: str) -> str:
    options = dict(part.split("=", 1) for part in said.split("|") if "=" in part)
    title = options.get("title", "")
    return _quoted(f"**{title}**\n{text.strip()}" if title else text)


def _image(source: str) -> str:
    if WEB.match(source):
        return f"![]({source.replace(' ', '%20')})"
    return f"`{source}`"


def _link(found: re.Match[str], keep: Callable[[str], str]) -> str:
    words, sign, address = found[1].rpartition("|")
    if sign and (not WEB.match(address) and WEB.match(words.rpartition("|")[2])):
        words, _, address = words.rpartition("|")
    address = address.strip()
    if address.startswith("^"):
        return keep(f"`{address[1:]}`")
    if not WEB.match(address):
        return words.strip() or found[0] if sign else found[0]
    if not words.strip():
        return keep(f"<{address}>")
    safe = address.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{words.strip()}]({keep(safe)})"


def _lines(text: str) -> str:
    """Bring lists and tables, which are made of whole lines, into their form."""
    done: list[str] = []
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if ROW.match(line):
            rows.append(_cells(line))
            continue
        if rows:
            done.append(table(rows))
            rows = []
        done.append(_bullet(line))
    if rows:
        done.append(table(rows))
    return "\n".join(done)


def _cells(line: str) -> list[str]:
    bare = line.strip().strip("|")
    sign = "||" if line.strip().startswith("||") else "|"
    return [cell.strip().strip("|").strip() for cell in bare.split(sign)]


def _bullet(line: str) -> str:
    found = BULLET.match(line)
    if not found or (set(found[1]) == {"-"} and len(found[1]) > 1):
        return line
    marks = found[1]
    pad = "".join("   " if mark == "#" else "  " for mark in marks[:-1])
    return f"{pad}{'1.' if marks[-1] == '#' else '-'} {found[2]}"
