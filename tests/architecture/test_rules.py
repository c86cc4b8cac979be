"""Each rule of scripts/rules.py catches what it is for, lets pass what is right, and is kept."""

from pathlib import Path

import pytest

from scripts import rules

BODY = "    x = 1\n" * 40
DOCSTRING = '    """A.\n\n' + "    b\n" * 9 + '    """\n'
DEEP = """
def f():
    for a in b:
        if a:
            with a:
                while a:
                    {inner}
"""
CHAIN = "def f(a):\n    if a:\n        pass\n" + "    elif a:\n        pass\n" * 9

WRONG = [
    (rules.statements, "modules/crm/actions.py", "from sqlalchemy import select"),
    (rules.statements, "modules/crm/actions.py", "from sqlalchemy.dialects.sqlite import insert"),
    (rules.statements, "delivery/rest.py", "import sqlalchemy as sa\nsa.delete(x)"),
    (rules.live_annotations, "modules/crm/entities.py", "from __future__ import annotations"),
    (rules.live_annotations, "delivery/rest.py", "from typing import TYPE_CHECKING as T"),
    (rules.live_annotations, "modules/crm/actions.py", "if TYPE_CHECKING:\n    pass"),
    (rules.live_annotations, "modules/crm/routes.py", "if typing.TYPE_CHECKING:\n    pass"),
    (rules.vague_names, "kernel/a.py", "class LeadManager: pass"),
    (rules.vague_names, "kernel/a.py", "class DateUtils: pass"),
    (rules.vague_names, "kernel/a.py", "class PathHelper: pass"),
    (rules.vague_names, "kernel/a.py", "class MailService: pass"),
    (rules.vague_names, "kernel/a.py", "class BaseEntity: pass"),
    (rules.long_functions, "kernel/a.py", f"def f():\n{BODY}"),
    (rules.long_functions, "kernel/a.py", f"class A:\n  async def f():\n{BODY}"),
    (rules.deep_nesting, "kernel/a.py", DEEP.format(inner="if a: pass")),
    (rules.swallowed_errors, "kernel/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (rules.swallowed_errors, "kernel/a.py", "try:\n    f()\nexcept:\n    pass"),
    (rules.own_clocks, "modules/crm/rules.py", "datetime.now(UTC)"),
    (rules.own_clocks, "modules/crm/rules.py", "datetime.datetime.utcnow()"),
    (rules.own_clocks, "modules/crm/rules.py", "date.today()"),
    (rules.own_clocks, "kernel/jobs.py", "time.time()"),
]

RIGHT = [
    (rules.statements, "modules/crm/questions.py", "from sqlalchemy import select"),
    (rules.statements, "modules/crm/questions/funnel.py", "from sqlalchemy import select"),
    (rules.statements, "kernel/query.py", "from sqlalchemy import select"),
    (rules.statements, "modules/crm/entities.py", "from sqlalchemy import Index, func"),
    (rules.live_annotations, "modules/crm/rules.py", "if TYPE_CHECKING:\n    pass"),
    (rules.vague_names, "kernel/a.py", "class Basement: pass\nclass Manage: pass"),
    (rules.long_functions, "kernel/a.py", f"def f():\n{DOCSTRING}{BODY[10:]}\n\n"),
    (rules.deep_nesting, "kernel/a.py", DEEP.format(inner="pass") + CHAIN),
    (rules.swallowed_errors, "kernel/a.py", "try:\n    f()\nexcept KeyError:\n    pass"),
    (rules.swallowed_errors, "kernel/a.py", "try:\n    f()\nexcept Exception:\n    log()"),
    (rules.own_clocks, "kernel/clock.py", "datetime.now(UTC)"),
    (rules.own_clocks, "kernel/jobs.py", "time.monotonic(); time.perf_counter()"),
    (rules.own_clocks, "kernel/jobs.py", "ctx.now(); ctx.clock.now()"),
]


@pytest.mark.parametrize(("rule", "path", "text"), WRONG)
def test_a_planted_breach_is_caught(rule, path, text):
    assert list(rule(rules.Source(f"src/mainstay/{path}", text)))


@pytest.mark.parametrize(("rule", "path", "text"), RIGHT)
def test_what_is_right_passes(rule, path, text):
    assert not list(rule(rules.Source(f"src/mainstay/{path}", text)))


def test_every_rule_has_a_planted_breach_and_a_reason():
    planted = {rule for rule, _, _ in WRONG}
    assert planted == set(rules.PER_FILE) == {rule for rule, _, _ in RIGHT}
    assert all(rule.__doc__ for rule in (*rules.PER_FILE, *rules.PER_TREE))


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def test_a_budget_counts_code_and_nothing_else(tmp_path):
    most = rules.BUDGETS["src/mainstay/kernel/"]
    write(tmp_path, "src/mainstay/kernel/a.py", "# why\n\n" * 9000 + "x = 1\n" * most)
    assert not list(rules.line_budgets(tmp_path))
    write(tmp_path, "src/mainstay/kernel/b/c.py", '"""Words are free."""\n')
    assert not list(rules.line_budgets(tmp_path))
    write(tmp_path, "src/mainstay/kernel/b/d.py", "y = 1\n")
    assert [f"kernel/: {most + 1}" in line for line in rules.line_budgets(tmp_path)] == [True]


def make_room(root: Path, sentence: str) -> None:
    for name in rules.ROOM_FILES:
        write(root, f"src/mainstay/modules/crm/{name}", "")
    write(root, "src/mainstay/modules/crm/__init__.py", f'"""{sentence}"""\n')


def test_a_room_has_its_files_and_one_sentence(tmp_path):
    make_room(tmp_path, "Who buys from us, and who may.")
    assert not list(rules.room_shape(tmp_path))
    (tmp_path / "src/mainstay/modules/crm/actions.py").unlink()
    assert [line for line in rules.room_shape(tmp_path) if "actions.py is missing" in line]


@pytest.mark.parametrize("sentence", ["", "No full stop", "One. Two."])
def test_a_room_says_exactly_one_sentence(tmp_path, sentence):
    make_room(tmp_path, sentence)
    assert [line for line in rules.room_shape(tmp_path) if "one sentence" in line]


@pytest.mark.parametrize("text", [*rules.HOSTS, *rules.MACHINE_PATHS])
def test_a_named_host_or_machine_path_is_caught(tmp_path, text):
    write(tmp_path, "docs/a.md", f"fine\nsee {text} there")
    (found,) = rules.forbidden_text(tmp_path)
    assert found.startswith("docs/a.md:2:")


def test_the_tree_keeps_every_rule():
    assert rules.violations() == []
