"""Each program's export, read into the one form that the rest works with."""

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay.kernel.problems import Invalid
from mainstay.modules.importers.model import Item, Survey
from mainstay.modules.importers.staging import items_in, keys_in, relations_in, stage
from tests.modules.importers import exports


@pytest.fixture
def read(tmp_path: Path):
    """Read an export; return what was found in it, its items by key, and where they lie."""

    def reading(name: str, text: str | bytes) -> tuple[Survey, dict[str, Item], Path]:
        path = exports.written(tmp_path, name, text)
        folder = tmp_path / f"{name}.read"
        survey = stage(path, name, folder)
        return survey, {item.key: item for item in items_in(folder)}, folder

    return reading


def left(survey: Survey) -> dict[str, int]:
    return {f"{one.what}: {one.why}": one.count for one in survey.left}


def test_jira_csv_with_repeated_columns(read) -> None:
    text = exports.jira_csv(exports.STORY, exports.PART, exports.EPIC)
    survey, items, folder = read("jira.csv", text)
    one = items["PROJ-1"]
    assert (survey.source, survey.total) == ("jira_csv", 3)
    assert (one.title, one.type, one.status, one.priority) == (
        "Log in, please",
        "Story",
        "Done",
        "High",
    )
    assert one.description == "# Hi\n\n**bold**"
    assert (one.labels, one.components, one.fixed_in) == (["ui", "backend"], ["Web"], ["1.0"])
    assert (one.points, one.estimate, one.spent) == (5.0, 28800, 5400)
    assert one.sprints == ["Sprint 1", "Sprint 2"]
    # A comment is an instant, an author, and words that may have semicolons in them.
    assert [(c.author, c.body) for c in one.comments] == [
        ("5b10a", "First\nline; with **signs**"),
        ("carl", "hm"),
    ]
    assert str(one.comments[0].at) == "2021-03-12 17:00:00+00:00"
    assert (one.attachments[0].name, one.attachments[0].author) == ("a shot.png", "bob")
    assert [(w.seconds, w.author, w.text) for w in one.worklogs] == [
        (3600, "bob", ""),
        (1200, "5b10a", "wrote; it"),
    ]
    # "Inward issue link (Blocks)" says that the other one blocks this one.
    assert [(x.kind, x.to, x.out) for x in one.links] == [
        ("blocks", "PROJ-2", False),
        ("duplicates", "OTHER-9", True),
    ]
    assert (items["PROJ-2"].parent, one.epic) == ("PROJ-1", "PROJ-3")
    assert [(e.name, e.value) for e in one.extras] == [("Severity", "Major")]
    assert keys_in(folder).places == [1, 0, 2]  # by Jira's rank, not by the file's rows
    anna = next(one for one in survey.people if one.key == "5b10a")
    assert (anna.name, anna.works) == ("Anna Meier", True)
    assert survey.counts["links"] == 2
    assert any("not in the file" in why for why in left(survey))


def test_jira_csv_in_german_with_semicolons_and_cp1252(read) -> None:
    text = (
        "Zusammenfassung;Vorgangsschlüssel;Vorgangstyp;Status;Bearbeiter;Erstellt;"
        "Benutzerdefiniertes Feld (Story Points)\n"
        "Prüfe Größe;AB-1;Fehler;In Bearbeitung;Jörg Müßig;12.03.2021 16:05;2,5\n"
    )
    survey, items, _ = read("de.csv", text.encode("cp1252"))
    one = items["AB-1"]
    assert (survey.source, one.title, one.type) == ("jira_csv", "Prüfe Größe", "Fehler")
    assert (one.points, one.assignee) == (2.5, "Jörg Müßig")
    assert str(one.created) == "2021-03-12 16:05:00+00:00"


def test_jira_xml(read) -> None:
    survey, items, _ = read("jira.xml", exports.XML)
    one = items["PROJ-1"]
    assert (survey.source, survey.site) == ("jira_xml", "jira:j.example.org")
    assert (one.description, one.stage, one.resolution) == ("Hello **you**", "done", "Won't Fix")
    assert (one.points, one.estimate, one.spent) == (3.0, 28800, 1800)
    assert [(c.author, c.body) for c in one.comments] == [("anna", "hey")]
    assert [(x.kind, x.to, x.out) for x in one.links] == [("blocks", "PROJ-2", False)]
    assert one.attachments[0].url == "https://j.example.org/secure/attachment/3/a%20b.png"
    assert str(one.created) == "2021-03-12 15:05:00+00:00"
    assert survey.sprints[0].name == "Sprint 1"


def documented() -> dict[str, Any]:
    """Return an issue of Jira's cloud: documents, accounts, and an old sprint's text."""
    document = {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hi"}]}],
    }
    anna = exports.person("5b", "Anna", emailAddress="a@x.org")
    gone = exports.person("6c", "Gone Girl", active=False)
    return exports.rest(
        "PROJ-1",
        "Log in",
        status={"name": "Fertig", "statusCategory": {"key": "done"}},
        description=document,
        assignee=anna,
        reporter=gone,
        comment={
            "comments": [
                {
                    "id": "1",
                    "author": anna,
                    "body": "*b*",
                    "created": "2021-03-12T16:05:00.000+0100",
                }
            ],
            "total": 2,
        },
        customfield_10106=8,
        customfield_10020=[exports.GREENHOPPER],
        customfield_10999={"value": "Gold", "child": {"value": "24 k"}},
        parent={"key": "PROJ-7", "fields": {"issuetype": {"name": "Epic"}}},
        issuelinks=[
            {
                "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                "outwardIssue": {"key": "PROJ-2"},
            }
        ],
    )


def test_jira_rest_json_with_documents_and_old_sprints(read) -> None:
    names = {"customfield_10106": "Story Points", "customfield_10999": "Level"}
    issue = documented()
    survey, items, _ = read("rest.json", exports.search(issue, total=3, names=names))
    one = items["PROJ-1"]
    assert (one.points, one.epic, one.stage) == (8.0, "PROJ-7", "done")
    assert (one.description, one.comments[0].body) == ("hi", "**b**")
    assert one.url == "https://j.example.org/browse/PROJ-1"
    assert [(e.name, e.value) for e in one.extras] == [("Level", "Gold - 24 k")]
    sprint = survey.sprints[0]
    assert (sprint.name, sprint.goal, sprint.state) == ("Sprint, one", "do it, well", "closed")
    assert (str(sprint.starts), str(sprint.ends)) == ("2021-03-01", "2021-03-14")
    people = {p.key: (p.email, p.active) for p in survey.people}
    assert people == {"5b": ("a@x.org", True), "6c": ("", False)}
    told = left(survey)
    assert told["comments: the file counts them but does not hold them"] == 1
    assert (
        told["issues: the search found more than this file holds; export the other pages too"] == 2
    )


def test_jira_importer_json(read) -> None:
    survey, items, folder = read("importer.json", json.dumps(exports.IMPORTER))
    assert survey.source == "jira_json"
    assert set(items) == {"ASM-1", "ASM-2", "ASM-3"}
    assert (items["ASM-1"].points, items["ASM-1"].spent) == (15.0, 3600)
    assert items["ASM-1"].comments[0].body == "*c*"
    assert items["ASM-2"].parent == "ASM-1"
    assert [(x.kind, x.to) for x in items["ASM-3"].links] == [("duplicates", "ASM-2")]
    assert (survey.milestones[0].closed, str(survey.milestones[0].due)) == (True, "2012-08-31")
    assert {one.key for one in relations_in(folder)} == {"ASM-2", "ASM-3"}


def test_one_issue_alone_is_an_export_too(read) -> None:
    _, items, _ = read("one.json", json.dumps(exports.rest("PROJ-4", "Alone")))
    assert items["PROJ-4"].title == "Alone"


def test_trello_board(read) -> None:
    survey, items, folder = read("board.json", json.dumps(exports.TRELLO))
    one = items[exports.CARD]
    assert survey.source == "trello_json"
    assert list(items) == [exports.CARD, "c2"]  # in the order of lists and of cards in them
    assert (one.title, one.points, one.stage, one.status) == ("Card", 3.0, "done", "Doing")
    assert (one.labels, one.assignees) == (["Dev", "red"], ["m1"])
    assert [(t.name, t.done) for t in one.checklists[0].items] == [
        ("first", True),
        ("second", False),
    ]
    assert [(c.author, c.body) for c in one.comments] == [("m1", "hello")]
    assert str(one.created) == "2018-04-15 21:46:21+00:00"  # from the card's own id
    assert [(e.name, e.value, e.kind) for e in one.extras] == [("Cost", "5", "number")]
    assert [(x.kind, x.to) for x in items["c2"].links] == [("relates", exports.CARD)]
    assert items["c2"].archived
    held = next(file for file in one.attachments if file.held)
    assert (folder / "held" / held.held).read_bytes() == b"hello there\n"
    assert left(survey)["comments: Trello exports only the last thousand actions of a board"] == 3


def test_github_rest_list(read) -> None:
    comment = {
        "id": 5,
        "issue_url": "https://api.github.com/repos/o/r/issues/2",
        "user": {"login": "ann"},
        "body": "me too",
        "created_at": "2021-03-12T17:05:00Z",
    }
    wrapped = {"issues": exports.GITHUB, "comments": [comment]}
    survey, items, _ = read("github.json", json.dumps(wrapped))
    one = items["o/r#2"]
    assert (survey.source, survey.total) == ("github_json", 1)
    assert (one.type, one.stage, one.resolution, one.description) == (
        "Bug",
        "done",
        "not_planned",
        "x",
    )
    assert (one.assignee, one.reporter, one.milestone) == ("ann", "octo", "v1")
    assert [(c.author, c.body) for c in one.comments] == [("ann", "me too")]
    assert left(survey)["pull requests: they are no issues"] == 1
    assert left(survey)["reactions: the file does not name who gave them"] == 2


def test_github_from_the_command_line(read) -> None:
    _, items, _ = read("gh.json", json.dumps(exports.GH))
    one = items["o/r#7"]
    assert (one.priority, one.reporter, one.comments[0].author) == ("high", "o", "z")


def test_asana_csv(read) -> None:
    survey, items, _ = read("asana.csv", exports.ASANA)
    assert (survey.source, [p.key for p in survey.projects]) == ("asana_csv", ["Proj"])
    assert items["1201"].assignee == "ann@x.org"
    assert items["1202"].stage == "done"
    # Names may have commas in them, and both ends name one link.
    assert survey.counts["links"] == 1
    assert items["1203"].parent == "1202"
    assert items["1203"].project == "Proj"  # a part is in its parent's project
    assert [(e.name, e.value) for e in items["1201"].extras] == [("Budget", "100")]


def test_a_key_twice_counts_once_and_is_said(read) -> None:
    text = exports.jira_csv(exports.PART, exports.PART | {"Summary": "Again"})
    survey, items, _ = read("twice.csv", text)
    assert items["PROJ-2"].title == "A part"
    assert any("twice" in why for why in left(survey))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "PDF"),
        ("a.csv", b"  \n", "empty"),
        (
            "a.json",
            b'{"issues": [{"key": "A-1", "fields": {"summary": "x" "y"}}]}',
            "line 1, column",
        ),
        ("b.json", b'{"idList": 1, "cards": [\n {"name": }]}', "line 2, column 11"),
        ("c.json", b'{"cards": [{"idList": "l", "name": "x"}', "but the file ends"),
        ("a.xml", exports.XML.replace("</item>", "</itm>").encode(), "not valid XML"),
        ("d.json", b'{"some": "thing"}', "not recognised"),
        ("a.txt", b"name,colour\nx,y\n", "not recognised"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(
    read, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        read(name, content)


def test_entities_of_its_own_are_refused(read) -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    text = exports.XML.replace("<!-- RSS", f"{bomb}<!-- RSS").replace("Log in<", "&b;<")
    with pytest.raises(Invalid, match="entities"):
        read("bomb.xml", text)
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(Invalid, match="entities"):
        read("out.xml", exports.XML.replace("<!-- RSS", f"{outside}<!-- RSS"))


def test_characters_that_xml_forbids_are_passed_over(read) -> None:
    _, items, _ = read("odd.xml", exports.XML.replace("<summary>Log", "<summary>L&#x1f;o\x0bg"))
    assert items["PROJ-1"].title == "Lo g in"


def test_a_large_file_is_read_piece_by_piece(read) -> None:
    issues = [exports.rest(f"BIG-{n}", "x" * 3000) for n in range(400)]
    survey, _, _ = read("big.json", exports.search(*issues))
    assert survey.total == 400
