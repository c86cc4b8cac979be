"""Templates: what is translated is what we declared, never what people wrote."""

import re
from pathlib import Path

import pytest

import mainstay

ROOT = Path(mainstay.__file__).parent
TEMPLATES = sorted(ROOT.rglob("templates/**/*.html"))
# `_()` marks its text as safe HTML, so only declared texts and values of choices may go through it.
TEXTS = r"\.(label|title|plural|help|doc|health_band|verb|says)|(preset\.(name|says)|sheet\.says)"
CHOICES = (
    r"(\.|^)(band|impact|priority|probability|risk_level|severity|state|status"
    r"|suggested_level|type)"
)
DECLARED = re.compile(
    rf"({TEXTS}|^(title|doc|remedy|definition|label)|{CHOICES}(\s*\|\s*capitalize)?)$"
)
CALL = re.compile(r"""(?<![\w.])_\(\s*([^"'\s][^()]*?)\s*\)""")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: f"{p.parent.parent.name}/{p.name}")
def test_only_declared_texts_are_translated(path: Path) -> None:
    wrong = [what for what in CALL.findall(path.read_text("utf-8")) if not DECLARED.search(what)]
    assert not wrong


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: f"{p.parent.parent.name}/{p.name}")
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", text)
