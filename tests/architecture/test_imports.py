"""Each import contract catches a planted breach, and the tree keeps them all."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

PLANTED = [
    ("floors", "kernel/planted.py", "import mainstay.delivery.planted"),
    ("floors", "delivery/planted.py", "import mainstay.facets.planted"),
    ("floors", "facets/planted.py", "import mainstay.modules.identity"),
    ("floors", "modules/identity/planted.py", "import mainstay.app"),
    ("kernel", "kernel/planted.py", "import litestar"),
    ("domain", "modules/identity/actions.py", "from litestar import Request"),
    ("domain", "modules/identity/entities.py", "import mainstay.modules.identity.planted"),
    ("faces", "modules/projects/planted.py", "import mainstay.modules.identity.entities"),
    ("rooms", "modules/identity/planted.py", "import mainstay.modules.projects.api"),
    ("rooms", "modules/unlisted/__init__.py", ""),
]


@pytest.fixture
def tree(tmp_path):
    """A copy of the product with every name that a planted import needs."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "*.html")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("delivery", "facets", "modules", "modules/identity", "modules/projects"):
        (tmp_path / "src/mainstay" / name).mkdir(exist_ok=True)
        (tmp_path / "src/mainstay" / name / "__init__.py").touch()
    for name in ("app.py", "delivery/planted.py", "facets/planted.py", "modules/identity/api.py"):
        (tmp_path / "src/mainstay" / name).touch()
    for name in ("identity/entities.py", "identity/actions.py", "projects/api.py"):
        (tmp_path / "src/mainstay/modules" / name).touch()
    planted = tmp_path / "src/mainstay/modules/identity/planted.py"
    planted.write_text("import litestar\n")
    return tmp_path


def lint(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    return subprocess.run(
        [LINTER, "--no-cache", *chosen],
        cwd=tree,
        env={"PYTHONPATH": str(tree / "src"), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("contract", "path", "line"), PLANTED)
def test_a_planted_import_breaks_its_contract(tree, contract, path, line):
    before = lint(tree, contract)
    assert before.returncode == 0, before.stdout
    file = tree / "src/mainstay" / path
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as planted:
        planted.write(f"\n{line}\n")
    after = lint(tree, contract)
    assert after.returncode == 1, after.stdout + after.stderr
    assert "BROKEN" in after.stdout


def test_a_room_may_use_the_api_of_a_lower_one(tree):
    with (tree / "src/mainstay/modules/projects/api.py").open("a") as api:
        api.write("\nimport mainstay.modules.identity.api\n")
    answer = lint(tree, "faces", "rooms")
    assert answer.returncode == 0, answer.stdout


def test_every_contract_has_a_planted_import():
    assert {contract["id"] for contract in CONTRACTS} == {name for name, _, _ in PLANTED}


def test_the_tree_keeps_every_contract():
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
