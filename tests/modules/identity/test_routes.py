"""The addresses of this room, through the whole application."""

import re
from datetime import timedelta

import httpx
import pyotp
import pytest

from mainstay.app import ROUTES
from mainstay.delivery import asgi
from mainstay.kernel.scope import SYSTEM
from mainstay.modules.identity import api
from mainstay.modules.identity.api import links
from mainstay.modules.identity.entities import User
from tests.modules.identity.conftest import PASSWORD
from tests.modules.identity.test_sessions import act

SITE = "http://mainstay.example"
NEW = "another good password"


@pytest.fixture
def engine_name():
    """What is tested here does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def browser(people):
    app = asgi.build(people.ws, api.who, ROUTES, background=False)
    transport = httpx.ASGITransport(app=app, client=("10.0.0.1", 1234))
    headers = {"origin": SITE}
    return httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers)


async def sign_in(browser, login="ann", password=PASSWORD, target="/profile"):
    form = {"login": login, "password": password, "next": target}
    return await browser.post("/sign-in", data=form)


async def test_signing_in_and_out_by_page(people, browser):
    await people.make("ann")
    page = await browser.get("/sign-in?next=/profile")
    assert page.status_code == 200
    assert 'name="next" value="/profile"' in page.text
    wrong = await sign_in(browser, password="wrong <b>")
    assert wrong.status_code == 401
    assert "mainstay_session" not in browser.cookies
    assert 'value="ann"' in wrong.text
    assert "wrong <b>" not in wrong.text
    done = await sign_in(browser)
    assert (done.status_code, done.headers["location"]) == (303, "/profile")
    cookies = done.headers.get_list("set-cookie")
    assert all("HttpOnly" in one and "samesite=lax" in one.lower() for one in cookies)
    assert (await browser.get("/sign-in")).status_code == 303
    left = await browser.post("/sign-out")
    assert left.headers["location"] == "/sign-in"
    assert (await browser.get("/api/auth/me")).status_code == 401


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_signing_in_never_leads_elsewhere(people, browser, target):
    await people.make("ann")
    assert (await sign_in(browser, target=target)).headers["location"] == "/"


async def test_a_session_planted_before_signing_in_is_replaced(people, browser):
    await people.make("ann")
    browser.cookies.set("mainstay_session", "planted", domain="mainstay.example")
    page = await browser.get("/sign-in")
    csrf = re.search(r'name="_csrf" value="([^"]*)"', page.text)[1]
    form = {"login": "ann", "password": PASSWORD, "_csrf": csrf}
    done = await browser.post("/sign-in", data=form)
    assert done.status_code == 303
    assert "mainstay_session=planted" not in str(done.headers)
    assert await api.who(people.ws, "planted", None) is None


async def test_cookies_are_secure_over_https(people, browser):
    await people.make("ann")
    secure = f"{SITE.replace('http', 'https')}/sign-in"
    form = {"login": "ann", "password": PASSWORD}
    headers = {"origin": SITE.replace("http", "https")}
    done = await browser.post(secure, data=form, headers=headers)
    assert all("Secure" in one for one in done.headers.get_list("set-cookie"))


async def test_too_many_failures_are_told_with_the_time_to_wait(people, browser):
    await people.make("ann")
    for _ in range(5):
        await sign_in(browser, password="wrong")
    page = await sign_in(browser)
    assert page.status_code == 429
    assert "Wait 2 s" in page.text
    answer = await browser.post("/api/auth/login", json={"email": "ann", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


async def test_the_second_step_by_page(people, browser):
    await people.make("ann")
    me, _ = await people.enter("ann")
    start = await api.start_two_factor(people.ws, me)
    totp = pyotp.TOTP(start.secret)
    await api.confirm_two_factor(people.ws, me, totp.at(people.clock.now()))
    people.clock.advance(timedelta(minutes=1))
    page = await sign_in(browser)
    assert page.status_code == 200
    assert "mainstay_session" not in browser.cookies
    assert PASSWORD not in page.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)[1]
    wrong = await browser.post("/sign-in/code", data={"ticket": ticket, "code": "000000"})
    assert wrong.status_code == 401
    code = totp.at(people.clock.now())
    form = {"ticket": ticket, "code": code, "next": "/profile"}
    done = await browser.post("/sign-in/code", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/profile")


async def test_forgotten_passwords_say_nothing_about_who_is_here(people, browser):
    await people.make("ann")
    assert (await browser.get("/forgot")).status_code == 200
    one = await browser.post("/forgot", data={"login": "ann"})
    two = await browser.post("/forgot", data={"login": "nobody"})
    assert one.text == two.text


async def test_choosing_a_password_by_link(people, browser):
    ann = await people.make("ann")
    token, _ = await people.ws.run(SYSTEM, lambda ctx: links.make(ctx, ann, "reset"))
    for _ in range(2):
        assert "ann@example.com" in (await browser.get(f"/reset/{token}")).text
    address = f"/reset/{token}"
    short = await browser.post(address, data={"password": "short", "again": "short"})
    assert short.status_code == 422
    assert "at least 8" in short.text
    other = await browser.post(address, data={"password": NEW, "again": "other"})
    assert other.status_code == 422
    done = await browser.post(address, data={"password": NEW, "again": NEW})
    assert done.headers["location"] == "/sign-in"
    assert (await browser.get(address)).status_code == 404
    assert (await sign_in(browser, password=NEW)).status_code == 303


async def test_an_invited_person_is_signed_in_at_once(people, browser):
    answer = await act(people.ws, SYSTEM, User, "invite", None, email="new@example.com")
    assert (await browser.get(answer.link)).status_code == 200
    done = await browser.post(answer.link, data={"password": NEW, "again": NEW})
    assert done.headers["location"] == "/"
    assert (await browser.get("/api/auth/me")).json()["user"]["email"] == "new@example.com"


async def test_looking_at_a_sign_in_link_does_not_use_it_up(people, browser):
    link = await api.owner_link(people.ws, SITE)
    for _ in range(2):
        page = await browser.get(link)
        assert page.status_code == 200
        assert "mainstay_session" not in browser.cookies
    assert (await browser.post(link)).status_code == 303
    assert (await browser.get("/api/auth/me")).json()["user"]["roles"] == ["admin"]
    assert (await browser.post(link)).status_code == 404
    assert (await browser.get("/welcome/made-up")).status_code == 404


async def test_the_profile_page_keeps_ones_account(people, browser):
    ann = await people.make("ann")
    await sign_in(browser)
    page = await browser.get("/profile")
    assert page.status_code == 200
    assert "style=" not in page.text
    card = {"first_name": "Ann", "last_name": "<Lee>", "timezone": "Europe/Berlin", "theme": "dark"}
    saved = await browser.post("/profile", data=card | {"time_format": "12h"})
    assert saved.status_code == 303
    user = await people.user(ann)
    assert (user.display_name, user.timezone, user.theme) == ("Ann <Lee>", "Europe/Berlin", "dark")
    assert (user.preferences.time_format, user.preferences.email_notifications) == ("12h", False)
    assert "&lt;Lee&gt;" in (await browser.get("/profile")).text
    wrong = await browser.post("/profile", data=card | {"phone": "0123", "timezone": "Mars"})
    assert wrong.status_code == 422
    assert "phone number" in wrong.text
    assert (await people.user(ann)).phone == ""


async def test_the_password_is_changed_by_page_and_the_session_renewed(people, browser):
    await people.make("ann")
    await sign_in(browser)
    before = browser.cookies["mainstay_session"]
    form = {"current": "wrong", "password": NEW, "again": NEW}
    assert (await browser.post("/profile/password", data=form)).status_code == 422
    done = await browser.post("/profile/password", data=form | {"current": PASSWORD})
    assert done.status_code == 303
    assert browser.cookies["mainstay_session"] != before
    assert (await browser.get("/profile")).status_code == 200


async def test_two_factor_by_page(people, browser):
    await people.make("ann")
    await sign_in(browser)
    page = await browser.post("/profile/two-factor/start")
    assert "data:image/svg+xml;base64," in page.text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1]
    wrong = await browser.post("/profile/two-factor/confirm", data={"code": "000000"})
    assert wrong.status_code == 422
    assert secret in wrong.text
    code = pyotp.TOTP(secret).at(people.clock.now())
    on = await browser.post("/profile/two-factor/confirm", data={"code": code})
    codes = re.findall(r"<code>([0-9a-f-]{23})</code>", on.text)
    assert len(codes) == 10
    assert codes[0] not in (await browser.get("/profile")).text
    off = await browser.post("/profile/two-factor/disable", data={"code": codes[0]})
    assert off.status_code == 303


async def test_tokens_and_sessions_by_page(people, browser):
    await people.make("ann")
    await people.enter("ann")
    await sign_in(browser)
    form = {"name": "robot", "access": "read", "expiry": "30"}
    page = await browser.post("/profile/tokens", data=form)
    token = re.search(r"<code>(mst_[^<]+)</code>", page.text)[1]
    robot = {"authorization": f"Bearer {token}"}
    assert (await browser.get("/api/auth/me", headers=robot)).status_code == 200
    page = await browser.get("/profile")
    assert token not in page.text
    for address in re.findall(r'action="(/profile/(?:tokens|sessions)/[^"]+)"', page.text):
        assert (await browser.post(address)).status_code == 303
    assert (await browser.get("/api/auth/me", headers=robot)).status_code == 401
    assert (await browser.post("/profile/tokens", data={"name": ""})).status_code == 422
    assert (await browser.post("/profile/tokens/999/revoke")).status_code == 404


async def test_signing_in_for_programs(people, browser):
    await people.make("ann")
    login = {"email": "ann@example.com", "password": PASSWORD}
    answer = await browser.post("/api/auth/login", json=login)
    body = answer.json()
    assert body["user"]["email"] == "ann@example.com"
    browser.cookies.clear()
    token = {"authorization": f"Bearer {body['token']}"}
    assert (await browser.get("/api/auth/me", headers=token)).json()["user"] == body["user"]
    assert (await browser.post("/api/auth/logout", headers=token)).status_code == 200
    assert (await browser.get("/api/auth/me", headers=token)).status_code == 401
    for bad in ({"email": "ann"}, {"email": 1, "password": "x"}, login | {"role": "admin"}):
        assert (await browser.post("/api/auth/login", json=bad)).status_code == 422
    wrong = await browser.post("/api/auth/login", json=login | {"password": "x"})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/sign-in-needed")


async def test_a_forged_form_from_another_site_is_refused(people, browser):
    await people.make("ann")
    await sign_in(browser)
    answer = await browser.post(
        "/profile/password", data={}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
