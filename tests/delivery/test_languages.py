"""Every language says everything, with the same values in it, and refusals too."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mainstay.delivery import words
from mainstay.delivery.refusals import refusal, translated
from mainstay.kernel.problems import FieldError, Invalid

LOCALE = words.FOLDER
OTHERS = [name for name in words.languages() if name != "en"]
GAP = re.compile(r"%\(\w+\)s|%d|\{\w+\}")
# Sentences that are nothing but values: a translation would fit anything.
BARE = re.compile(r"^[^A-Za-z]*$|^must (be|have) \{0\}( ?\{\d\})+|^\{0\}, not |\{1\}e?d (here|by)")


def texts(path: Path) -> dict[str, tuple[str, ...]]:
    with path.open("rb") as file:
        found = read_po(file)
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): (
            (one.string,) if isinstance(one.string, str) else tuple(one.string)
        )
        for one in found
        if one.id
    }


def test_there_is_a_language_beside_english() -> None:
    assert OTHERS


@pytest.mark.parametrize("name", OTHERS)
def test_a_language_says_everything(name: str) -> None:
    wanted = texts(LOCALE / "mainstay.pot")
    said = texts(LOCALE / name / "LC_MESSAGES" / "mainstay.po")
    missing = [key for key in wanted if not all(said.get(key, ("",))) and not BARE.search(key)]
    assert missing == []
    assert sorted(set(said) - set(wanted)) == []


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_keeps_the_values(name: str) -> None:
    said = texts(LOCALE / name / "LC_MESSAGES" / "mainstay.po")
    for key, strings in said.items():
        # One of a thing may be said without its number, in either language.
        spared = "%(num)s" if len(strings) > 1 else ""
        for text in filter(None, strings):
            said_, wanted = (Counter(GAP.findall(one)) for one in (text, key))
            del said_[spared], wanted[spared]
            assert said_ == wanted, key


def test_refusals_are_said_in_the_readers_language() -> None:
    words.speak("de")
    try:
        assert refusal("At most 5000 changes at once; these are 7001.") == (
            "Höchstens 5000 Änderungen auf einmal; dies sind 7001."
        )
        assert refusal("There is no label 17, or you may not see it.") == (
            "Es gibt keinen Eintrag „Beschriftung 17“, oder du darfst ihn nicht sehen."
        )
        assert refusal("title is required.") == "title fehlt; es ist Pflicht."
        assert refusal("Nobody has ever said this.") == "Nobody has ever said this."
        problem = Invalid("title is required.", errors=[FieldError("title", "is required")])
        document = translated(problem.document("/api/x"))
        assert document["title"] == "Einige Werte wurden nicht übernommen"
        assert document["errors"][0].message == "fehlt; es ist Pflicht"
    finally:
        words.speak("en")
    assert refusal("title is required.") == "title is required."
