"""The program: global options, the verbs, and one place where failures become exit codes."""

from __future__ import annotations

import contextlib
import gc
import io
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import DslineageError, UsageError
from dslineage_cli.exits import BUG, FINE, INTERRUPTED, code_of
from dslineage_cli.terminal import Terminal
from dslineage_cli.verbs import SETTINGS, Verbs

_OBJECTS = 100_000
"""Objects after which cycles are looked for: a command makes few, and looked for them at each 700,
which took a twentieth of the CPU time of a `diff`."""

app = typer.Typer(
    name="dslineage",
    cls=Verbs,
    help="Versions, semantic diffs and lineage for the data sets that fine-tune language models.",
    epilog="""\b
Start here:
  dslineage demo                       the main job on a small data set
  dslineage scan data/                 look at a folder before anything is set up
  dslineage add data/train.jsonl       record a version
  dslineage diff v1 v2                 which examples changed, and in what way""",
    rich_markup_mode=None,
    context_settings=SETTINGS,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dslineage {version('dslineage')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _global(
    context: typer.Context,
    directory: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="Run as if started in DIR."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only results and errors, no progress.")
    ] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page long results.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(code_of(UsageError("no command")))
    context.obj = Terminal(quiet=quiet, pager=not no_pager)
    if directory is not None:
        try:
            context.with_resource(contextlib.chdir(directory))
        except OSError as error:
            raise UsageError(f"cannot go to {directory}: {error.strerror}") from error


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    try:
        code = app(args=list(argv), prog_name="dslineage", standalone_mode=False)
    except typer.TyperException as error:
        return _fail(_usage(error, argv), argv)
    except DslineageError as error:
        return _fail(error, argv)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as stop:
        code = stop.code
    except OSError as error:
        return _fail_or_bug(error, argv)
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes a report
        return _bug(error, argv)
    if code == INTERRUPTED:
        _say_interrupted()
    return code if isinstance(code, int) else FINE


def run() -> None:
    """The console script."""
    gc.set_threshold(_OBJECTS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))


def _fail_or_bug(error: OSError, argv: Sequence[str]) -> int:
    from dslineage_cli.failure import expected

    refusal = expected(error)
    return _fail(refusal, argv) if refusal else _bug(error, argv)


def _fail(error: DslineageError, argv: Sequence[str]) -> int:
    from dslineage_cli import failure

    terminal = Terminal()
    error = failure.hinted(error, argv)
    terminal.complain(failure.page(error, terminal.page()))
    if _wants_json(argv):
        terminal.show(failure.document(error))
    return code_of(error)


def _bug(error: Exception, argv: Sequence[str]) -> int:
    from dslineage_cli import failure

    terminal = Terminal()
    terminal.complain(failure.bug_page(error, argv, terminal.page()))
    if _wants_json(argv):
        terminal.show(failure.bug_document(error))
    return BUG


def _say_interrupted() -> None:
    terminal = Terminal()
    page = terminal.page()
    page.add("interrupted; what was recorded before is kept, and nothing is half done")
    terminal.complain(page)


def _usage(error: typer.TyperException, argv: Sequence[str]) -> UsageError:
    """The error of the option parser as one of ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dslineage"
    files = [word for word in argv if word.startswith("-") and Path(word).exists()]
    hint = (
        f"a file with such a name is {shlex.quote(f'./{files[0]}')}" if files else f"{path} --help"
    )
    return UsageError(error.format_message().replace("Value error, ", ""), hint=hint)


def _wants_json(argv: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also one that cannot be parsed."""
    options = list(argv[: argv.index("--")] if "--" in argv else argv)
    named = any(pair == ("--format", "json") for pair in pairwise(options))
    return named or "--json" in options or "--format=json" in options
