"""The words of a search are marked where they stand, and nothing in a text becomes markup."""

import pytest

from mainstay.delivery.marks import marked, snippet


@pytest.mark.parametrize(
    ("text", "q", "wanted"),
    [
        ("Store inverter readings", "inv", "Store <mark>inv</mark>erter readings"),
        ("Größe der Quais", "gro quai", "<mark>Grö</mark>ße der <mark>Quai</mark>s"),
        ("Größe", "größ", "<mark>Größ</mark>e"),
        ("Café du Quai", "cafe", "<mark>Café</mark> du Quai"),
        ("İstanbul ve izmir", "izmir", "İstanbul ve <mark>izmir</mark>"),
        ("B-100 & <b>", "b 100", "<mark>B</mark>-<mark>100</mark> &amp; &lt;<mark>b</mark>&gt;"),
        ("50 %", "%", "50 <mark>%</mark>"),
        ("unfound", "found", "unfound"),
        ("anything", "", "anything"),
    ],
)
def test_words_are_marked_from_their_beginning(text: str, q: str, wanted: str) -> None:
    assert str(marked(text, q)) == wanted


def test_a_snippet_shows_what_is_around_the_first_word() -> None:
    text = "Nothing of interest here. " * 20 + "The inverter hums. " + "More of it follows. " * 20
    said = str(snippet(text, "inverter"))
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert "The <mark>inverter</mark> hums." in said
    assert len(said) < 260
    assert snippet("nothing", "inverter") == ""


def test_no_text_becomes_markup(naughty: tuple[str, ...]) -> None:
    for text in naughty:
        for said in (marked(text, "a"), snippet(text, text[:20]), marked(text, text)):
            bare = str(said).replace("<mark>", "").replace("</mark>", "")
            assert "<" not in bare
            assert ">" not in bare
