"""Write the catalogue of every text that a person reads, for translators to start from.

python -m scripts.texts          writes src/mainstay/locale/mainstay.pot
python -m scripts.texts --check  fails when the file is not what the sources say
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import get_args

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from mainstay import app
from mainstay.delivery import forms
from mainstay.kernel.entity import Event
from mainstay.kernel.fields import Choice, snake, spoken
from mainstay.kernel.module import Module, sentence
from mainstay.kernel.noun import Noun
from mainstay.kernel.problems import catalogue
from mainstay.kernel.views import View
from scripts import refusals

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/mainstay"
LOCALE = SOURCES / "locale"
TARGET = LOCALE / "mainstay.pot"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def in_sources() -> Iterator[str | tuple[str, str]]:
    """Yield the texts marked in Python files and templates."""
    with (LOCALE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(SOURCES), methods, options, keywords=KEYWORDS)
    for _file, _line, message, _notes, _context in found:
        yield message


def in_declarations() -> Iterator[str]:
    """Yield the texts that rooms declare: titles, labels, help, choices, verbs, problems."""
    for module in app.modules():
        yield from of_module(module)
    for noun in app.registry().nouns.values():
        yield from of_noun(noun)
    for kind in catalogue():
        yield from (kind.title, sentence(kind.__doc__))
    yield from (kind.says for kind in get_args(View))
    yield from (spoken(snake(event.__name__)) for event in Event.__subclasses__())


def of_module(module: Module) -> Iterator[str]:
    """Yield the texts of one room's card."""
    yield module.doc
    if module.menu:
        yield module.menu.title
    panels = (panel for panels in module.panels.values() for panel in panels)
    for part in (*module.pages, *module.wears, *module.offers, *panels):
        yield part.title


def of_noun(noun: Noun) -> Iterator[str]:
    """Yield the texts of one resource."""
    yield from (noun.title, noun.plural, noun.doc.split("\n\n")[0])
    for field in noun.fields.values():
        if field.kind.secret:
            continue
        yield from (field.label, field.kind.help)
        if isinstance(field.kind, Choice):
            yield from map(spoken, field.kind.values)
    for action in noun.actions.values():
        yield from (action.label, sentence(action.doc), action.doc.split("\n\n")[0])
        for field in forms.asked(action.data) if action.data else ():
            yield from (field.label, field.help)
            if isinstance(field.kind, Choice):
                yield from map(spoken, field.kind.values)
    for part in (*noun.resource.related, *noun.resource.panels, *noun.resource.named):
        yield part.title
    for view in noun.resource.views:
        yield view.title
    for group in noun.resource.groups:
        yield group.title


def catalog() -> bytes:
    """Return the catalogue's text, in an order that does not move when a file does."""
    texts = Catalog(project="Mainstay", fuzzy=False)
    known = {text if isinstance(text, str) else text[0]: text for text in in_declarations()}
    known |= {text: text for text in refusals.sentences(SOURCES)}
    known |= {text if isinstance(text, str) else text[0]: text for text in in_sources()}
    for key in sorted(known):
        if key:
            texts.add(known[key])
    out = BytesIO()
    write_po(out, texts, omit_header=True, no_location=True, width=100)
    return out.getvalue()


def main() -> int:
    """Write the catalogue, or compare it."""
    text = catalog()
    if "--check" in sys.argv:
        if TARGET.read_bytes() == text:
            return 0
        print(f"{TARGET.relative_to(ROOT)} is not current: run python -m scripts.texts")
        return 1
    TARGET.write_bytes(text)
    print(f"{text.count(b'msgid ')} texts in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
