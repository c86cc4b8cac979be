"""HTML, Jira's wiki text and Atlassian documents become the same Markdown."""

from typing import Any

import pytest

from mainstay.modules.importers.markup import clean, from_adf, from_html, from_wiki


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Hello <b>bold</b></p><p>next</p>", "Hello **bold**\n\nnext"),
        ('<a href="https://x.y/a(1)">it</a>', "[it](https://x.y/a%281%29)"),
        ('<a href="javascript:alert(1)">it</a>', "it"),
        ("<ul><li>one<ul><li>in</li></ul></li><li>two</li></ul>", "- one\n  - in\n- two"),
        ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
        ("<script>alert(1)</script>a &lt; b", "a < b"),
        ("<pre>if x:\n   y</pre>", "```\nif x:\n   y\n```"),
        ("a<br/>b", "a\nb"),
        ("<h2>Head</h2>", "## Head"),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2|3</td></tr></table>",
            "| A | B |\n| --- | --- |\n| 1 | 2\\|3 |",
        ),
        ('<a class="user-hover" rel="anna">Anna</a>', "@Anna"),
        ("<p>never closed <i>it", "never closed *it*"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert from_html(html) == markdown


@pytest.mark.parametrize(
    ("wiki", "markdown"),
    [
        ("h2. Head\ntext", "## Head\n\ntext"),
        ("*bold* _it_ -gone- {{mono}}", "**bold** *it* ~~gone~~ `mono`"),
        ("a-b-c 5 * 3 * 2 snake_case_name", "a-b-c 5 * 3 * 2 snake_case_name"),
        ("* one\n** two\n# num", "- one\n  - two\n1. num"),
        ("||A||B||\n|1|2|", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
        ("{code:java}\nint *x* = 1;\n{code}", "```java\nint *x* = 1;\n```"),
        ("[site|https://x.org/_a_b_]", "[site](https://x.org/_a_b_)"),
        ("[~anna] !pic.png|thumbnail!", "@Anna Meier `pic.png`"),
        ("{quote}q1\nq2{quote}", "> q1\n> q2"),
        ("{color:red}red{color} https://a_b_c.org/x_y_", "red https://a_b_c.org/x_y_"),
    ],
)
def test_wiki_text_becomes_markdown(wiki: str, markdown: str) -> None:
    assert from_wiki(wiki, {"anna": "Anna Meier"}) == markdown


def words(text: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": mark} for mark in marks]}


def block(kind: str, *content: Any, **attrs: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), "attrs": attrs}


def test_a_document_becomes_markdown() -> None:
    item = block("listItem", block("paragraph", words("one")))
    tick = block("taskItem", words("tick"), state="DONE")
    document = block(
        "doc",
        block("heading", words("Head"), level=3),
        block(
            "paragraph",
            words("Hi "),
            words("bold", "strong"),
            words(" by "),
            {"type": "mention", "attrs": {"id": "7", "text": "@x"}},
        ),
        block("bulletList", item),
        block("taskList", tick),
        block("codeBlock", words("x = 1"), language="py"),
    )
    assert from_adf(document, {"7": "Anna"}) == (
        "### Head\n\nHi **bold** by @Anna\n\n- one\n\n- [x] tick\n\n```py\nx = 1\n```"
    )


def test_text_loses_what_no_database_keeps() -> None:
    assert clean("a\x00b\ud800c\r\nd\x0b") == "abc\nd"
