"""Comments: threads, mentions, signs, versions, and that internal ones leak nowhere."""

import asyncio

import pytest

from mainstay.facets.comments import api
from mainstay.facets.comments.entities import Comment
from mainstay.facets.comments.stream import entries
from mainstay.kernel import perform
from mainstay.kernel.context import Context
from mainstay.kernel.live import Listener
from mainstay.kernel.scope import SYSTEM
from tests.harness.crowd import Crowd

PATH = "/api/comments/comments"


async def listed(crowd: Crowd, who: str, **query: object) -> list[dict]:
    params = {"entity": "projects.task", "record_id": crowd.task, **query}
    return (await crowd.call(who, "GET", PATH, params=params, status=200)).json()["items"]


async def test_answers_join_one_thread_and_live_on_below_a_removed_comment(crowd: Crowd) -> None:
    root = await crowd.say("ada", "Who greases it?")
    first = await crowd.say("ben", "I do.", parent_id=root["id"])
    deeper = await crowd.say("carl", "Thanks!", parent_id=first["id"])
    assert first["parent_id"] == deeper["parent_id"] == root["id"]
    await crowd.call("ada", "DELETE", f"{PATH}/{root['id']}", status=200)

    async def read(ctx: Context) -> list:
        return await entries(ctx, ctx.registry.noun("projects.task"), crowd.task, 0, 10)

    (thread,) = await crowd.ws.look(crowd.people["ben"], read)
    assert (thread.removed, str(thread.html)) == (True, "")
    assert [one.author for one in thread.answers] == ["Ben Example", "Carl Example"]
    for one in (first, deeper):
        await crowd.call("lead", "DELETE", f"{PATH}/{one['id']}", status=200)
    assert await crowd.ws.look(crowd.people["ben"], read) == []


async def test_an_answer_belongs_to_the_record_of_its_comment(crowd: Crowd) -> None:
    root = await crowd.say("ada", "Here")
    data = {"entity": "projects.project", "record_id": crowd.project, "body": "There"}
    wrong = await crowd.call("ada", "POST", PATH, json=data | {"parent_id": root["id"]}, status=422)
    assert wrong.json()["errors"][0]["field"] == "parent_id"


async def test_who_may_do_what(crowd: Crowd) -> None:
    said = await crowd.say("ada", "Mine")
    one = f"{PATH}/{said['id']}"
    for who in ("eve", "vera"):
        await crowd.say(who, "Let me in", status=422 if who == "eve" else 403)
    await crowd.call("eve", "GET", one, status=404)
    await crowd.call("vera", "GET", one, status=200)
    for who, status in (("ben", 403), ("lead", 403), ("admin", 403), ("vera", 403), ("eve", 404)):
        await crowd.call(who, "PATCH", one, json={"body": "Yours"}, status=status)
    for who, status in (("ben", 403), ("vera", 403), ("eve", 404)):
        await crowd.call(who, "DELETE", one, status=status)
    await crowd.call("lead", "DELETE", one, status=200)
    await crowd.say("", "anonymous", status=401)


async def test_a_comment_on_a_binned_record_is_refused(crowd: Crowd) -> None:
    said = await crowd.say("ada", "Before")
    await crowd.call("ada", "DELETE", f"/api/projects/tasks/{crowd.task}", status=200)
    refused = await crowd.say("ada", "After", status=409)
    assert "bin" in refused["detail"]
    await crowd.call("ada", "PATCH", f"{PATH}/{said['id']}", json={"body": "x"}, status=409)


async def test_texts_that_are_refused(crowd: Crowd) -> None:
    for body in ("", "x" * 5001, "nul\x00", "half \ud800"):
        data = {"entity": "projects.task", "record_id": crowd.task}
        if "\ud800" in body:
            raw = b'{"entity":"projects.task","record_id":1,"body":"half \\ud800"}'
            head = {"content-type": "application/json"}
            await crowd.call("ada", "POST", PATH, content=raw, headers=head, status=400)
            continue
        await crowd.call("ada", "POST", PATH, json=data | {"body": body}, status=422)
    for entity in ("identity.user", "comments.comment", "nothing"):
        data = {"entity": entity, "record_id": 1, "body": "x"}
        wrong = await crowd.call("ada", "POST", PATH, json=data, status=422)
        assert wrong.json()["errors"][0]["field"] == "entity"


async def test_mentions_reach_only_those_who_may_read(crowd: Crowd) -> None:
    ids = {who: me.id for who, me in crowd.people.items()}
    body = " ".join(f"@[{who}](user:{ids[who]})" for who in ("ben", "eve", "carl"))
    body += f" `@[vera](user:{ids['vera']})` @[nobody](user:999999)"
    open_ = await crowd.say("ada", body)
    assert open_["mentions"] == [ids["ben"], ids["carl"]]
    hidden = await crowd.say("ada", body, internal=True)
    assert hidden["mentions"] == [ids["ben"]]
    edited = await crowd.call(
        "ada", "PATCH", f"{PATH}/{open_['id']}", json={"body": "Nobody"}, status=200
    )
    assert edited.json()["mentions"] == []

    async def of(ctx: Context, who: str) -> list[api.Mention]:
        return await api.mentions_of(ctx, crowd.people[who])

    found = await crowd.ws.look(crowd.people["ben"], lambda ctx: of(ctx, "ben"))
    assert [one.id for one in found] == [hidden["id"]]
    assert found[0].text.startswith("@ben @eve @carl")
    assert await crowd.ws.look(crowd.people["carl"], lambda ctx: of(ctx, "carl")) == []


async def test_a_renamed_person_is_called_by_the_new_name(crowd: Crowd) -> None:
    ben = crowd.people["ben"].id
    await crowd.say("ada", f"Ask @[Ben Example](user:{ben})")
    noun = crowd.ws.registry.noun("identity.user")
    fresh = {"display_name": "Benedict Other"}
    await crowd.ws.run(SYSTEM, lambda ctx: perform.update(ctx, noun, ben, fresh))

    async def read(ctx: Context) -> list:
        return await entries(ctx, ctx.registry.noun("projects.task"), crowd.task, 0, 10)

    (said,) = await crowd.ws.look(crowd.people["ada"], read)
    assert "@Benedict Other" in said.html
    assert "Ben Example" not in said.html


async def test_only_people_who_may_read_are_offered(crowd: Crowd) -> None:
    async def offered(who: str, **more: object) -> list[str]:
        params = {"entity": "projects.task", "record_id": crowd.task, **more}
        path = "/api/comments/ask/mentionable"
        found = await crowd.call(who, "GET", path, params=params, status=200)
        return [one["username"] for one in found.json()]

    everybody = await offered("ada")
    assert {"ben", "carl", "vera", "admin", "lead"} <= set(everybody)
    assert "eve" not in everybody
    assert "carl" not in await offered("ada", internal="true")
    assert await offered("ada", q="be") == ["ben"]
    assert await offered("ada", q="eve") == []
    assert set(await offered("carl")) <= {"carl"}, "a client sees no colleagues"
    params = {"entity": "projects.task", "record_id": crowd.task}
    path = "/api/comments/ask/mentionable"
    await crowd.call("eve", "GET", path, params=params, status=422)
    await crowd.call("vera", "GET", path, params=params, status=403)
    await crowd.call("carl", "GET", path, params=params | {"internal": "true"}, status=403)


async def test_codes_are_links_where_the_reader_sees_the_record(crowd: Crowd) -> None:
    task = (await crowd.call("ada", "GET", f"/api/projects/tasks/{crowd.task}")).json()
    elsewhere = await crowd.samples.record(
        crowd.ws.registry.noun("projects.task"), title="Secret title", code="HIDDEN-1"
    )
    await crowd.say("admin", f"See {task['code']}, HIDDEN-1, #{crowd.task} and #{elsewhere.id}.")

    async def read(ctx: Context) -> str:
        found = await entries(ctx, ctx.registry.noun("projects.task"), crowd.task, 0, 10)
        return str(found[0].html)

    mine = await crowd.ws.look(crowd.people["ada"], read)
    assert mine.count(f'href="/projects/tasks/{crowd.task}"') == 2
    assert "Secret title" not in mine
    assert f"/projects/tasks/{elsewhere.id}" not in mine
    everything = await crowd.ws.look(crowd.people["admin"], read)
    assert everything.count(f"/projects/tasks/{elsewhere.id}") == 2


def places(crowd: Crowd, said: int) -> tuple[str, ...]:
    """Every place where a comment might show."""
    return (
        f"{PATH}/{said}",
        f"{PATH}/{said}/history",
        f"{PATH}/{said}?include=created_by",
        f"{PATH}?q=zanzi",
        f"{PATH}?internal=true",
        f"{PATH}?body__contains=zanzi",
        f"{PATH}?deleted=with",
        f"{PATH}?count=true",
        f"{PATH}/export?format=csv",
        "/api/search?q=zanzi",
        "/palette?q=zanzi",
        "/palette/records?q=zanzi",
        "/search?q=zanzi",
        "/api/comments/reactions",
        f"/projects/tasks/{crowd.task}",
        f"/projects/tasks/{crowd.task}/history",
        f"/say/{said}/versions",
        f"/say/{said}/answer",
        f"/say/{said}/edit",
        "/comments/comments",
        f"/comments/comments/{said}",
        f"/api/projects/tasks/{crowd.task}/history",
    )


async def test_internal_comments_are_nowhere_for_those_without_the_grant(crowd: Crowd) -> None:
    secret = "zanzibar"
    said = await crowd.say("ada", f"Between us: {secret}", internal=True)
    below = await crowd.say("ben", f"{secret} indeed", parent_id=said["id"])
    assert below["internal"] is True
    await crowd.call("ben", "POST", f"{PATH}/{said['id']}/react", json={"emoji": "👀"}, status=200)
    await crowd.call("ada", "PATCH", f"{PATH}/{said['id']}", json={"body": f"{secret}!"})
    for who in ("carl", "vera", "eve"):
        for path in places(crowd, said["id"]):
            text = (await crowd.call(who, "GET", path)).text
            assert secret not in text, (who, path)
            assert "👀" not in text, (who, path)
    one = f"{PATH}/{said['id']}"
    counted = await crowd.call("carl", "GET", f"{PATH}?count=true", status=200)
    assert counted.json()["count"] == 0
    for method, path, data in (
        ("POST", f"{one}/react", {"emoji": "👍"}),
        ("PATCH", one, {"body": "x"}),
        ("DELETE", one, None),
        ("POST", f"{one}/restore", {}),
    ):
        answer = await crowd.call("carl", method, path, json=data)
        assert answer.status_code in (403, 404), (method, path)
    await crowd.say("carl", "me too", internal=True, status=403)
    await crowd.say("carl", "below", parent_id=said["id"], status=422)
    page = (await crowd.call("ben", "GET", f"/projects/tasks/{crowd.task}", status=200)).text
    assert secret in page


async def test_internal_comments_send_no_live_frames_to_clients(crowd: Crowd) -> None:
    hub = crowd.ws.hub
    await hub.start()
    topics = frozenset({f"projects.task:{crowd.task}", "comments.comment"})
    clients = [Listener(crowd.people[who], topics) for who in ("carl", "ben", "eve")]
    hub.listeners.update(clients)
    place = hub.place
    said = await crowd.say("ada", "hush", internal=True)
    await crowd.call("ada", "POST", f"{PATH}/{said['id']}/react", json={"emoji": "👍"}, status=200)
    await crowd.call("ada", "DELETE", f"{PATH}/{said['id']}", status=200)
    await crowd.say("ada", "aloud")
    carl, ben, eve = clients
    # On PostgreSQL a row is settled when no older transaction of the server is open any more.
    for _ in range(600):
        await hub.pump()
        if carl.queue.qsize():
            break
        await asyncio.sleep(0.05)
    assert ben.queue.qsize() >= 4
    assert carl.queue.qsize() == 1
    assert eve.queue.qsize() == 0
    frames, _, _ = await hub.since(crowd.people["carl"], place or (0, 0), topics)
    assert len(frames) == 1


async def test_a_sign_is_given_once_and_taken_back(crowd: Crowd) -> None:
    said = await crowd.say("ada", "Done")
    react = f"{PATH}/{said['id']}/react"

    async def count() -> int:
        query = {"comment_id": said["id"], "count": "true"}
        answer = await crowd.call("ben", "GET", "/api/comments/reactions", params=query)
        return answer.json()["count"]

    both = [crowd.call("ben", "POST", react, json={"emoji": "👍"}) for _ in range(2)]
    assert {one.status_code for one in await asyncio.gather(*both)} == {200}
    assert await count() == 0, "given and taken back, whichever came first"
    for who in ("ada", "ben", "carl"):
        await crowd.call(who, "POST", react, json={"emoji": "👍"}, status=200)
    assert await count() == 3
    for sign in ("a", "<b>", "👍👍 ok", "", "\u202e", "x" * 33):
        await crowd.call("ben", "POST", react, json={"emoji": sign}, status=422)
    await crowd.call("vera", "POST", react, json={"emoji": "👍"}, status=403)
    await crowd.call("eve", "POST", react, json={"emoji": "👍"}, status=404)
    again = (await crowd.call("ada", "GET", f"{PATH}/{said['id']}")).json()
    assert again["version"] == said["version"], "a sign does not make an open editor stale"


async def test_words_are_changed_with_their_versions_kept(crowd: Crowd) -> None:
    said = await crowd.say("ada", "The old words stay")
    one = f"{PATH}/{said['id']}"
    changed = await crowd.call("ada", "PATCH", one, json={"body": "The new words stay"}, status=200)
    assert changed.json()["edited_at"] is not None
    shown = (await crowd.call("ben", "GET", f"/say/{said['id']}/versions", status=200)).text
    assert "<del>old</del>" in shown
    assert "<ins>new</ins>" in shown
    undo = changed.headers["x-change-set"]
    await crowd.call("ada", "POST", f"/api/changes/{undo}/undo", status=200)
    back = (await crowd.call("ada", "GET", one)).json()
    assert (back["body"], back["edited_at"]) == ("The old words stay", None)
    await crowd.call("ada", "POST", f"/api/changes/{said['change']}/undo", status=200)
    await crowd.call("ada", "GET", one, status=404)


async def test_the_stream_costs_as_many_queries_for_fifty_comments_as_for_five(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    noun = crowd.ws.registry.noun(Comment)
    ben = crowd.people["ben"].id

    async def fill(count: int) -> None:
        async def work(ctx: Context) -> None:
            for _ in range(count):
                data = {"entity": "projects.task", "record_id": crowd.task}
                made = await perform.create(
                    ctx, noun, data | {"body": f"Hi @[Ben](user:{ben}) T-1"}
                )
                await perform.create(ctx, noun, data | {"body": "Yes", "parent_id": made.id})

        await crowd.ws.run(crowd.people["ada"], work, slow=True)

    async def cost() -> int:
        seen = 0

        async def work(ctx: Context) -> None:
            nonlocal seen
            kind = type(ctx.connection)
            fetch = kind.fetch

            async def counted(self: object, *args: object) -> object:
                nonlocal seen
                seen += 1
                return await fetch(self, *args)  # type: ignore[arg-type]

            monkeypatch.setattr(kind, "fetch", counted)
            found = await entries(ctx, ctx.registry.noun("projects.task"), crowd.task, 0, 50)
            monkeypatch.undo()
            assert found

        await crowd.ws.look(crowd.people["ada"], work)
        return seen

    await fill(5)
    few = await cost()
    await fill(45)
    assert await cost() == few <= 8
