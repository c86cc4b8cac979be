"""How alike two reports are, in English, German and scripts without spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.modules.issues import likeness
from mainstay.modules.issues.likeness import Report, rank

ENGLISH = [
    "Chart of last month is empty on the first day",
    "Export of a year takes four minutes",
    "Sign-in link works a second time",
    "Focus is lost after closing the menu",
    "Bars jump when the clocks change",
    "Login page crashes on Safari when the password is wrong",
    "Password reset mail never arrives",
    "Dark theme: table header unreadable",
]
GERMAN = [
    "Fehlermeldung beim Speichern der Rechnung",
    "Rechnungen lassen sich nicht speichern",
    "Anmeldung schlägt mit falschem Kennwort fehl",
    "Die Suche findet keine Kunden mit Umlauten",
    "Kalender zeigt Feiertage doppelt",
    "Drucken der Lieferscheine ist sehr langsam",
]
JAPANESE = [
    "ログイン画面が表示されない",
    "請求書の印刷に失敗する",
    "検索結果が空になる",
    "カレンダーに祝日が二重に表示される",
]


@pytest.mark.parametrize(
    ("pool", "asked", "first"),
    [
        (ENGLISH, "Charts are empty on first of the month", 0),
        (ENGLISH, "yearly export is slow, takes minutes", 1),
        (ENGLISH, "sign in links work twice", 2),
        (ENGLISH, "Crash of the login page in Safari with a wrong pasword", 5),
        (GERMAN, "Rechnung kann nicht gespeichert werden", 1),
        (GERMAN, "Fehler bei Anmeldung, falsches Kennwort", 2),
        (GERMAN, "Kundensuche mit Umlaut findet nichts", 3),
        (JAPANESE, "ログインの画面が出ない", 0),
        (JAPANESE, "祝日がカレンダーで二重になる", 3),
    ],
)
def test_what_says_the_same_comes_first(pool, asked, first):
    reports = [Report(n + 1, title) for n, title in enumerate(pool)]
    assert rank(Report(0, asked), reports)[0][0] == first + 1


@pytest.mark.parametrize(
    ("pool", "asked"),
    [
        (ENGLISH, "Invoice number is missing"),
        (GERMAN, "Zeiterfassung rundet falsch"),
        (JAPANESE, "通知の音が鳴らない"),
        (ENGLISH, "the of and"),
        (ENGLISH, ""),
    ],
)
def test_what_is_something_else_is_not_suggested(pool, asked):
    assert rank(Report(0, asked), [Report(n + 1, title) for n, title in enumerate(pool)]) == []


def test_what_is_said_below_the_title_counts_too():
    pool = [
        Report(1, "Portal is broken", "The export of the yearly report times out"),
        Report(2, "Portal is broken", "Nobody can sign in"),
    ]
    found = rank(Report(0, "Portal broken: yearly export", "times out"), pool)
    assert found[0][0] == 1


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=6))
def test_likeness_is_a_share_and_a_report_is_most_like_itself(title, others):
    pool = [Report(n + 1, other) for n, other in enumerate(others)]
    found = rank(Report(0, title), [*pool, Report(99, title)])
    assert all(likeness.LIKE <= share <= 1 for _, share in found)
    if likeness.terms(title):
        assert found[0][1] == max(share for _, share in found)
        assert 99 in [one for one, _ in found]


def test_words_to_look_up_are_the_longest_without_their_endings():
    assert likeness.lookups("The chart of the inverters crashes") == ["inverter", "crash", "chart"]
    assert likeness.lookups("ログイン画面が表示されない") == ["ログイ"]
    assert likeness.lookups("of the") == []
