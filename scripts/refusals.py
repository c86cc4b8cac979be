"""Find the sentences of every refusal in the sources, with numbered gaps where values stand."""

import ast
from collections.abc import Iterator
from pathlib import Path

from mainstay.kernel.problems import Problem, catalogue

CALLS = {kind.__name__ for kind in (*catalogue(), Problem)} | {
    "FieldError",
    "invalid",
    "ValueError",
}
BUILT = {"readable"}


def sentences(folder: Path) -> Iterator[str]:
    """Yield what refusals say: the texts given to problems, and the reasons of verbs."""
    for path in sorted(folder.rglob("*.py")):
        if "migrations" in path.parts or "cli" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield from _said(node)


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and _name(node.func) in CALLS:
        for argument in node.args:
            yield from _texts(argument)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _reasons(node):
        answers = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
        for answer in filter(None, answers):
            yield from _texts(answer)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _reasons(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function answers why something cannot be done, or is built for readers."""
    answer = ast.unparse(node.returns) if node.returns else ""
    return answer == "str | None" or node.name in BUILT


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield a literal as it is, and an f-string with `{0}`, `{1}` in the place of its values."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if " " in node.value.strip():
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        text, gaps = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            else:
                text, gaps = f"{text}{{{gaps}}}", gaps + 1
        if any(letter.isalpha() for letter in text.replace("{", "")) and " " in text:
            yield text
