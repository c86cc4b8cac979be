"""Public forms: what comes in without an account, and what its reporter sees of it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.issues import door
from mainstay.modules.issues.actions import forms
from mainstay.modules.issues.entities import Issue, IssueForm, IssueTicket
from tests.harness.crowd import Crowd
from tests.harness.smtp import MailSink

SECRET = "Zanzibar"
BOTH = pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])


async def opened(crowd: Crowd, **more: Any) -> dict[str, Any]:
    """Open a form as the project's lead does."""
    data = {"project_id": crowd.project, "name": "Help desk", **more}
    found: dict[str, Any] = (
        await crowd.call("lead", "POST", "/api/issues/forms", json=data, status=201)
    ).json()
    return found


async def stamp(crowd: Crowd, form_id: int, age: float = 10) -> str:
    """Return what the form's page carried when it was drawn some seconds ago."""

    async def work(ctx: Context) -> str:
        form = await ctx.get(IssueForm, form_id, anywhere=True)
        return forms.stamp(form, ctx.now - timedelta(seconds=age))

    return await crowd.ws.look(SYSTEM, work)


async def send(crowd: Crowd, address: str, stamped: str, **fields: Any) -> httpx.Response:
    """Send a form as a browser of somebody without an account does."""
    uploads = fields.pop("files", [])
    data = {"title": "It hums", "stamp": stamped, **fields}
    return await crowd.call("", "POST", f"/report/{address}", data=data, files=uploads or None)


def link_of(page: str) -> str:
    """Return the path of the link that a page shows."""
    found = re.search(r'value="[^"]*(/track/[\w-]+)"', page)
    assert found, page[:500]
    return found[1]


async def issue_of(crowd: Crowd, code: str) -> Issue:
    async def work(ctx: Context) -> Issue | None:
        return await ctx.find(Issue, anywhere=True, code=code)

    found = await crowd.ws.look(SYSTEM, work)
    assert found
    return found


@dataclass
class Reported:
    """A report that has come in: its issue, and the link with which it is followed."""

    issue: int
    link: str
    sent: httpx.Response

    @property
    def about(self) -> dict[str, Any]:
        return {"entity": "issues.issue", "record_id": self.issue}


async def reported(crowd: Crowd) -> Reported:
    """Report something with all that may be said."""
    form = await opened(crowd, asks_severity=True, introduction="Tell us.", thanks="Thanks.")
    assert form["address"] == "help-desk"
    assert "stamp_key" not in form
    sent = await send(
        crowd,
        "help-desk",
        await stamp(crowd, form["id"]),
        description="Since <b>Monday</b>.",
        name="Ada Outside",
        email="Ada@Example.com",
        severity="critical",
        steps="Listen.",
        version="not asked",
        files=[("files", ("hum.txt", b"hm hm", "text/plain"))],
    )
    assert sent.status_code == 201, sent.text
    found = (await crowd.call("ada", "GET", "/api/issues/issues?origin=public_form")).json()
    return Reported(found["items"][0]["id"], link_of(sent.text), sent)


@BOTH
async def test_a_report_becomes_an_issue(crowd: Crowd) -> None:
    """What was asked is kept, what was not asked is left out, and the files are attached."""
    one = await reported(crowd)
    page = await crowd.call("", "GET", "/report/help-desk", status=200)
    assert "Tell us." in page.text
    for answer in (page, one.sent):
        assert answer.headers["referrer-policy"].startswith("no-referrer")
        assert answer.headers["x-robots-tag"].startswith("noindex")
    read = (await crowd.call("ada", "GET", f"/api/issues/issues/{one.issue}")).json()
    assert (read["severity"], read["reporter_id"], read["version_found"]) == ("critical", None, "")
    assert read["sla_status"] == "running"
    found = (await crowd.call("ada", "GET", "/api/files/files", params=one.about)).json()
    assert [(file["name"], file["is_public"]) for file in found["items"]] == [("hum.txt", False)]


@BOTH
async def test_a_reporter_sees_no_more(crowd: Crowd) -> None:
    """Internal comments, other issues and whatever else there is are not for the reporter."""
    one = await reported(crowd)
    for body, internal in ((f"Internal {SECRET}", True), ("We have a look. @eve", False)):
        said = {**one.about, "body": body, "internal": internal}
        await crowd.call("ada", "POST", "/api/comments/comments", json=said, status=201)
    other = {"project_id": crowd.project, "title": f"Other {SECRET}"}
    await crowd.call("ada", "POST", "/api/issues/issues", json=other, status=201)
    seen = (await crowd.call("", "GET", one.link, status=200)).text
    for shown in ("We have a look.", "hum.txt", "Since &lt;b&gt;Monday&lt;/b&gt;."):
        assert shown in seen
    project = (await crowd.call("ada", "GET", f"/api/projects/projects/{crowd.project}")).json()
    for hidden in (SECRET, "@example.com", project["name"], "/issues/issues", "/projects/", "sla"):
        assert hidden not in seen.replace("/static/", ""), hidden


async def test_a_reporter_answers(crowd: Crowd) -> None:
    """An answer stands in the stream as theirs, until the issue is closed or in the bin."""
    one = await reported(crowd)
    link, path = one.link, f"/api/issues/issues/{one.issue}"
    answer = await crowd.call("", "POST", link, data={"body": "Still. ![x](/file/1/a.png)"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{link}?sent=1#said")
    assert "<img" not in (await crowd.call("", "GET", link)).text
    stream = (await crowd.call("ada", "GET", f"/issues/issues/{one.issue}")).text
    assert "Ada Outside" in stream
    assert "from outside" in stream
    assert (await crowd.call("", "POST", link, data={"body": " "})).status_code == 422
    solved = {"resolution": "fixed", "version_fixed": "3.2"}
    await crowd.call("ada", "POST", f"{path}/resolve", json=solved, status=200)
    assert "It was fixed." in (await crowd.call("", "GET", link)).text
    await crowd.call("ada", "POST", f"{path}/close", json={}, status=200)
    assert (await crowd.call("", "POST", link, data={"body": "Oh."})).status_code == 409
    await crowd.call("", "GET", f"{link}x", status=404)


@BOTH
async def test_nothing_is_followed_into_the_bin(crowd: Crowd) -> None:
    """Of an issue or a project in the bin nothing is read, and nothing is written into it."""
    one = await reported(crowd)
    for path, who in (("issues/issues", "ada"), ("projects/projects", "lead")):
        number = one.issue if who == "ada" else crowd.project
        binned = await crowd.call(who, "DELETE", f"/api/{path}/{number}", status=200)
        await crowd.call("", "GET", one.link, status=404)
        await crowd.call("", "POST", one.link, data={"body": "Still."}, status=404)
        change = binned.headers["x-change-set"]
        await crowd.call(who, "POST", f"/api/changes/{change}/undo", json={}, status=200)
        await crowd.call("", "GET", one.link, status=200)
    for body in ("nul\x00", "\u200b"):
        await crowd.call("", "POST", one.link, data={"body": body}, status=422)


async def test_a_report_takes_nobody_in(crowd: Crowd) -> None:
    """Reports go to somebody who works in the project, and bring back nobody who has left."""
    for who in ("eve", "vera", "carl"):
        data = {"project_id": crowd.project, "name": "Help", "assignee_id": crowd.people[who].id}
        said = await crowd.call("lead", "POST", "/api/issues/forms", json=data, status=422)
        assert said.json()["errors"][0]["field"] == "assignee_id"
    ben = crowd.people["ben"].id
    form = await opened(crowd, assignee_id=ben)
    path, pair = f"/api/issues/forms/{form['id']}", f"project_id={crowd.project}&user_id={ben}"

    async def assigned() -> Any:
        data = {"title": "It hums"}
        made = await crowd.call("", "POST", "/api/public/issues/help-desk", json=data, status=201)
        return (await issue_of(crowd, made.json()["code"])).assignee_id

    async def members() -> list[dict[str, Any]]:
        found = await crowd.call("lead", "GET", f"/api/projects/members?{pair}", status=200)
        return list(found.json()["items"])

    assert await assigned() == ben
    (member,) = await members()
    await crowd.call("lead", "DELETE", f"/api/projects/members/{member['id']}", status=200)
    assert await assigned() is None
    assert await members() == []
    # Other settings of the form can still be changed; whoever is switched off counts as gone.
    await crowd.call("lead", "PATCH", path, json={"name": "Help us"}, status=200)
    back = {"project_id": crowd.project, "user_id": ben, "role": "member"}
    await crowd.call("lead", "POST", "/api/projects/members", json=back, status=201)
    assert await assigned() == ben
    await crowd.call("admin", "POST", f"/api/identity/users/{ben}/deactivate", json={}, status=200)
    assert await assigned() is None
    await crowd.call("lead", "PATCH", path, json={"assignee_id": None}, status=200)
    await crowd.call("lead", "PATCH", path, json={"assignee_id": ben}, status=422)


@pytest.fixture
def engine_name() -> str:
    """What has no SQL of its own is tested on one engine."""
    return "sqlite"


async def test_what_is_refused(crowd: Crowd) -> None:
    """Programs, double clicks, bad values, wrong files and closed forms are told why."""
    form = await opened(crowd, asks_contact="required", address="desk")
    known = {"name": "Ada", "email": "ada@example.com"}

    async def told(**fields: Any) -> tuple[int, str]:
        age = fields.pop("age", 10)
        sealed = fields.pop("stamp", None) or await stamp(crowd, form["id"], age)
        answer = await send(crowd, "desk", sealed, **{**known, **fields})
        return answer.status_code, answer.text

    async def count() -> int:
        return (await crowd.call("ada", "GET", f"/api/issues/forms/{form['id']}")).json()[
            "received"
        ]

    for fields, status, said in (
        ({"age": 0}, 409, "faster than anybody types"),
        ({"age": 90_000}, 409, "open for more than a day"),
        ({"stamp": "1.a.b"}, 409, "not complete"),
        ({"website": "http://spam"}, 409, "nobody sees"),
        ({"title": "  "}, 422, "is required"),
        ({"title": "\u200b\u2800\u3164"}, 422, "is required"),
        ({"email": "", "name": ""}, 422, "2 fields"),
        ({"email": "a@b"}, 422, "is no address"),
        ({"email": "a(b@c.de"}, 422, "is no address"),
        ({"email": "a@b..de"}, 422, "is no address"),
        ({"email": "\u202ea@b.de"}, 422, "is no address"),
        ({"severity": "huge"}, 422, "field needs another look"),
        ({"description": "a\x00b"}, 422, "must not contain the NUL character"),
        ({"files": [("files", ("a.exe", b"MZ", "text/plain"))]}, 415, "cannot be attached"),
        ({"files": [("files", ("a.png", b"no", "image/png"))]}, 415, "something else"),
        ({"files": [("files", (f"{n}.txt", b"x", "")) for n in range(6)]}, 422, "too many"),
    ):
        status_, page = await told(**fields)
        assert (status_, said in page) == (status, True), (fields, status_)
        assert "Ada" in page or "name" in fields
    assert await count() == 0


async def test_closed_and_sent_twice(crowd: Crowd) -> None:
    """A page is taken once; a closed form says so; there is nothing at other addresses."""
    form = await opened(crowd, address="desk")
    path = f"/api/issues/forms/{form['id']}"
    sealed = await stamp(crowd, form["id"])
    assert (await send(crowd, "desk", sealed)).status_code == 201
    twice = await send(crowd, "desk", sealed)
    assert (twice.status_code, "sent already" in twice.text) == (409, True)
    assert (await crowd.call("ada", "GET", path)).json()["received"] == 1
    await crowd.call("lead", "PATCH", path, json={"is_open": False}, status=200)
    assert "takes no reports now" in (await crowd.call("", "GET", "/report/desk", status=200)).text
    assert (await send(crowd, "desk", await stamp(crowd, form["id"]))).status_code == 409
    await crowd.call("", "GET", "/report/other", status=404)
    evil = {"origin": "https://evil.example"}
    await crowd.call("", "POST", "/report/desk", headers=evil, status=403)


async def test_limits(crowd: Crowd) -> None:
    """From one place only so much comes in an hour; programs are told how long to wait."""
    await opened(crowd, address="desk")
    path = "/api/public/issues/desk"
    for _ in range(forms.REPORTS):
        made = (await crowd.call("", "POST", path, json={"title": "x"}, status=201)).json()
        assert set(made) == {"code", "title", "link", "mailed"}
    late = await crowd.call("", "POST", path, json={"title": "x"}, status=429)
    assert 3500 < int(late.headers["retry-after"]) <= 3600
    await crowd.call("", "POST", path, json={"title": ""}, status=422)
    await crowd.call("", "POST", path, json={"title": "x", "assignee_id": 1}, status=422)
    await crowd.call("", "POST", "/api/public/issues/none", json={"title": "x"}, status=404)


async def test_who_may(crowd: Crowd) -> None:
    """Only those who lead a project open its forms; clients see no addresses of reporters."""
    data = {"project_id": crowd.project, "name": "Help"}
    for who in ("ada", "eve", "carl"):
        answer = await crowd.call(who, "POST", "/api/issues/forms", json=data)
        assert answer.status_code in (403, 422), who
    first, second = await opened(crowd), await opened(crowd)
    assert (first["address"], second["address"]) == ("help-desk", "help-desk-2")
    sent = await send(crowd, "help-desk", await stamp(crowd, first["id"]), email="r@example.com")
    assert sent.status_code == 201
    seen = {
        who: len((await crowd.call(who, "GET", "/api/issues/tickets", status=200)).json()["items"])
        for who in ("lead", "ada", "carl", "vera", "eve")
    }
    assert seen == {"lead": 1, "ada": 1, "carl": 0, "vera": 0, "eve": 0}
    (ticket,) = (await crowd.call("lead", "GET", "/api/issues/tickets")).json()["items"]
    assert not {"token_hash", "mail_hash"} & set(ticket)
    await crowd.call("ada", "DELETE", f"/api/issues/tickets/{ticket['id']}", status=403)
    await crowd.call("lead", "DELETE", f"/api/issues/tickets/{ticket['id']}", status=200)
    await crowd.call("", "GET", link_of(sent.text), status=404)


async def test_mail(crowd: Crowd, mail_sink: MailSink) -> None:
    """With a mail server the reporter gets a link of their own, in the language of the browser."""
    form = await opened(crowd, address="desk")
    crowd.ws.settings = msgspec.structs.replace(crowd.ws.settings, smtp_url=mail_sink.url)
    sealed = await stamp(crowd, form["id"])
    sent = await send(crowd, "desk", sealed, email="r@example.com", title=SECRET)
    assert "r@example.com" in sent.text
    await crowd.ws.jobs.run_due()
    (mail,) = await mail_sink.wait(1)
    assert mail.recipients == ["r@example.com"]
    # Nobody sends words of their own to somebody else by the form.
    assert SECRET not in mail.text + mail.subject
    found = re.search(r"/track/[\w-]+", mail.text)
    assert found
    assert found[0] != link_of(sent.text)
    for link in (found[0], link_of(sent.text)):
        await crowd.call("", "GET", link, status=200)

    async def kept(ctx: Context) -> list[str]:
        rows = await ctx.all(IssueTicket, anywhere=True)
        return [one.token_hash + one.mail_hash for one in rows]

    stored = "".join(await crowd.ws.look(SYSTEM, kept))
    assert found[0].rpartition("/")[2] not in stored
    # Nobody is flooded: three an hour go to one address, however it is written.
    for place in range(1, 5):
        sealed = await stamp(crowd, form["id"])
        page = await send(crowd, "desk", sealed, email="R@Example.com")
        assert ("is on its way" in page.text) is (place < forms.MAILS)
    await crowd.ws.jobs.run_due()
    assert len(await mail_sink.wait(forms.MAILS)) == forms.MAILS


@BOTH
async def test_counting_at_once(workspace: Any) -> None:
    """Each try is counted, and the next hour begins anew; on both engines."""
    refused = [
        await workspace.run(SYSTEM, lambda ctx: forms.limit(ctx, "report|here", 3))
        for _ in range(5)
    ]
    assert [one is None for one in refused] == [True, True, True, False, False]
    assert await workspace.run(SYSTEM, lambda ctx: forms.limit(ctx, "report|there", 3)) is None
    await workspace.run(SYSTEM, lambda ctx: door.forget_counts(ctx, {}))
