"""Every resource: create, read, change, bin, restore, filter, sort, page, history, refusals."""

import re
from datetime import datetime

import msgspec
import pytest

from mainstay.app import registry
from mainstay.kernel.fields import Choice, Instant, Json, Links, Ref, Text, Within
from mainstay.kernel.noun import Noun
from mainstay.kernel.scope import SYSTEM
from tests.contract.conftest import Stage
from tests.harness.samples import ALSO

HOUSE = registry()
PARTS = 16
KEYS = sorted(HOUSE.nouns)
CREATABLE = [key for key in KEYS if "create" in HOUSE.nouns[key].resource.verbs]
EDITABLE = [key for key in CREATABLE if "update" in HOUSE.nouns[key].resource.verbs]
BINNED = [key for key in CREATABLE if "restore" in HOUSE.nouns[key].resource.verbs]


def noun_of(key: str) -> Noun:
    return HOUSE.nouns[key]


def text_field(noun: Noun) -> str | None:
    """The first free text that can be edited."""
    for name in noun.resource.write:
        kind = noun.fields[name].kind
        if isinstance(kind, Text) and not kind.pattern and not kind.normal and kind.most >= 50:
            return name
    return None


GUARDED = [key for key in CREATABLE if HOUSE.nouns[key].groups]


@pytest.mark.parametrize("key", GUARDED)
async def test_no_diff_tells_what_its_reader_may_not_read(stage: Stage, key: str) -> None:
    """Dry runs, undo and import previews are read by people without the grant of a group."""
    noun = noun_of(key)
    every = [one for one in HOUSE.permissions if ".read_" not in one]
    admin = stage.people["admin"]
    stage.people["unpaid"] = msgspec.structs.replace(admin, grants=frozenset(every))
    secret = {n for n, item in noun.fields.items() if item.kind.group}
    full = await stage.samples.data(noun, full=True)
    plain = {name: value for name, value in full.items() if name not in secret}
    path, told, seen = f"/api/{noun.path}", [], set()
    record = (await stage.call("admin", "POST", path, json=full, status=201)).json()

    def note(diffs: list[dict]) -> None:
        told.extend(diffs)
        for one in diffs:
            seen.update(secret.intersection({**(one["before"] or {}), **(one["after"] or {})}))

    given = await stage.samples.data(noun) | {n: full[n] for n in full if n in ALSO.get(key, ())}
    free = {name: value for name, value in given.items() if name not in secret}
    about = text_field(noun)
    for wanted in (
        {"create": [free]},
        {"update": [{"id": record["id"], **({about: "New words"} if about else plain)}]},
    ):
        body = {**wanted, "dry_run": True}
        answer = await stage.call("unpaid", "POST", f"{path}/bulk", json=body)
        note(answer.json().get("diff", []))
    for name in sorted(secret & full.keys()):
        if not noun.fields[name].optional:
            continue
        cleared = await stage.call("admin", "PATCH", f"{path}/{record['id']}", json={name: None})
        if change := cleared.headers.get("x-change-set"):
            answer = await stage.call("unpaid", "POST", f"/api/changes/{change}/undo")
            note(answer.json().get("diff", []))
    columns = [name for name in plain if not isinstance(noun.fields[name].kind, (Links, Json))]
    lines = [",".join(columns), ",".join(str(plain[name]) for name in columns)]
    file = {"file": ("new.csv", "\n".join(lines).encode(), "text/csv")}
    answer = await stage.call("unpaid", "POST", f"{path}/import?dry_run=true", files=file)
    note(answer.json().get("diff", []))
    assert told
    assert seen == set()


async def made(stage: Stage, key: str, **given: object) -> dict:
    noun = noun_of(key)
    data = await stage.samples.data(noun, **given)
    return (await stage.call("admin", "POST", f"/api/{noun.path}", json=data, status=201)).json()


@pytest.mark.parametrize("key", CREATABLE)
async def test_create_answers_what_get_answers(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    data = await stage.samples.data(noun, full=True)
    answer = await stage.call("admin", "POST", f"/api/{noun.path}", json=data, status=201)
    record = answer.json()
    assert answer.headers["location"] == f"/api/{noun.path}/{record['id']}"
    assert answer.headers["etag"] == f'"{record["version"]}"'
    got = await stage.call("admin", "GET", answer.headers["location"], status=200)
    assert normal(noun, got.json()) == normal(noun, record)
    again = await stage.call(
        "admin", "GET", answer.headers["location"], headers={"if-none-match": got.headers["etag"]}
    )
    assert again.status_code == 304


def normal(noun: Noun, record: dict) -> dict:
    """Leave out what engines write differently: the digits of an instant."""
    return {
        name: datetime.fromisoformat(value)
        if isinstance(noun.fields[name].kind, Instant) and value
        else value
        for name, value in record.items()
        if name in noun.fields
    }


@pytest.mark.parametrize("key", CREATABLE)
async def test_required_and_unknown_fields_are_named(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    data = await stage.samples.data(noun)
    answer = await stage.call(
        "admin", "POST", f"/api/{noun.path}", json={**data, "no_such_field": 1}, status=422
    )
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == "/problems/invalid"
    assert any(error["field"] == "no_such_field" for error in body["errors"])
    required = [n for n in noun.create_type.__struct_fields__ if noun.fields[n].required]
    empty = await stage.call("admin", "POST", f"/api/{noun.path}", json={})
    if required:
        assert empty.status_code == 422
        assert {e["field"] for e in empty.json()["errors"]} >= set(required)


@pytest.mark.parametrize("key", CREATABLE)
async def test_server_owned_fields_cannot_be_written(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    owned = set(noun.fields) - set(noun.create_type.__struct_fields__)
    data = await stage.samples.data(noun)
    for name in owned:
        answer = await stage.call("admin", "POST", f"/api/{noun.path}", json={**data, name: 1})
        assert answer.status_code == 422, name


@pytest.mark.parametrize("key", EDITABLE)
async def test_update_checks_the_version_and_is_undone(stage: Stage, key: str) -> None:
    noun, name = noun_of(key), text_field(noun_of(key))
    if name is None:
        pytest.skip("no free text to edit")
    record = await made(stage, key)
    path = f"/api/{noun.path}/{record['id']}"
    was = record[name]
    first = await stage.call(
        "admin",
        "PATCH",
        path,
        json={name: "First change", "version": record["version"]},
        status=200,
    )
    assert first.json()[name] == "First change"
    assert first.json()["version"] > record["version"]
    stale = await stage.call(
        "admin", "PATCH", path, json={name: "Second"}, headers={"if-match": '"1"'}, status=409
    )
    assert stale.json()["type"] == "/problems/stale-version"
    assert stale.json()["current"][name] == "First change"
    if noun.fields[name].kind.personal:
        return
    change = first.headers["x-change-set"]
    await stage.call("admin", "POST", f"/api/changes/{change}/undo", status=200)
    assert (await stage.call("admin", "GET", path)).json()[name] == was


@pytest.mark.parametrize("key", BINNED)
async def test_delete_hides_and_restore_brings_back(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    record = await made(stage, key)
    path = f"/api/{noun.path}/{record['id']}"
    await stage.call("admin", "DELETE", path, status=200)
    await stage.call("admin", "GET", path, status=404)
    binned = await stage.call("admin", "GET", f"/api/{noun.path}?deleted=only&id={record['id']}")
    assert [item["id"] for item in binned.json()["items"]] == [record["id"]]
    await stage.call("admin", "POST", f"{path}/restore", status=200)
    await stage.call("admin", "GET", path, status=200)
    await stage.call("admin", "POST", f"{path}/restore", status=409)
    history = (await stage.call("admin", "GET", f"{path}/history", status=200)).json()["items"]
    assert [row["verb"] for row in history][:2] == ["restore", "delete"]
    assert history[-1]["before"] is None


@pytest.mark.parametrize("key", CREATABLE)
async def test_idempotency_key_makes_one_record(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    data = await stage.samples.data(noun)
    headers = {"idempotency-key": f"{key}-{id(data)}"}
    url = f"/api/{noun.path}"
    first = await stage.call("admin", "POST", url, json=data, headers=headers, status=201)
    second = await stage.call("admin", "POST", url, json=data, headers=headers, status=201)
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    name = next(iter(data), None)
    other = {**data, "version": 3} if name is None else {k: v for k, v in data.items() if k != name}
    answer = await stage.call("admin", "POST", url, json=other, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("key", KEYS)
async def test_every_sort_and_filter_that_is_offered_works(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    if key in CREATABLE:
        await made(stage, key)
    for place, (name, item) in enumerate(noun.fields.items()):
        if item.kind.secret:
            continue
        if name in noun.columns and not isinstance(item.kind, Json):
            sign = ("", "-")[place % 2]
            await stage.call("admin", "GET", f"/api/{noun.path}?sort={sign}{name}", status=200)
        # All operators at once: each is a condition of its own, and a wrong one is named.
        asked = [
            f"{name}{'__' + op if op else ''}="
            f"{'true' if op == 'isnull' else sample_text(item.kind)}"
            for op in item.kind.operators
        ]
        if asked:
            await stage.call("admin", "GET", f"/api/{noun.path}?{'&'.join(asked)}", status=200)
    for bad in ("no_such=1", "sort=no_such", "include=no_such", "limit=0", "limit=x", "cursor=!"):
        answer = await stage.call("admin", "GET", f"/api/{noun.path}?{bad}", status=400)
        assert answer.json()["type"] == "/problems/malformed"
    for name in (*noun.refs, *noun.links):
        await stage.call("admin", "GET", f"/api/{noun.path}?include={name}", status=200)


def sample_text(kind: object) -> str:
    if isinstance(kind, Choice):
        return kind.values[0]
    if isinstance(kind, (Ref, Links, Within)):
        return "1"
    return {"number": "1", "date": "2026-12-01", "datetime": "2026-12-01", "checkbox": "true"}.get(
        getattr(kind, "widget", ""), "a"
    )


@pytest.mark.parametrize("key", CREATABLE)
async def test_pages_do_not_repeat_or_skip_while_records_are_added(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    ids = [(await made(stage, key))["id"] for _ in range(5)]
    url = f"/api/{noun.path}?sort=id&limit=2&id__gte={ids[0]}&fields=id"
    seen: list[int] = []
    answer = (await stage.call("admin", "GET", url, status=200)).json()
    while True:
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        if len(seen) < 5:
            await made(stage, key)
        answer = (
            await stage.call("admin", "GET", f"{url}&cursor={answer['next']}", status=200)
        ).json()
    assert len(seen) == len(set(seen))
    assert seen[:5] == ids or set(ids) <= set(seen)


@pytest.mark.parametrize("key", KEYS)
async def test_strangers_see_nothing(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    await stage.call("anonymous", "GET", f"/api/{noun.path}", status=401)
    await stage.call("anonymous", "GET", f"/api/{noun.path}/1", status=401)
    await stage.call("anonymous", "POST", f"/api/{noun.path}", json={}, status=401) if (
        key in CREATABLE
    ) else None
    await stage.call("gone", "GET", f"/api/{noun.path}", status=401)


@pytest.mark.parametrize("key", [key for key in CREATABLE if HOUSE.nouns[key].resource.scope])
async def test_hidden_answers_the_same_bytes_as_missing(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    record = await made(stage, key)
    missing = 900_000_000 + record["id"]
    if not stage.people["member"].can(noun.permission("read")):
        await stage.call("member", "GET", f"/api/{noun.path}/{record['id']}", status=403)
        return
    if stage.people["member"].can(noun.permission("see_all")):
        pytest.skip("colleagues see all of these")
    if noun.resource.scope and noun.resource.scope.named:
        pytest.skip("seen with what it belongs to; tested with the facet")
    hidden = await stage.call("member", "GET", f"/api/{noun.path}/{record['id']}", status=404)
    absent = await stage.call("member", "GET", f"/api/{noun.path}/{missing}", status=404)
    said = re.sub(rf"\b{record['id']}\b", "N", hidden.text)
    assert said == re.sub(rf"\b{missing}\b", "N", absent.text)
    listed = await stage.call("member", "GET", f"/api/{noun.path}?id={record['id']}&count=true")
    assert listed.json()["items"] == []
    assert listed.json()["count"] == 0
    for method, path in (("PATCH", ""), ("DELETE", ""), ("GET", "/history")):
        answer = await stage.call(
            "member", method, f"/api/{noun.path}/{record['id']}{path}", json={}
        )
        assert answer.status_code in (403, 404, 405), (method, path, answer.text)


@pytest.mark.parametrize("key", KEYS)
async def test_secrets_are_never_answered(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    secrets = [name for name, item in noun.fields.items() if item.kind.secret]
    answer = await stage.call("admin", "GET", f"/api/{noun.path}?deleted=with", status=200)
    for item in answer.json()["items"]:
        assert not set(item) & set(secrets)
    for name in secrets:
        await stage.call("admin", "GET", f"/api/{noun.path}?{name}=x", status=400)
        await stage.call("admin", "GET", f"/api/{noun.path}?sort={name}", status=400)
        await stage.call("admin", "GET", f"/api/{noun.path}?fields={name}", status=400)


@pytest.mark.parametrize("key", EDITABLE)
async def test_bulk_is_all_or_nothing_and_dry_runs_change_nothing(stage: Stage, key: str) -> None:
    noun, name = noun_of(key), text_field(noun_of(key))
    if name is None:
        pytest.skip("no free text to edit")
    one, two = await made(stage, key), await made(stage, key)
    changes = [{"id": r["id"], name: f"Bulk change {key} {r['id']}"} for r in (one, two)]
    url = f"/api/{noun.path}/bulk"
    dry = await stage.call("admin", "POST", url, json={"update": changes, "dry_run": True})
    assert dry.status_code == 200, dry.text
    assert dry.json()["dry_run"]
    assert len([d for d in dry.json()["diff"] if d["resource"] == key]) >= 2
    path = f"/api/{noun.path}/{one['id']}"
    assert (await stage.call("admin", "GET", path)).json()[name] == one[name]
    bad = [*changes, {"id": 900_000_000, name: "x"}]
    refused = await stage.call("admin", "POST", url, json={"update": bad}, status=422)
    assert refused.json()["errors"][0]["field"].startswith("update[2]")
    assert (await stage.call("admin", "GET", path)).json()[name] == one[name]
    await stage.call("admin", "POST", url, json={"update": changes}, status=200)
    assert (await stage.call("admin", "GET", path)).json()[name] == changes[0][name]


@pytest.mark.parametrize("key", EDITABLE)
async def test_naughty_strings_come_back_to_the_byte(
    stage: Stage, key: str, naughty: list[str]
) -> None:
    noun, name = noun_of(key), text_field(noun_of(key))
    if name is None:
        pytest.skip("no free text")
    record = await made(stage, key)
    ctx_noun = stage.ws.registry.noun(key)
    most = ctx_noun.fields[name].kind.most  # type: ignore[attr-defined]
    least = ctx_noun.fields[name].kind.least  # type: ignore[attr-defined]
    path = f"/api/{noun.path}/{record['id']}"
    # Tasks take every string; the others each a part of them, and together all.
    part = naughty if key == "projects.task" else naughty[KEYS.index(key) % PARTS :: PARTS]
    for text in part:
        if not least <= len(text) <= most or "\x00" in text:
            continue
        body = msgspec.json.encode({name: text})
        answer = await stage.call(
            "admin", "PATCH", path, content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 200, answer.text
        got = await stage.call("admin", "GET", f"{path}?fields={name}")
        assert msgspec.json.decode(got.content)[name] == text


@pytest.mark.parametrize("key", KEYS)
async def test_wrong_bodies_are_refused_clearly(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    if key not in CREATABLE:
        pytest.skip("cannot be created")
    url = f"/api/{noun.path}"
    head = {"content-type": "application/json"}
    for body, status in ((b"{", 400), (b"[]", 400), (b"nul", 400), (b'"x"', 400), (b"\xff", 400)):
        await stage.call("admin", "POST", url, content=body, headers=head, status=status)
    await stage.call(
        "admin", "POST", url, content=b"<a/>", headers={"content-type": "text/xml"}, status=415
    )
    deep = b'{"a":' * 2000 + b"1" + b"}" * 2000
    answer = await stage.call("admin", "POST", url, content=deep, headers=head)
    assert answer.status_code in (400, 422)
    for name in noun.create_type.__struct_fields__:
        wrong = {**await stage.samples.data(noun), name: {"not": ["this"]}}
        answer = await stage.call("admin", "POST", url, json=wrong)
        assert answer.status_code in (201, 422), (name, answer.text)
    assert SYSTEM.can("anything")


@pytest.mark.parametrize("key", KEYS)
async def test_pages_render(stage: Stage, key: str) -> None:
    noun = noun_of(key)
    paths = [f"/{noun.path}"]
    if key in CREATABLE:
        record = await made(stage, key)
        paths += [f"/{noun.path}/new", f"/{noun.path}/{record['id']}"]
        if key in EDITABLE:
            paths.append(f"/{noun.path}/{record['id']}/edit")
    for path in paths:
        answer = await stage.call("admin", "GET", path, status=200)
        assert "<h1" in answer.text
        assert " style=" not in answer.text
        assert "<script>" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("format_", ["json", "csv"])
@pytest.mark.parametrize("key", EDITABLE)
async def test_an_export_read_in_again_changes_nothing(
    stage: Stage, key: str, format_: str
) -> None:
    noun = noun_of(key)
    record = await made(stage, key, full=True)
    url = f"/api/{noun.path}"
    file = await stage.call("admin", "GET", f"{url}/export?format={format_}&id={record['id']}")
    assert file.status_code == 200, file.text
    answer = await stage.call(
        "admin",
        "POST",
        f"{url}/import?dry_run=1&mode=update&key=id&name=export.{format_}",
        content=file.content,
        headers={"content-type": "application/json" if format_ == "json" else "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["total"], said["unchanged"], said["failed"]) == (1, 1, 0), answer.text[:600]


# Those who lead plan around everybody's days off.
OPEN_TO = {("lead", "planning.holiday")}


def test_only_managers_see_past_the_scope_of_a_resource() -> None:
    """A star in a role's grants would take its people's scope away with it."""
    granted: dict[str, set[str]] = {}
    for module in HOUSE.modules.values():
        for role, grants in module.roles.items():
            granted.setdefault(role, set()).update(grants)
    past = set()
    for role, grants in granted.items():
        me = msgspec.structs.replace(SYSTEM, grants=frozenset(grants))
        scoped = (noun for noun in HOUSE.nouns.values() if noun.resource.scope)
        past |= {(role, n.key) for n in scoped if me.can(n.permission("see_all"))}
    assert {one for one in past if one[0] not in ("admin", "manager")} == OPEN_TO
