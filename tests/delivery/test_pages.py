"""Every resource has its pages, and what a person enters in them arrives as it was entered."""

import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from mainstay.app import ROUTES, registry
from mainstay.delivery import cells, forms, words
from mainstay.delivery.asgi import build
from mainstay.delivery.gate import COOKIE
from mainstay.delivery.pages.common import local
from mainstay.kernel import perform
from mainstay.kernel.noun import Noun
from mainstay.kernel.registry import Registry
from mainstay.kernel.scope import SYSTEM, Me
from mainstay.kernel.workspace import Workspace
from tests.harness.samples import Samples
from tests.harness.workspaces import opened

NOUNS = sorted(registry().nouns)
OPEN = [key for key, noun in registry().nouns.items() if noun.module.name != "kernel"]
MAIN = {"HX-Request": "true", "HX-Target": "main#main", "HX-Request-Type": "partial"}
DIALOG = {"HX-Request": "true", "HX-Target": "div#dialog-body", "HX-Request-Type": "partial"}
ICONS = Path(forms.__file__).parent / "static/icons.txt"
TEMPLATES = Path(forms.__file__).parents[1]


class Shape(HTMLParser):
    """Reads a page: open elements must close, ids must be single, nothing may be inline."""

    VOID = frozenset(
        {"meta", "link", "input", "br", "hr", "img", "use", "path", "rect", "i", "col"}
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.unnamed = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        self.inline += [n for n in given if n == "style" or re.match(r"on|hx-on", n)]
        self.ids += [given["id"]] if "id" in given else []
        if tag == "script" and "src" not in given:
            self.inline.append("script")
        assert not (tag == "a" and "a" in self.open), "a link within a link"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, tag
            assert self.open.pop() == tag


@pytest.fixture
def engine_name() -> str:
    """How a page looks does not depend on the engine."""
    return "sqlite"


@pytest.fixture
async def admin(workspace: Workspace) -> Me:
    """An administrator with an account."""
    user = await Samples(workspace).record(workspace.registry.noun("identity.user"))
    return Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))


@asynccontextmanager
async def visited(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser of the administrator's; the session `guest` may read tasks, nothing more."""
    guest = Me(id=admin.id, name="Guest", grants=frozenset({"projects.*.read"}))

    async def who(_: Workspace, session: str | None, _bearer: str | None) -> Me | None:
        return {"good": admin, "guest": guest}.get(session or "")

    app: Any = build(workspace, who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://mainstay.test",
        headers={"origin": "http://mainstay.test"},
        cookies={COOKIE: "good"},
    ) as one:
        yield one


@pytest.fixture
async def client(workspace: Workspace, admin: Me) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in a workspace of this test's own."""
    async with visited(workspace, admin) as one:
        yield one


@dataclass
class Tour:
    """A browser and records in one workspace that every resource is looked at in."""

    client: httpx.AsyncClient
    samples: Samples


@pytest.fixture(scope="module")
async def tour(
    house: Registry, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Tour]:
    """A tour through the pages of every resource, in one workspace."""
    folder = tmp_path_factory.mktemp("tour")
    shutil.copy(sqlite_template, folder / "a.db")
    ws = opened(f"sqlite:///{folder / 'a.db'}", house, folder)
    await ws.open()
    user = await Samples(ws).record(ws.registry.noun("identity.user"))
    me = Me(id=user.id, name="Ada Admin", grants=frozenset({"*"}))
    async with visited(ws, me) as one:
        yield Tour(one, Samples(ws, me))
    await ws.close()


@pytest.fixture
def samples(workspace: Workspace, admin: Me) -> Samples:
    """Records made by the administrator, so that every scope shows them."""
    return Samples(workspace, admin)


def well_formed(answer: httpx.Response) -> str:
    shape = Shape(answer.text)
    assert not shape.open
    assert not shape.inline
    assert len(shape.ids) == len(set(shape.ids)), sorted(shape.ids)
    return answer.text


async def made(samples: Samples, noun: Noun) -> int:
    """Return a record of the noun, or skip where its own rules refuse a plain sample."""
    if "create" not in noun.resource.verbs:
        pytest.skip(f"{noun.key} cannot be created by hand")
    return (await samples.record(noun)).id


@pytest.mark.parametrize("key", NOUNS)
async def test_every_resource_has_a_table(tour: Tour, key: str) -> None:
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    empty = await client.get(f"/{noun.path}?deleted=only")
    assert empty.status_code == 200
    well_formed(empty)
    if "create" in noun.resource.verbs:
        one = await samples.record(noun)
        page = await client.get(f"/{noun.path}?id={one.id}")
        assert page.status_code == 200
        assert f'href="/{noun.path}/{one.id}"' in well_formed(page)


@pytest.mark.parametrize("key", NOUNS)
async def test_every_record_has_a_page(tour: Tour, key: str) -> None:
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    one = await made(samples, noun)
    page = await client.get(f"/{noun.path}/{one}")
    assert page.status_code == 200, page.text
    assert 'id="activity"' in well_formed(page)
    history = await client.get(f"/{noun.path}/{one}/history")
    assert history.status_code == 200
    well_formed(history)


@pytest.mark.parametrize("key", NOUNS)
async def test_every_resource_has_its_forms(tour: Tour, key: str) -> None:
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    if "create" in noun.resource.verbs:
        page = await client.get(f"/{noun.path}/new")
        assert page.status_code == 200
        well_formed(page)
    for action in noun.actions.values():
        record = "" if action.entity is None else "/1"
        page = await client.get(f"/{noun.path}{record}/do/{action.name}", headers=DIALOG)
        assert page.status_code == 200
        assert "<html" not in well_formed(page)


@pytest.mark.parametrize("key", NOUNS)
async def test_a_form_saved_untouched_changes_nothing(tour: Tour, key: str) -> None:
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    one = await made(samples, noun)
    if "update" not in noun.resource.verbs:
        pytest.skip(f"{noun.key} cannot be edited")
    page = await client.get(f"/{noun.path}/{one}/edit")
    assert page.status_code == 200
    well_formed(page)
    answer = await client.post(f"/{noun.path}/{one}/edit", data=inputs(page.text))
    assert answer.status_code == 303, answer.text
    now = await samples.ws.one(samples.me, noun.key, one)
    assert now.version == 1


@pytest.mark.parametrize("key", [k for k in NOUNS if registry().nouns[k].resource.verbs])
async def test_an_empty_form_is_refused_at_its_inputs(tour: Tour, key: str) -> None:
    client, samples = tour.client, tour.samples
    noun = samples.ws.registry.nouns[key]
    required = [n for n in noun.create_type.__struct_fields__ if noun.fields[n].required]
    if "create" not in noun.resource.verbs or not required:
        pytest.skip("nothing is required")
    answer = await client.post(f"/{noun.path}/new", data={"_csrf": ""})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in well_formed(answer)


def inputs(html: str) -> dict[str, list[str]]:
    """Return what a browser would send for the page's form, as it stands."""
    form = html.partition('id="record-form"')[2].partition("</form>")[0]
    values: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = found.get("type")
        if "name" not in found or found.get("form") == "nowhere":
            continue
        if kind == "checkbox" and " checked" not in tag:
            continue
        if kind != "radio" or " checked" in tag:
            values.setdefault(found["name"], []).append(plain(found.get("value", "")))
    for name, body in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        values[name] = [plain(body.removeprefix("\n"))]
    for name, body in re.findall(
        r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        values[name] = [plain((chosen or first)[1])] if (chosen or first) else []
    return values


def plain(text: str) -> str:
    for entity, char in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, char)
    return text.replace("&amp;", "&")


NASTY = '  <b>bold</b> & "quoted" **stars**  \n\n\ttab ☃ \N{PILE OF POO}\nend '


async def test_text_is_kept_exactly_and_shown_safely(
    client: httpx.AsyncClient, samples: Samples
) -> None:
    noun = samples.ws.registry.nouns["projects.task"]
    one = await made(samples, noun)
    script = NASTY + "<script>alert(1)</script>[x](javascript:alert(1))"
    data = inputs((await client.get(f"/{noun.path}/{one}/edit")).text)
    data["description"] = [script.replace("\n", "\r\n")]
    assert (await client.post(f"/{noun.path}/{one}/edit", data=data)).status_code == 303
    assert (await samples.ws.one(samples.me, noun.key, one)).description == script
    page = (await client.get(f"/{noun.path}/{one}")).text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    again = inputs((await client.get(f"/{noun.path}/{one}/edit")).text)
    assert again["description"] == [script]


async def test_create_edit_bin_restore_and_undo(
    client: httpx.AsyncClient, samples: Samples
) -> None:
    answer = await client.post("/identity/skills/new", data={"name": "Welding"})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert toast(answer).text == "Skill created."
    page = await client.get(where)
    assert "Welding" in page.text
    assert "Undo" in page.text
    data = inputs((await client.get(f"{where}/edit")).text) | {"name": ["Diving"]}
    saved = await client.post(f"{where}/edit", data=data)
    undone = await client.post(f"/changes/{toast(saved).undo}/undo", data={"next": where})
    assert undone.headers["location"] == where
    assert re.search(r"<h1[^>]*>Welding</h1>", (await client.get(where)).text)
    await client.post(f"{where}/delete")
    assert "This is in the bin" in (await client.get(where)).text
    await client.post(f"{where}/restore")
    assert "This is in the bin" not in (await client.get(where)).text


def toast(answer: httpx.Response) -> Any:
    raw = re.search(r"mainstay_flash=\"?([^;\"]+)", answer.headers["set-cookie"])
    from msgspec import json

    from mainstay.delivery.render import Toast

    assert raw
    return json.decode(base64.urlsafe_b64decode(raw[1]), type=Toast)


async def test_a_stale_form_shows_both_values_and_keeps_the_rest(
    client: httpx.AsyncClient, samples: Samples
) -> None:
    ws, noun = samples.ws, samples.ws.registry.nouns["identity.skill"]
    one = (await samples.record(noun, name="Rope work", description="old")).id
    mine = inputs((await client.get(f"/{noun.path}/{one}/edit")).text)
    theirs = {"name": "Rigging", "description": "theirs"}
    await ws.run(SYSTEM, lambda ctx: perform.update(ctx, noun, one, theirs))
    mine["name"] = ["Knots"]
    answer = await client.post(f"/{noun.path}/{one}/edit", data=mine)
    assert answer.status_code == 409
    html = well_formed(answer)
    assert "Rigging" in html
    assert "Description" in html.partition('role="alert"')[2].partition("</div>")[0]
    again = inputs(html)
    assert again["name"] == ["Knots"]
    assert again["description"] == ["theirs"]
    again["_take.name"] = ["theirs"]
    assert (await client.post(f"/{noun.path}/{one}/edit", data=again)).status_code == 303
    now = await ws.one(samples.me, noun.key, one)
    assert (now.name, now.description) == ("Rigging", "theirs")


async def test_the_main_column_comes_alone_when_only_it_is_asked_for(
    client: httpx.AsyncClient,
) -> None:
    whole, column = (
        await client.get("/identity/skills"),
        await client.get("/identity/skills", headers=MAIN),
    )
    assert whole.text.startswith("<!doctype html>")
    assert column.text.startswith("<title>")
    assert '<nav id="rail"' not in column.text
    assert '<main id="main"' in column.text


async def test_more_rows_come_by_cursor_and_filters_are_sentences(
    client: httpx.AsyncClient, samples: Samples
) -> None:
    noun = samples.ws.registry.nouns["identity.skill"]
    for number in range(5):
        await samples.record(noun, name=f"Skill {number:02}", category="soft")
    page = (await client.get(f"/{noun.path}?limit=2&sort=name&category=soft")).text
    assert 'class="cond"' in page
    onward = plain(re.search(r'"more-row".*?href="([^"]+)"', page, re.DOTALL)[1])  # type: ignore[index]
    rows = await client.get(onward, headers=MAIN | {"HX-Target": "tr#more"})
    assert rows.text.count('<tr id="r') == 2
    assert "<main" not in rows.text
    counted = (await client.get(f"/{noun.path}?category=soft&count=1")).text
    assert "5 records" in counted
    added = await client.get(
        f"/{noun.path}/filter?state=sort%3Dname&field=category&op=&value=soft&value=technical&apply=1"
    )
    assert added.json()["href"] == f"/{noun.path}?sort=name&category=soft%2Ctechnical"


async def test_what_may_not_be_done_is_not_offered(
    client: httpx.AsyncClient, samples: Samples
) -> None:
    one = await made(samples, samples.ws.registry.nouns["projects.task"])
    client.cookies.clear()
    client.cookies.set(COOKIE, "guest")
    page = (await client.get("/projects/tasks")).text
    assert "/projects/tasks/new" not in page
    assert "/identity/users" not in page
    record = await client.get(f"/projects/tasks/{one}")
    if record.status_code == 200:
        assert "/edit" not in record.text
        assert "/do/" not in record.text
    assert (await client.get("/projects/tasks/new")).status_code == 403
    assert (await client.get("/identity/users")).status_code == 403


async def test_nobody_is_sent_to_sign_in(client: httpx.AsyncClient) -> None:
    client.cookies.clear()
    answer = await client.get("/projects/tasks?q=a")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fprojects%2Ftasks%3Fq%3Da"
    swapped = await client.get("/projects/tasks", headers=MAIN)
    assert swapped.headers["hx-redirect"].startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["/", "/styleguide", "/search?q=skill", "/problems", "/problems/invalid"]
)
async def test_pages_of_the_house(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    well_formed(answer)


@pytest.mark.parametrize(
    "path", ["/nothing", "/no/such", "/identity/skills/999", "/a/b/c/d", "/a/b/x"]
)
async def test_an_unknown_address_is_a_page_too(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "Go home" in well_formed(answer)


@pytest.mark.parametrize(
    "path", ["//evil.test", "/\\evil.test", "https://evil.test", "/a\r\nb", ""]
)
def test_no_address_leads_away(path: str) -> None:
    assert local(path, "/safe") == "/safe"


def test_every_icon_is_in_the_sprite(house: Any) -> None:
    known = {line.split("#")[0].strip() for line in ICONS.read_text().splitlines()}
    wanted = {noun.resource.icon for noun in house.nouns.values()}
    wanted |= {action.icon for noun in house.nouns.values() for action in noun.actions.values()}
    for module in house.modules.values():
        wanted |= {page.icon for page in module.pages} | (
            {module.menu.icon} if module.menu else set()
        )
    for path in TEMPLATES.rglob("templates/**/*.html"):
        wanted |= set(re.findall(r'icon\("([a-z0-9-]+)"', path.read_text()))
    assert wanted - known == set()


def test_dates_are_said_as_people_say_them() -> None:
    from datetime import date

    words.speak("en")
    today = date(2026, 11, 20)
    said = [words.spoken_deadline(date(2026, 11, day), today) for day in (17, 19, 20, 21, 23)]
    assert said == ["3 days late", "1 day late", "Today", "Tomorrow", "Monday"]
    assert words.spoken_day(date(2027, 3, 1), today) == "Mar 1, 2027"
    words.speak("de")
    assert words.number(1234.5) == "1.234,5"
    words.speak("en")


def test_written_text_is_cleaned() -> None:
    html = cells.written("<img src=x onerror=alert(1)> **b** [l](javascript:alert(1)) <iframe>")
    assert "<strong>b</strong>" in html
    assert "<img" not in html
    assert 'javascript:alert(1)"' not in html
    assert "<iframe" not in html
