"""Words of other programs turned into Markdown: HTML, Jira's wiki text, Atlassian documents."""

from mainstay.modules.importers.markup.adf import from_adf
from mainstay.modules.importers.markup.html import from_html
from mainstay.modules.importers.markup.wiki import from_wiki

__all__ = ["clean", "from_adf", "from_html", "from_wiki"]


def clean(text: object) -> str:
    """Return a text as this workspace can keep it: usual line ends, no characters no base keeps."""
    if text is None:
        return ""
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n")
    if not plain.isprintable():
        plain = "".join(
            sign
            for sign in plain
            if sign in "\n\t" or (ord(sign) >= 32 and not 0xD800 <= ord(sign) <= 0xDFFF)
        )
    return plain.strip("\n").rstrip()
