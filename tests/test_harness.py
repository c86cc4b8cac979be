"""The harness itself: a fixture that lies makes every test lie."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import asyncpg
import pytest
from playwright.async_api import Page

from tests.harness.postgres import Databases, PostgresServer, Unavailable, find_binaries
from tests.harness.smtp import MailSink
from tests.harness.sockets import OutsideSocketError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def own_server() -> PostgresServer:
    try:
        find_binaries()
    except Unavailable as error:
        pytest.skip(str(error))
    return PostgresServer()


@pytest.mark.parametrize(
    "leave",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.create_connection(("example.org", 80), timeout=1),
        lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
    ],
)
def test_no_socket_leaves_this_machine(leave):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with pytest.raises(OutsideSocketError, match="stay on this machine"):
            leave()


async def test_no_async_connection_leaves_this_machine():
    with pytest.raises(OutsideSocketError):
        await asyncio.open_connection("192.0.2.1", 80)


async def test_each_database_is_empty_and_its_own(postgres: Databases, postgres_url: str):
    async def prepare(url: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('é')")
        await connection.close()

    template = await postgres.template("harness", prepare)
    assert template == await postgres.template("harness", prepare)
    name = f"copy_{os.getpid()}"
    copy = await asyncpg.connect(await postgres.create_database(name, template))
    assert await copy.fetchval("SELECT upper(word) FROM kept") == "É"
    await copy.close()
    await postgres.drop_database(name)
    empty = await asyncpg.connect(postgres_url)
    assert await empty.fetchval("SELECT to_regclass('kept')") is None
    await empty.close()


@pytest.mark.parametrize("crash", ["immediate", "kill"])
async def test_a_crashed_server_starts_again_with_what_it_had(own_server, crash):
    with own_server as server:
        connection = await asyncpg.connect(server.url)
        await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.stop(crash)
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("SELECT 1")
        connection.terminate()
        server.start()
        connection = await asyncpg.connect(server.url)
        assert await connection.fetchval("SELECT one FROM kept") == 1
        await connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="watches Linux processes")
def test_no_server_outlives_the_process_it_belongs_to(own_server, tmp_path_factory):
    own_server.close()
    folder = tmp_path_factory.mktemp("orphan")
    for parent in (folder, *folder.parents):
        if parent.owner() == Path.home().owner() and str(parent).startswith(("/tmp/", "/dev/shm/")):  # noqa: S108
            parent.chmod(0o711)
    owner = subprocess.Popen(["sleep", "60"])  # noqa: S607
    start = [sys.executable, "-m", "tests.harness.postgres", "--background", str(folder)]
    started = subprocess.run(
        [*start, "--owner", str(owner.pid)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert started.stdout.startswith("postgresql://"), started.stderr
    guard = int((folder / "pid").read_text())
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (_runs(guard) or _runs(server)):
        time.sleep(0.02)
    assert not _runs(guard)
    assert not _runs(server)


def _runs(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_mail_arrives_with_its_envelope(mail_sink: MailSink):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "Größe"
    message.set_content("Hello")
    await aiosmtplib.send(message, hostname=mail_sink.host, port=mail_sink.port)
    (mail,) = await mail_sink.wait()
    assert (mail.sender, mail.recipients) == ("a@b.example", ["c@d.example"])
    assert (mail.subject, mail.text.strip()) == ("Größe", "Hello")


async def test_refused_mail_is_an_error(mail_sink: MailSink):
    mail_sink.refuse = "451 later"
    with pytest.raises(aiosmtplib.SMTPDataError):
        await aiosmtplib.send(
            "Subject: x\n\ny",
            sender="a@b.example",
            recipients=["c@d.example"],
            hostname=mail_sink.host,
            port=mail_sink.port,
        )
    assert mail_sink.messages == []


async def test_pages_have_the_promised_sizes(page: Page, phone_page: Page):
    size = "[innerWidth, innerHeight]"
    await page.goto("data:text/html,<meta name=viewport content='width=device-width'>")
    await phone_page.goto("data:text/html,<meta name=viewport content='width=device-width'>")
    assert await page.evaluate(size) == [1440, 900]
    assert await phone_page.evaluate(size) == [390, 844]


def test_the_naughty_strings_are_there(naughty: tuple[str, ...]):
    assert len(naughty) > 500


def test_story_points_are_there(story_points: Path):
    assert len(list(story_points.glob("*.csv"))) >= 5
