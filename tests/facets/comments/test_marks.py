"""What a comment's words become: safe, and what was meant."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.facets.comments import rules
from mainstay.facets.comments.marks import TAGS, Known, Seen, drawn

KNOWN = Known({12: "Ada <L>"}, True, {"TASK-012": Seen("/projects/tasks/3", 'The "<x>"')})
SAFE = {"http", "https", "mailto", "tel", ""}


class Alive(HTMLParser):
    """Finds what could run or fetch in a text, as a browser reads it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ("href", "src", "class", "title", "alt", "rel"):
                self.found.append(f"{tag} {name}")
            scheme = (value or "").strip().partition(":")[0] if ":" in (value or "") else ""
            odd = not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme)
            if name in ("href", "src") and not odd and scheme.lower() not in SAFE:
                self.found.append(f"{tag} {name}={value}")


def alive(html: str) -> list[str]:
    return Alive(html).found


def test_people_codes_tasks_tables_and_addresses() -> None:
    html = drawn(
        "Hi @[Old name](user:12), see TASK-012 and https://a.example/x_y.\n\n"
        "- [ ] open\n- [x] done\n\n| a |\n|---|\n| b |\n",
        KNOWN,
        [12],
    )
    assert ">@Ada &lt;L&gt;</a>" in html
    assert 'href="/projects/tasks/3"' in html
    assert 'href="https://a.example/x_y"' in html
    assert 'class="todo"' in html
    assert 'class="done"' in html
    assert "<td>b</td>" in html


@pytest.mark.parametrize(
    "words",
    [
        "![x](https://evil.example/p.png)",
        "![x](//evil.example/p.png)",
        "![x](/file/1/../../sign-out)",
        "![x](/file/1/%2e%2e)",
        "![x](/file/1/a/b.png)",
        "![x](/projects/tasks/1/delete)",
    ],
)
def test_pictures_come_only_from_this_workspaces_files(words: str) -> None:
    assert "<img" not in drawn(words, KNOWN)


def test_a_picture_of_this_workspace_is_shown() -> None:
    html = drawn("![a plan](/file/12/plan%20(1).png?inline=1)", KNOWN)
    assert "<img" not in html or 'src="/file/12/' in html
    assert '<img src="/file/12/plan.png?inline=1" alt="a plan">' in drawn(
        "![a plan](/file/12/plan.png?inline=1)", KNOWN
    )


def test_code_names_nobody() -> None:
    assert rules.mentions("`@[A](user:1)` @[B](user:2)\n\n```\n@[C](user:3)\n```") == [2]
    assert rules.references("`TASK-1` TASK-2 xTASK-3 #4 a#5 /TASK-6") == ({"TASK-2"}, {4})


def test_a_person_who_may_not_read_is_marked_and_not_linked() -> None:
    html = drawn("@[Ada](user:12)", KNOWN, [])
    assert "unseen" in html
    assert "href" not in html


def test_naughty_strings_run_nothing(naughty: tuple[str, ...]) -> None:
    for text in naughty:
        for words in (text, f"[{text}]({text})", f"![{text}]({text})", f"@[{text}](user:12)"):
            assert not alive(drawn(words, KNOWN)), words


@given(st.text(alphabet="@[]()<>!#`*_-|\n: user:12TASK-012/file\"'&;x=javascript", max_size=120))
def test_any_text_runs_nothing(words: str) -> None:
    assert not alive(drawn(words, KNOWN))
    rules.plain(words)


def test_changes_word_by_word_add_up_to_both_texts() -> None:
    pieces = rules.changes("a b  c", "a x  c d")
    assert "".join(w for k, w in pieces if k != "new") == "a b  c"
    assert "".join(w for k, w in pieces if k != "gone") == "a x  c d"


def test_a_rewritten_text_is_not_compared_word_by_word() -> None:
    assert rules.changes("x" + " a b" * 1200, "x" + " b a" * 1200) == [
        ("same", "x "),
        ("gone", ("a b " * 1200).rstrip()),
        ("new", ("b a " * 1200).rstrip()),
    ]
    assert rules.changes("a b " * 1200, "a b " * 1200) == [("same", "a b " * 1200)]
