"""Public links: what they show, what they never show, and everything that ends them."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import pytest

from mainstay.facets.sharing import rules
from mainstay.facets.sharing.entities import ShareLink
from mainstay.facets.sharing.shown import unled
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.scope import SYSTEM
from tests.harness.crowd import Crowd

SHARE = "/api/sharing/share"


async def shared(crowd: Crowd, who: str = "lead", *, status: int = 201, **more: object) -> str:
    """Share the task, or what is said, and return the link's path."""
    wish = {"entity": "projects.task", "record_id": crowd.task} | more
    answer = await crowd.call(who, "POST", SHARE, json=wish, status=status)
    return urlsplit(answer.json()["link"]).path if status == 201 else answer.json()["detail"]


async def opened(crowd: Crowd, link: str, status: int = 200, **options: object) -> str:
    return (await crowd.call("", "GET", link, status=status, **options)).text


def later(crowd: Crowd, **by: int) -> object:
    usual = crowd.ws.clock

    class Later:
        def now(self) -> object:
            return usual.now() + timedelta(**by)

    crowd.ws.clock = Later()  # type: ignore[assignment]
    return usual


async def test_a_record_is_shown_to_anybody_and_to_no_robot(crowd: Crowd) -> None:
    link = await shared(crowd, title="For you")
    answer = await crowd.call("", "GET", link, status=200)
    assert "Grease the capstan" in answer.text or "For you" in answer.text
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["cache-control"].endswith("no-store")
    assert 'href="/projects' not in answer.text
    assert 'href="/identity' not in answer.text
    assert "csrf" not in answer.text
    mine = await crowd.call("lead", "GET", "/api/sharing/links", status=200)
    (one,) = mine.json()["items"]
    assert (one["opened_count"], one["last_opened_at"] is not None) == (1, True)
    assert not {"digest", "password_hash"} & set(one)
    token = link.rpartition("/")[2]
    assert token not in mine.text
    assert rules.digest(token) not in mine.text
    for who in ("ada", "carl", "eve"):
        found = await crowd.call(who, "GET", "/api/sharing/links")
        assert found.status_code == 403 or found.json()["items"] == []
    history = await crowd.call("lead", "GET", f"/api/sharing/links/{one['id']}/history", status=200)
    assert token not in history.text
    assert rules.digest(token) not in history.text


async def test_guarded_fields_internal_words_and_private_files_stay_inside(crowd: Crowd) -> None:
    project = f"/api/projects/projects/{crowd.project}"
    guarded = {"hourly_rate": "4321.00", "description": "Open words"}
    await crowd.call("admin", "PATCH", project, json=guarded, status=200)
    await crowd.say("ada", "internal-zanzibar", internal=True)
    root = await crowd.say("ada", "open-marrakesh **bold**")
    await crowd.say("ada", "answer-internal-zanzibar", internal=True, parent_id=root["id"])
    secret = await crowd.attach("ada", "private-plan.txt", b"private words")
    public = await crowd.attach("ada", "public-plan.txt", b"public words", is_public=True)
    await crowd.say("ada", f"![x](/file/{secret['id']}/a.png) ![y](/file/{public['id']}/b.png)")

    for who in ("lead", "admin"):
        link = await shared(crowd, who, with_comments=True)
        text = await opened(crowd, link)
        assert "open-marrakesh <strong>bold</strong>" in text
        assert "zanzibar" not in text
        assert "private-plan" not in text
        assert "public-plan.txt" in text
        assert f"/file/{secret['id']}/" not in text
        at = f"{link}/file/{public['id']}/x.txt"
        assert (await crowd.call("", "GET", at, status=200)).content == b"public words"
        await opened(crowd, f"{link}/file/{secret['id']}/x.txt", 404)
        await opened(crowd, f"{link}/file/999999/x.txt", 404)
        await opened(crowd, f"/file/{public['id']}/x.txt", 303)
        whole = await shared(crowd, who, entity="projects.project", record_id=crowd.project)
        text = await opened(crowd, whole)
        assert "Open words" in text
        assert "4321" not in text.replace(",", "")
    plain = await opened(crowd, await shared(crowd))
    assert "marrakesh" not in plain, "comments only when chosen"


async def test_a_list_is_shown_as_its_maker_sees_it_now(crowd: Crowd) -> None:
    link = await shared(crowd, record_id=0, query="q=capstan&sort=-id&cursor=x&deleted=only")
    assert "Grease the capstan" in await opened(crowd, link)
    hidden = await crowd.samples.record(
        crowd.ws.registry.noun("projects.task"), title="Secret capstan"
    )
    assert hidden.id
    assert "Secret capstan" not in await opened(crowd, link)
    await crowd.call("lead", "DELETE", f"/api/projects/tasks/{crowd.task}", status=200)
    assert "Grease" not in await opened(crowd, link)
    await opened(crowd, f"{link}?cursor=rubbish", 404)
    assert "Secret" not in await opened(crowd, f"{link}?q=&title=x&deleted=with")
    many = crowd.ws.registry.noun("projects.task")
    for number in range(101):
        await crowd.samples.record(many, project_id=crowd.project, title=f"Row {number} capstan")
    text = await opened(crowd, link)
    assert text.count("<tr>") == 101
    following = text.partition(f'href="{link}?cursor=')[2].partition('"')[0]
    assert "Row 0 capstan" in await opened(crowd, f"{link}?cursor={following}")


async def test_everything_that_ends_a_link_answers_the_same(crowd: Crowd) -> None:
    never = await opened(crowd, "/s/there-never-was-one", 404)
    assert never == await opened(crowd, "/s/" + "x" * 5000, 404)

    ended = await shared(crowd, days=1)
    usual = later(crowd, days=2)
    assert await opened(crowd, ended, 404) == never
    crowd.ws.clock = usual  # type: ignore[assignment]

    revoked = await shared(crowd)
    link = (await crowd.call("lead", "GET", "/api/sharing/links?sort=-id")).json()["items"][0]
    await crowd.call("ada", "POST", f"/share/revoke/{link['id']}", status=403)
    await crowd.call("lead", "DELETE", f"/api/sharing/links/{link['id']}", status=200)
    assert await opened(crowd, revoked, 404) == never

    binned = await shared(crowd)
    gone = await crowd.call("lead", "DELETE", f"/api/projects/tasks/{crowd.task}", status=200)
    assert await opened(crowd, binned, 404) == never
    await crowd.call(
        "lead", "POST", f"/api/changes/{gone.headers['x-change-set']}/undo", status=200
    )
    await opened(crowd, binned)

    crowd.ws.settings = msgspec.structs.replace(crowd.ws.settings, share_links=False)
    assert await opened(crowd, binned, 404) == never
    assert "switched off" in await shared(crowd, status=409)
    page = (await crowd.call("lead", "GET", f"/projects/tasks/{crowd.task}")).text
    assert "/share/projects" not in page
    crowd.ws.settings = msgspec.structs.replace(crowd.ws.settings, share_links=True)

    file = await crowd.attach("ada", "public.txt", b"public", is_public=True)
    members = await crowd.call(
        "admin", "GET", f"/api/projects/members?user_id={crowd.people['lead'].id}"
    )
    (member,) = [m for m in members.json()["items"] if m["project_id"] == crowd.project]
    await crowd.call("admin", "DELETE", f"/api/projects/members/{member['id']}")
    assert await opened(crowd, binned, 404) == never, "its maker sees the task no more"
    assert await opened(crowd, f"{binned}/file/{file['id']}/x.txt", 404) == never


async def test_a_link_dies_with_its_makers_account_and_grant(crowd: Crowd) -> None:
    link = await shared(crowd)
    users, lead = crowd.ws.registry.noun("identity.user"), crowd.people["lead"].id
    await opened(crowd, link)

    async def turn(verb: str) -> None:
        action = users.actions[verb]
        await crowd.ws.run(SYSTEM, lambda ctx: perform.act(ctx, users, action, lead, {}))

    await turn("deactivate")
    await opened(crowd, link, 404)
    await turn("activate")
    await opened(crowd, link)
    (member,) = (await crowd.ws.page(SYSTEM, "identity.role", {"code": "member"})).items
    data = {"roles": [member.id]}
    await crowd.ws.run(SYSTEM, lambda ctx: perform.update(ctx, users, lead, data))
    await opened(crowd, link, 404)


async def test_who_may_share_and_what(crowd: Crowd) -> None:
    for who, status in (("ada", 403), ("carl", 403), ("vera", 403), ("", 401)):
        await shared(crowd, who, status=status)
    for wish, status in (
        ({"entity": "identity.user", "record_id": 1}, 422),
        ({"entity": "identity.user", "record_id": 0}, 422),
        ({"entity": "nothing"}, 422),
        ({"record_id": 999999}, 404),
        ({"record_id": -1}, 422),
        ({"record_id": 0, "query": "no_such_field=1"}, 400),
        ({"password": "short"}, 422),
        ({"days": 0}, 422),
        ({"days": 4000}, 422),
        ({"oops": 1}, 422),
    ):
        await shared(crowd, status=status, **wish)  # type: ignore[arg-type]
    hidden = await crowd.samples.record(crowd.ws.registry.noun("projects.task"))
    await shared(crowd, record_id=hidden.id, status=404)


async def test_a_password_is_asked_remembered_and_cannot_be_guessed_fast(crowd: Crowd) -> None:
    link = await shared(crowd, password="capstan grease")
    asked = await opened(crowd, link)
    assert "Grease the capstan" not in asked
    assert 'type="password"' in asked

    async def tried(word: str, status: int, **more: object) -> object:
        return await crowd.call("", "POST", link, data={"password": word}, status=status, **more)

    await tried("wrong", 403)
    right = await tried("capstan grease", 303)
    cookie = right.headers["set-cookie"]  # type: ignore[attr-defined]
    assert "HttpOnly" in cookie
    assert f"Path={link}" in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    crowd.client.cookies.clear()
    assert "Grease the capstan" in await opened(
        crowd, link, headers={"cookie": f"mainstay_share={value}"}
    )
    for false in ("", "x", value[:-1] + ("0" if value[-1] != "0" else "1")):
        kept = {"cookie": f"mainstay_share={false}"}
        assert "Grease" not in await opened(crowd, link, headers=kept)
    for _ in range(5):
        await tried("wrong", 403)
    slow = await tried("capstan grease", 429)
    assert int(slow.headers["retry-after"]) >= 1  # type: ignore[attr-defined]
    usual = later(crowd, minutes=30)
    await tried("capstan grease", 303)
    crowd.ws.clock = usual  # type: ignore[assignment]
    file = await crowd.attach("ada", "public.txt", b"public", is_public=True)
    crowd.client.cookies.clear()
    await opened(crowd, f"{link}/file/{file['id']}/x.txt", 404)


async def test_many_guesses_at_once_are_all_counted(crowd: Crowd) -> None:
    link = await shared(crowd, password="capstan grease")
    tries = [crowd.call("", "POST", link, data={"password": f"no {n}"}) for n in range(12)]
    answers = [one.status_code for one in await asyncio.gather(*tries)]
    assert answers.count(403) <= 6
    assert answers.count(429) >= 6


async def test_the_dialog_makes_shows_once_and_revokes(crowd: Crowd) -> None:
    path = f"/share/projects/tasks/{crowd.task}"
    for who, status in (("ada", 403), ("eve", 403)):
        await crowd.call(who, "GET", path, status=status)
    await crowd.call("lead", "GET", "/share/identity/users/1", status=422)
    form = {"title": "Roof <b>", "days": "7", "password": "", "with_comments": "on"}
    made = (await crowd.call("lead", "POST", path, data=form, status=200)).text
    link = made.partition('value="')[2]
    link = urlsplit(made.partition("/s/")[1] + made.partition("/s/")[2].partition('"')[0]).path
    assert "Roof &lt;b&gt;" in await opened(crowd, link)
    again = (await crowd.call("lead", "GET", path, status=200)).text
    assert link not in again
    assert "Roof &lt;b&gt;" in again
    number = again.partition("/share/revoke/")[2].partition('"')[0]
    await crowd.call("lead", "POST", f"/share/revoke/{number}", status=200)
    await opened(crowd, link, 404)
    short = (await crowd.call("lead", "POST", path, data=form | {"password": "x"}, status=200)).text
    assert "at least 6" in short

    async def rows(ctx: Context) -> int:
        return len(await ctx.all(ShareLink, anywhere=True))

    assert await crowd.ws.look(SYSTEM, rows) == 0


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<a href="/projects/tasks/1">x</a>', "<span>x</span>"),
        ('<a href="https://a.example">x</a>', '<a href="https://a.example">x</a>'),
        (
            '<a class="person" href="/identity/users/1"><b>x</b></a>',
            '<span class="person"><b>x</b></span>',
        ),
        ('<a href="#x">x</a> <a href="?a">y</a>', "<span>x</span> <span>y</span>"),
    ],
)
def test_links_to_the_inside_are_taken_out(html: str, wanted: str) -> None:
    assert unled(html) == wanted
