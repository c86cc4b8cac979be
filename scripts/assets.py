"""Fetch the browser's files from pinned npm packages and copy the few that are served."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "node_modules"
STATIC = ROOT / "src/mainstay/delivery/static"
VENDOR = STATIC / "vendor"
ICONS = STATIC / "icons.txt"
SUMS = ROOT / "scripts/assets.sums"
LOCK = ROOT / "package-lock.json"
STAMP = VENDOR / ".stamp"
NPM_SECONDS = 600

COPIED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-preload.min.js": "htmx.org/dist/ext/hx-preload.min.js",
}
SPRITE = "tabler-sprite.svg"
# The tests read axe where npm has put it; it is served to nobody.
TESTED = {"axe.min.js": "axe-core/axe.min.js"}
SOURCES = COPIED | TESTED | {SPRITE: "@tabler/icons-sprite/dist/tabler-sprite.svg"}
PREFIX = "tabler-"
USUAL_ICONS = """
activity alert-triangle arrow-down arrow-up award bell bolt briefcase building calendar chart-bar
check checkbox chevron-down chevron-left chevron-right circle circle-check circle-dashed circle-dot
circle-half-2 circle-x clock copy device-desktop dots download edit external-link eye file filter
flag folder history home inbox info-circle key keyboard language layout-kanban link list lock
logout mail menu-2 moon player-pause player-play player-stop plus refresh restore search settings
shield sitemap sort-ascending star sun tag target trash upload user users x
"""


class AssetError(RuntimeError):
    """The assets cannot be made; the message says what to do."""


def wanted_icons() -> list[str]:
    """Return the names in icons.txt, one a line with `#` comments, or the usual ones."""
    text = ICONS.read_text() if ICONS.exists() else USUAL_ICONS
    return sorted({name for line in text.splitlines() for name in line.split("#")[0].split()})


def fingerprint() -> str:
    """Return a hash of everything that decides what is copied."""
    parts = [LOCK.read_bytes(), SUMS.read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join([*parts, *map(str.encode, wanted_icons())])).hexdigest()


def missing(names: Iterable[str] = (*COPIED, "icons.svg")) -> list[str]:
    """Return the served files that are not there."""
    return [name for name in names if not (VENDOR / name).is_file()]


def current() -> bool:
    """Say whether the copied files are the ones that the tree asks for."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and not missing()


def expected_sums() -> dict[str, str]:
    """Return the committed SHA-256 of each source file by name."""
    return {name: total for total, name in map(str.split, SUMS.read_text().splitlines())}


def wrong_sources() -> list[str]:
    """Return the source files that are absent or not the ones whose sums are committed."""
    expected = expected_sums()
    wrong = []
    for name, source in SOURCES.items():
        path = MODULES / source
        if not path.is_file():
            wrong.append(f"{source} is absent")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected.get(name):
            wrong.append(f"{source} has another SHA-256 than {SUMS.relative_to(ROOT)} says")
    return wrong


def find_npm() -> str:
    """Return npm's path, bringing Node.js into the environment as a wheel when it has none."""
    here = Path(sys.executable).parent
    found = shutil.which("npm") or shutil.which("npm", path=str(here))
    if found:
        return found
    print("Node.js is not installed; bringing it as a wheel", flush=True)
    requirements = ["-r", str(ROOT / "requirements/node.txt")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", *requirements]
    subprocess.run(pip, check=False, timeout=NPM_SECONDS)
    found = shutil.which("npm", path=str(here))
    if not found:
        raise AssetError("npm is needed once: install Node.js 20 or newer, then run this again")
    return found


def fetch() -> None:
    """Install the pinned npm packages, running none of their scripts."""
    npm = find_npm()
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    # An npm that came as a wheel finds its node beside itself, not on the PATH.
    path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", os.defpath)])
    answer = subprocess.run(
        [npm, "ci", *quiet],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=NPM_SECONDS,
    )
    if answer.returncode:
        raise AssetError(f"npm ci failed:\n{(answer.stderr or answer.stdout).strip()}")


def build_sprite(sprite: str, names: list[str]) -> str:
    """Return a sprite with the named symbols only, their ids unchanged."""
    symbols = dict(re.findall(r'(?=<symbol id="([^"]+)")(<symbol .*?</symbol>)', sprite, re.DOTALL))
    unknown = [name for name in names if PREFIX + name not in symbols]
    if unknown:
        raise AssetError(f"no such icon in {SPRITE}: {', '.join(unknown)}")
    body = "\n".join(symbols[PREFIX + name] for name in names)
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    return f"{head}\n<!-- Tabler Icons, (c) Paweł Kuna, MIT -->\n<defs>\n{body}\n</defs>\n</svg>\n"


def copy() -> None:
    """Write the served files, and the stamp last."""
    sprite = build_sprite((MODULES / SOURCES[SPRITE]).read_text("utf-8"), wanted_icons())
    VENDOR.mkdir(parents=True, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    for name, source in COPIED.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    (VENDOR / "icons.svg").write_text(sprite, "utf-8")
    STAMP.write_text(fingerprint())


def bring() -> None:
    """Make the served files current, fetching packages only when theirs are not right."""
    if wrong_sources():
        fetch()
    if problems := wrong_sources():
        raise AssetError("\n".join(problems))
    copy()
    print(f"assets: {len(COPIED) + 1} files in {VENDOR.relative_to(ROOT)}")


def main() -> int:
    """Bring the served files up to date and say what was done."""
    try:
        if not current():
            bring()
    except (AssetError, subprocess.TimeoutExpired) as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
