"""How commands speak: results on standard output, everything else on standard error."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from mainstay.settings import Settings

T = TypeVar("T")
Step = Callable[[int, int], None]
DONE, REFUSED, USAGE, UNREACHABLE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 70, 130
CODES = {
    DONE: "done",
    REFUSED: "refused, or not everything was done: rows left out, faults found, files differ",
    USAGE: "the command, an option or a setting is wrong",
    UNREACHABLE: "the database cannot be reached, written, or is of another version",
    DEFECT: "a defect of Mainstay; run again with --debug and report it",
    INTERRUPTED: "interrupted",
}


class WrongSettings(click.ClickException):
    """A setting that cannot be used."""

    exit_code = USAGE


@dataclass
class Terms:
    """What was said before the command: where the settings are, and which are overridden."""

    file: str | None = None
    debug: bool = False
    said: dict[str, Any] = field(default_factory=dict)

    def traced(self, **more: Any) -> "tuple[Settings, dict[str, str]]":
        """Return the settings and where each was said."""
        from mainstay.kernel.problems import Invalid
        from mainstay.settings import traced

        said = {**self.said, **{name: value for name, value in more.items() if value is not None}}
        try:
            return traced(said, None, self.file)
        except Invalid as problem:
            raise WrongSettings(problem.detail) from None

    def settings(self, **more: Any) -> "Settings":
        """Return the settings."""
        return self.traced(**more)[0]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run something asynchronous to its end."""
    return asyncio.run(work)


def say(text: str = "") -> None:
    """Print a line of the result."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line that is no part of the result."""
    click.echo(text, err=True)


def say_json(value: Any) -> None:
    """Print the result for a script."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[int] = ()) -> None:
    """Print rows in columns that line up; numbers stand to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in [list(heads), *texts]) for n in range(len(heads))]
    for number, row in enumerate([list(heads), *texts]):
        cells = [
            cell.rjust(widths[n]) if n in right else cell.ljust(widths[n])
            for n, cell in enumerate(row)
        ]
        line = "  ".join(cells).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)


def facts(pairs: Mapping[str, Any]) -> None:
    """Print names and values in two columns."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        click.echo(f"{name.ljust(width)}  {value}")


def _silent(_: int, __: int) -> None:
    """Show nothing."""


@contextmanager
def progress(title: str) -> Iterator[Step]:
    """Show how far something has come, on a terminal only."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*parts, console=Console(stderr=True)) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back; without a terminal, --yes is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say --yes to confirm.")
    if not click.confirm(question, err=True):
        raise click.Abort
