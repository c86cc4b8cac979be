"""Rules of this house that no linter knows; each says why, and a planted violation tests it."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
PRODUCT = "src/mainstay/"
SOURCES = ("src", "scripts", "tests", "benchmarks")

STATEMENTS = {"select", "insert", "update", "delete", "text"}
GENERATED = "migrations/versions/"
STATEMENTS_ALLOWED_UNDER = ("src/mainstay/kernel/", "src/mainstay/migrations/")
STATEMENTS_ALLOWED_IN = {"questions", "api", "scopes", "demo"}

LIVE_ANNOTATIONS_UNDER = ("src/mainstay/delivery/",)
LIVE_ANNOTATIONS_IN = {"entities", "actions", "questions", "routes"}

VAGUE_NAME = re.compile(r"^_*Base([A-Z]|$)|(Manager|Helpers?|Utils?|Service)$")
LONGEST_FUNCTION = 40
DEEPEST_NESTING = 4

CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
CLOCK_ALLOWED_IN = {"src/mainstay/kernel/clock.py"}

BUDGETS = {"src/mainstay/kernel/": 6400, "src/mainstay/delivery/": 9000}
ROOM_FILES = ("__init__.py", "entities.py", "actions.py", "module.py")

# Spelled in pieces, or this file would break its own rule.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("deb", "debian", "org"),
    )
]
MACHINE_PATHS = [
    "/".join(("", *parts))
    for parts in (
        ("work", "main"),
        ("work", "steering"),
        ("work", "shared"),
        ("farm", ""),
        ("tmp", "bash_jobs"),
    )
]
FORBIDDEN_TEXT = re.compile("|".join(re.escape(text) for text in (*HOSTS, *MACHINE_PATHS)))

# What is not of the tree where no repository says so.
MADE = {".git", ".venv", "node_modules", "dist", "build"}

Found = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Source:
    """One Python file: where it is, what it says, and its syntax tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return ast.parse(self.text, self.path)

    def under(self, *folders: str) -> bool:
        """Say whether the file is in one of the folders."""
        return self.path.startswith(folders)

    def named(self, names: set[str]) -> bool:
        """Say whether the file, or a package that took its place, has one of the names."""
        return not names.isdisjoint(
            (*PurePosixPath(self.path).parts, PurePosixPath(self.path).stem)
        )


def statements(source: Source) -> Found:
    """Keep SQL statements where scopes are applied: a stray one shows rows nobody may see."""
    if not source.under(PRODUCT) or source.under(*STATEMENTS_ALLOWED_UNDER):
        return
    if source.named(STATEMENTS_ALLOWED_IN):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            for alias in node.names:
                if alias.name in STATEMENTS:
                    yield node.lineno, f"{alias.name} of SQLAlchemy belongs into questions.py"
        if isinstance(node, ast.Attribute) and node.attr in STATEMENTS:
            owner = node.value
            if isinstance(owner, ast.Name) and owner.id in {"sa", "sqlalchemy"}:
                yield node.lineno, f"{owner.id}.{node.attr} belongs into questions.py"


def live_annotations(source: Source) -> Found:
    """Keep annotations live: columns, structs and handlers are built from them at start-up."""
    here = source.under(*LIVE_ANNOTATIONS_UNDER) or source.named(LIVE_ANNOTATIONS_IN)
    if not (source.under(PRODUCT) and here):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield node.lineno, "no imports from __future__: annotations must stay live"
        names = {getattr(node, key, None) for key in ("id", "attr", "name")}
        if "TYPE_CHECKING" in names:
            yield node.lineno, "no TYPE_CHECKING: the name must exist at run time"


def vague_names(source: Source) -> Found:
    """Refuse names that say nothing: what a Manager does belongs to a thing with a name."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and VAGUE_NAME.search(node.name):
            yield node.lineno, f"class {node.name}: name it by what it is"


def long_functions(source: Source) -> Found:
    """Keep functions short enough to be read at once; docstrings and blank lines are free."""
    if GENERATED in str(source.path):
        return
    codes = code_lines(source.text)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1)) & codes
            lines -= docstring_lines(node)
            if len(lines) > LONGEST_FUNCTION:
                yield (
                    node.lineno,
                    f"{node.name} has {len(lines)} lines, more than {LONGEST_FUNCTION}",
                )


def deep_nesting(source: Source) -> Found:
    """Keep nesting shallow: a reader must hold every condition above a line in mind."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            depth = max((nesting(child) for child in node.body), default=0)
            if depth > DEEPEST_NESTING:
                yield node.lineno, f"{node.name} nests {depth} deep, more than {DEEPEST_NESTING}"


def swallowed_errors(source: Source) -> Found:
    """Refuse to drop every error: the one that mattered would vanish with the rest."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"}
        if broad and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body):
            yield node.lineno, "this drops every error: name the expected one"


def own_clocks(source: Source) -> Found:
    """Take the time from the injected clock, or no test can stand at the end of a month."""
    if not source.under(PRODUCT) or source.path in CLOCK_ALLOWED_IN:
        return
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = getattr(owner, "id", getattr(owner, "attr", ""))
        if (name, node.func.attr) in CLOCK_CALLS:
            yield node.lineno, f"{name}.{node.func.attr}(): ask the clock of the context"


PER_FILE: tuple[Callable[[Source], Found], ...] = (
    statements,
    live_annotations,
    vague_names,
    long_functions,
    deep_nesting,
    swallowed_errors,
    own_clocks,
)


def line_budgets(root: Path) -> Iterator[str]:
    """Hold the mechanism to a budget, so that what belongs in a room goes there."""
    for folder, budget in BUDGETS.items():
        files = (root / folder).rglob("*.py")
        total = sum(code_size(path) for path in files)
        if total > budget:
            yield f"{folder}: {total} lines of code, the budget is {budget}"


def room_shape(root: Path) -> Iterator[str]:
    """Give every room the same three files and one sentence, so that each is easy to enter."""
    rooms = root / PRODUCT / "modules"
    for room in sorted(path for path in rooms.glob("*") if path.is_dir()):
        if room.name.startswith((".", "__")):
            continue
        where = room.relative_to(root).as_posix()
        for name in ROOM_FILES:
            if not (room / name).exists() and not (room / name.removesuffix(".py")).is_dir():
                yield f"{where}: {name} is missing"
        opening = room / "__init__.py"
        words = ast.get_docstring(ast.parse(opening.read_text("utf-8"))) if opening.exists() else ""
        if not re.fullmatch(r"[^.\n]+(\.\w[^.\n]*)*\.", words or "") and opening.exists():
            yield f"{where}/__init__.py: say in one sentence what this room is for"


def forbidden_text(root: Path) -> Iterator[str]:
    """Name no package registry and no machine's folder: the tree must work anywhere."""
    for path in tracked_files(root):
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for found in FORBIDDEN_TEXT.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{path.relative_to(root).as_posix()}:{line}: {found.group()} must not be named"


PER_TREE: tuple[Callable[[Path], Iterator[str]], ...] = (line_budgets, room_shape, forbidden_text)


def code_size(path: Path) -> int:
    """Count a file's lines of code: what it says in words to its readers is not counted."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    return len(code_lines(text) - docstring_lines(tree))


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold more than a comment or nothing."""
    idle = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in idle:
            spread = token.string.split("\n") if token.type == tokenize.STRING else [token.string]
            held.update(
                token.start[0] + offset for offset, part in enumerate(spread) if part.strip()
            )
    return held


def docstring_lines(node: ast.AST) -> set[int]:
    """Return the numbers of the lines of the docstrings in a function and in those within it."""
    lines: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = inner.body[0] if inner.body else inner
            if ast.get_docstring(inner) is not None:
                lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
# Their own depth is judged by themselves.
APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def nesting(node: ast.AST) -> int:
    """Return how many blocks deep a statement goes; `elif` adds none."""
    if isinstance(node, APART):
        return 0
    inside = []
    for child in ast.iter_child_nodes(node):
        depth = nesting(child)
        chained = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        inside.append(depth - 1 if chained else depth)
    return max(inside, default=0) + isinstance(node, NESTING)


def tracked_files(root: Path) -> list[Path]:
    """Return the files that git has or would take, or all where there is no repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if listing.returncode:
        folders = (path for path in root.iterdir() if path.name not in MADE)
        return [
            path for folder in folders for path in (folder, *folder.rglob("*")) if path.is_file()
        ]
    return [root / name for name in sorted(set(listing.stdout.split("\0"))) if name]


def sources(root: Path) -> Iterator[Source]:
    """Yield the Python files that the rules are for."""
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            yield Source(path.relative_to(root).as_posix(), path.read_text("utf-8"))


def violations(root: Path = ROOT) -> list[str]:
    """Return every breach of every rule, with its place."""
    found = [
        f"{source.path}:{line}: {message} [{rule.__name__}]"
        for source in sources(root)
        for rule in PER_FILE
        for line, message in rule(source)
    ]
    return found + [f"{text} [{rule.__name__}]" for rule in PER_TREE for text in rule(root)]


def main() -> int:
    """Print every breach; fail if there is one."""
    found = violations()
    for line in found:
        print(line)
    print(f"rules: {len(found)} breaches" if found else "rules: kept")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
