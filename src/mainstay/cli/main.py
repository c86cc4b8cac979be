"""The command group: options every command shares, and one clear line for whatever goes wrong."""

import sys
import traceback
from typing import Any

import rich_click as click
from click.exceptions import Exit

from mainstay import __version__
from mainstay.cli import out
from mainstay.cli.audit import audit
from mainstay.cli.database import db
from mainstay.cli.docs import docs, openapi
from mainstay.cli.explain import explain
from mainstay.cli.files import export_file, import_files
from mainstay.cli.people import user, why
from mainstay.cli.serve import serve, worker
from mainstay.cli.show import config

EPILOG = "Exit codes: " + "; ".join(f"{code} {words}" for code, words in out.CODES.items()) + "."


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.option("--settings", "file", metavar="FILE", help="The settings file (mainstay.toml).")
@click.option("--database", "database_url", metavar="URL", help="The database to work on.")
@click.option("--data-dir", metavar="FOLDER", help="The data folder.")
@click.option("--debug", is_flag=True, help="Show where in the program an error arose.")
@click.pass_context
def cli(
    context: click.Context,
    file: str | None,
    database_url: str | None,
    data_dir: str | None,
    debug: bool,
) -> None:
    """Mainstay: one self-hosted workspace for a company's work."""
    said: dict[str, Any] = {"database_url": database_url, "data_dir": data_dir}
    context.obj = out.Terms(file, debug, {n: v for n, v in said.items() if v is not None})


for command in (
    serve,
    worker,
    db,
    user,
    import_files,
    export_file,
    explain,
    why,
    audit,
    config,
    docs,
    openapi,
):
    cli.add_command(command)


def main(args: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    sys.exit(code_of(args))


def code_of(args: list[str] | None = None) -> int:
    """Run a command; return its exit code."""
    said = sys.argv[1:] if args is None else args
    debug = "--debug" in said
    try:
        found = cli.main(args=said, prog_name="mainstay", standalone_mode=False)
    except Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        out.note("Interrupted. Nothing more was done.")
        return out.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return out.DONE
    except Exception as error:  # noqa: BLE001 - people get a sentence, --debug the rest
        return _failed(error, debug=debug)
    return found if isinstance(found, int) else out.DONE


def _failed(error: Exception, *, debug: bool) -> int:
    """Say in one line what went wrong and what to do."""
    from mainstay.kernel.problems import Problem

    if debug:
        traceback.print_exception(error)
    if isinstance(error, Problem):
        out.note(f"Error: {error.detail}")
        for part in error.errors:
            if part.message not in error.detail:
                out.note(f"  {part.field}: {part.message}")
        unreachable = error.status in (503, 507)
        return out.UNREACHABLE if unreachable else out.REFUSED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        out.note(f"Error: {where}{error.strerror or error}.")
        return out.REFUSED
    out.note(f"Error: {type(error).__name__}: {error}")
    out.note("This is a defect of Mainstay. Run again with --debug to see where it arose.")
    return out.DEFECT
