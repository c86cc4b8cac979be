"""Exports as they are met in the wild: cut down, pieced together, translated, or spoilt."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mainstay.kernel.problems import Invalid
from mainstay.modules.importers.model import Item, Survey
from mainstay.modules.importers.readers import source_of
from mainstay.modules.importers.staging import items_in, relations_in, stage
from mainstay.modules.importers.values import number_of, seconds_of
from tests.modules.importers import exports


@pytest.fixture
def read(tmp_path: Path):
    """Read an export; return what was found in it, and its items by key."""

    def reading(name: str, text: str | bytes) -> tuple[Survey, dict[str, Item]]:
        folder = tmp_path / f"{name}.read"
        survey = stage(exports.written(tmp_path, name, text), name, folder)
        for one in relations_in(folder):
            reading.family[one.key] = (one.parent, one.epic)
        return survey, {item.key: item for item in items_in(folder)}

    reading.family = {}
    return reading


def left(survey: Survey) -> dict[str, int]:
    return {f"{one.what}: {one.why}": one.count for one in survey.left}


def table(head: Sequence[str], *rows: Sequence[str], sign: str = ",") -> str:
    cells = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in (head, *rows)]
    return "".join(sign.join(row) + "\r\n" for row in cells)


ACCOUNT = "712020:11f06c30-0697-401a-b9ef-2320eb2db3a9"
JAVA = "com.atlassian.servicedesk.plugins.approvals.internal.customfield.ApprovalsCFValue@21c2fe6f"
CLOUD = {
    "Summary": "One",
    "Issue key": "CLD-1",
    "Issue Type": "Story",
    "Status": "In Progress",
    "Reporter": "Nina",
    "Reporter Id": ACCOUNT,
    "Created": "12/Mar/23 4:05 PM",
    "Updated": "14/Mar/23 9:00 AM",
    "Description": f"ask [~accountid:{ACCOUNT}]",
    "Attachment": f"12/Mar/23 4:06 PM;{ACCOUNT};a; b.png;https://x.atlassian.net/content/35345",
    "Sprint": "S 1",
    "Sprint ": "S 2",
    "Custom field (Approvals)": JAVA,
    "Custom field (Story Points)": "1.50E+01",
    "Linked Issues": "CLD-2, CLD-3",
}


def test_jira_cloud_with_accounts_semicolons_and_what_java_leaves_behind(read) -> None:
    survey, items = read("cloud.csv", table(list(CLOUD), list(CLOUD.values())))
    one = items["CLD-1"]
    assert one.description == "ask @Nina"
    assert [(f.name, f.url[-5:], f.author) for f in one.attachments] == [
        ("a; b.png", "35345", ACCOUNT)
    ]
    assert (one.points, one.extras) == (15.0, [])  # a spreadsheet wrote fifteen
    assert [(x.kind, x.to) for x in one.links] == [("relates", "CLD-2"), ("relates", "CLD-3")]
    assert left(survey)["field “Approvals”: Jira keeps it for itself"] == 1
    # An issue is in one sprint at a time: the first one is over, whatever became of the issue.
    states = {sprint.name: (sprint.state, str(sprint.ends)) for sprint in survey.sprints}
    assert states == {"S 1": ("closed", "2023-03-14"), "S 2": ("future", "None")}


def test_jira_csv_of_a_few_columns_and_of_german_ones(read, tmp_path: Path) -> None:
    head = ["Issue key", "Summary", "Components", "Status", "Sprint", "Inward issue link (Blocks)"]
    survey, items = read("few.csv", table(head, ["A-1", "a", "Web", "New", "", "A-2"]))
    assert survey.source == "jira_csv"
    assert [(x.to, x.out) for x in items["A-1"].links] == [("A-2", False)]
    plain = exports.written(tmp_path, "plain.csv", "Key,Title,Type,Status\nA-1,b,c,d\n")
    assert source_of(plain, "plain.csv") == ""
    head = ["Zusammenfassung", "Vorgangsschlüssel", "Status", "Projektleitung"]
    head += ["Arbeit protokollieren", "Betroffene Versionen"]
    row = ["Ä", "B-1", "Offen", "jd", "gebaut;14/Mär/23 10:00 AM;mm;3600", "1.0"]
    _, items = read("de.csv", table(head, row, sign=";").encode("cp1252"))
    one = items["B-1"]
    assert [(log.seconds, log.author, str(log.at)[:10]) for log in one.worklogs] == [
        (3600, "mm", "2023-03-14")
    ]
    assert (one.found_in, one.extras) == (["1.0"], [])


def test_jira_xml_that_only_some_could_read_or_that_holds_forbidden_signs(read) -> None:
    item = (
        '<item><key id="1">X-1</key><summary>a\ufffeb</summary><type>Bug</type>'
        '<project key="X">X</project><comments>'
        '<comment id="1" author="a" rolelevel="Developers">secret</comment>'
        '<comment id="2" author="a">open</comment></comments></item>'
    )
    text = f'<rss version="0.92"><channel><title>Jira</title>{item}</channel></rss>'
    _, items = read("x.xml", text)
    assert items["X-1"].title == "a b"
    assert [c.internal for c in items["X-1"].comments] == [True, False]
    with pytest.raises(Invalid, match="backup of a whole Jira"):
        read("all.xml", '<?xml version="1.0"?>\n<entity-engine-xml><Issue id="1"/>')


def story(key: str, **fields: Any) -> dict[str, Any]:
    return exports.rest(key, key, issuetype={"name": "Story"}, **fields)


def test_jira_json_line_by_line_and_without_the_names_of_fields(read) -> None:
    epic = exports.rest("R-1", "E", issuetype={"name": "Epic"})
    said = {"visibility": {"type": "role", "value": "Admins"}, "body": "s", "id": "1"}
    one = story("R-2", customfield_77="R-1", customfield_78="0|i0001r:", customfield_79=8)
    one["fields"]["comment"] = {"comments": [said], "total": 1}
    survey, items = read("r.json", "\n".join(json.dumps(issue) for issue in (epic, one)))
    assert sorted(items) == ["R-1", "R-2"]  # the first line is no frame around the others
    assert read.family["R-2"] == ("", "R-1")
    assert (items["R-2"].rank, items["R-2"].comments[0].internal) == ("0|i0001r:", True)
    # Which number the points are, nobody can know; that is said.
    assert [(e.name, e.value) for e in items["R-2"].extras] == [("customfield_79", "8")]
    why = "names of fields: the file does not say them; ask for it with expand=names"
    assert left(survey)[why] == 1


def test_what_no_number_can_be_and_no_base_keeps(read) -> None:
    text = '{"issues":[{"key":"A\\u0000-1","fields":{"summary":"\\ud800x","timespent":1e400,'
    text += '"issuetype":{"name":"Bug"},"timeestimate":-1e400,"customfield_10016":NaN}}]}'
    _, items = read("odd.json", text)
    one = items["A-1"]
    assert (one.spent, one.remaining, one.points) == (None, None, None)
    assert (seconds_of("inf"), seconds_of("nan"), seconds_of(1e300)) == (None, None, None)
    assert (number_of("1.21E+3"), number_of("2,5"), number_of("E5")) == (1210.0, 2.5, None)


def test_trello_keeps_unused_labels_colours_and_when_a_card_was_moved_to_done(read) -> None:
    card = {"id": "c1", "idShort": 1, "idList": "l2", "name": "n", "idLabels": ["b1"]}
    card |= {"dateLastActivity": "2023-03-20T10:00:00.000Z", "customFieldItems": [
        {"idCustomField": "f1", "idValue": "o1"}
    ]}  # fmt: skip
    moved = {"type": "updateCard", "date": "2023-03-16T12:00:00.000Z"}
    moved["data"] = {"card": {"id": "c1"}, "old": {"idList": "l1"}, "listAfter": {"id": "l2"}}
    board = {
        "id": "b",
        "name": "Board",
        "idOrganization": None,
        "prefs": {},
        "labelNames": {},
        "lists": [{"id": "l1", "name": "To do"}, {"id": "l2", "name": "Done"}],
        "labels": [
            {"id": "b1", "name": "Bug", "color": "red_dark"},
            {"id": "b2", "name": "", "color": "green"},
        ],
        "customFields": [
            {"id": "f1", "name": "Priority", "options": [{"id": "o1", "value": {"text": "High"}}]}
        ],
        "cards": [card],
        "actions": [moved],
    }
    survey, items = read("t.json", json.dumps(board))
    one = items["c1"]
    assert (str(one.resolved)[:16], one.priority) == ("2023-03-16 12:00", "High")
    assert str(one.created)[:10] == "2023-03-20"  # its key is no time, so its last change is one
    assert (survey.labels, survey.counts["labels"]) == ({"b": ["Bug", "green"]}, 2)
    assert survey.colors == {"b": {"Bug": "#F87168", "green": "#4BCE97"}}


def ticket(number: int, **more: Any) -> dict[str, Any]:
    url = f"https://github.com/acme/shop/issues/{number}"
    return {"number": number, "title": f"T{number}", "state": "open", "html_url": url} | more


def test_github_line_by_line_with_duplicates_and_talk_about_pull_requests(read) -> None:
    label = {"name": "bug", "color": "d73a4a"}
    first = ticket(1, labels=[label], state_reason="", body=None)
    twin = ticket(2, state="closed", state_reason="duplicate", body="Duplicate of #1")
    board = {"title": "Roadmap", "status": {"name": "Doing"}}
    closer = {"number": 9, "url": "https://github.com/acme/shop/pull/9"}
    last = ticket(3, projectItems=[board], closedByPullRequestsReferences=[closer])
    lines_ = "\n".join(json.dumps(one) for one in (first, twin, last))
    survey, items = read("g.json", lines_)
    assert (items["acme/shop#1"].labels, items["acme/shop#1"].type) == (["bug"], "Bug")
    assert survey.colors == {"acme/shop": {"bug": "#d73a4a"}}
    (link,) = items["acme/shop#2"].links
    assert (link.kind, link.to, link.out) == ("duplicates", "acme/shop#1", True)
    assert {e.name: e.value for e in items["acme/shop#3"].extras} == {
        "Project boards": "Roadmap: Doing",
        "Closed by": "[#9](https://github.com/acme/shop/pull/9)",
    }
    pull = ticket(4, pull_request={"url": "x"}, labels=[])
    home = "https://api.github.com/repos/acme/shop/issues"
    talk = [{"issue_url": f"{home}/{n}", "id": n, "body": "b"} for n in (1, 4, 7)]
    survey, items = read("h.json", json.dumps({"issues": [first, pull], "comments": talk}))
    assert len(items["acme/shop#1"].comments) == 1
    found = left(survey)
    assert found["comments: they belong to pull requests"] == 1
    assert found["comments: the file does not hold the issue they name"] == 1
    nodes = {"totalCount": 12, "nodes": [ticket(1, labels={"nodes": [label]})]}
    survey, _ = read("q.json", json.dumps({"data": {"repository": {"issues": nodes}}}))
    why = "issues: the search found more than this file holds; export the other pages too"
    assert left(survey)[why] == 11


def test_issues_of_two_repositories_without_an_address_stay_apart(read) -> None:
    bare = [{"number": 1, "title": "a", "state": "OPEN", "labels": [], "body": "see"}]
    keys = [next(iter(read(name, json.dumps(bare))[1])) for name in ("shop.json", "site.json")]
    assert keys == ["shop#1", "site#1"]


def test_asana_by_name_when_names_repeat_or_numbers_were_cut_down(read) -> None:
    head = ["Task ID", "Created At", "Completed At", "Name", "Section/Column", "Projects"]
    head.append("Parent task")
    rows = [
        ["1204000000000001", "2023-03-01", "", "Same", "Doing", "P", ""],
        ["1204000000000002", "2023-03-01", "", "Same", "Doing", "P", ""],
        ["1204000000000003", "2023-03-01", "", "Part", "", "", "Same"],
        ["1204000000000004", "2023-03-01", "", "Same", "Doing", "P", ""],
    ]
    survey, _ = read("a.csv", table(head, *rows))
    assert read.family["1204000000000003"] == ("1204000000000002", "")  # the nearest above
    why = "names of parents: several tasks have that name; the one above in the file is taken"
    assert left(survey)[why] == 1
    cut = [["1.20E+15", *row[1:]] for row in rows]
    survey, items = read("b.csv", table(head, *cut))
    assert (survey.total, list(items)) == (4, ["P/Same", "P/Same~2", "b/Part", "P/Same~3"])
    assert read.family["b/Part"] == ("P/Same~2", "")
