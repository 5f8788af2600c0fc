"""`dslineage check`: the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import UndecidableError, UsageError
from dslineage_cli.exits import CODES, DIFFERENCES
from dslineage_cli.options import Json, References, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.repository import Repository

EPILOG = examples(
    "dslineage check                     the current version of every data set",
    "dslineage check v4 --json",
    "dslineage check v4 --waive refusal --reason 'wanted in this set' --until 2027-01-31",
    "dslineage check --range origin/main..HEAD      what the hooks would have stopped",
)


def check(
    context: typer.Context,
    refs: References = None,
    waive: Annotated[
        str | None, typer.Option(metavar="METRIC", help="Let a gate's failure through.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is waived.")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="The waiver's last day.")] = "",
    commits: Annotated[
        str, typer.Option("--range", metavar="A..B", help="Judge commits, as pre-commit does.")
    ] = "",
    json: Json = False,
) -> None:
    """Check versions against the gates of dslineage.toml; waive a failure.

    Exits with 1 where a gate fails, with 10 where one cannot be judged. A waiver is a claim, kept
    in git, that names who, why and until which day.

    With --range, the commits since A are judged as the hook pre-commit judges what is staged: for
    CI, since rebase, cherry-pick and --no-verify leave that hook out.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import gates

    terminal = context.ensure_object(Terminal)
    repo = repository()
    if commits:
        _check_range(terminal, repo, commits, others=bool(refs or waive), json=json)
        return
    if waive is not None:
        repo.waive(waive, *refs or (), reason=reason, until=until)
    elif reason or until:
        raise UsageError("--reason and --until say of a waiver", hint="--waive METRIC")
    result = repo.check(*refs or ())
    terminal.result(result, gates.checked, json=json)
    if result.failed:
        raise typer.Exit(DIFFERENCES)
    if result.undecided:
        raise typer.Exit(CODES[UndecidableError])


def _check_range(
    terminal: Terminal, repo: Repository, commits: str, *, others: bool, json: bool
) -> None:
    from dslineage_cli.render import hooks
    from dslineage_hooks.ranges import check_range

    if others:
        raise UsageError("--range takes no versions and no waiver", hint="dslineage check --help")
    result = check_range(repo.git, commits, repo.time()[:10])
    terminal.result(result, hooks.ranged, json=json)
    if result.failed:
        raise typer.Exit(DIFFERENCES)
