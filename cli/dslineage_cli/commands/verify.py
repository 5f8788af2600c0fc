"""`dslineage verify`: re-hash everything."""

from __future__ import annotations

from secrets import randbits
from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import IntegrityError, UsageError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.versions.verified import Scope

EPILOG = examples(
    "dslineage verify",
    "dslineage verify --resume               go on with one that was interrupted",
    "dslineage verify --max-age 30           what was not hashed for 30 days, or was touched",
    "dslineage verify --sample 5%            a twentieth, and what that says of the rest",
    "dslineage verify --repair               get whole objects from the remote",
    "dslineage verify --repair --from ../clone",
    "dslineage verify --remote storage       what a remote holds, and what is missing there",
    "dslineage verify --remote storage --repair",
)


def verify(
    context: typer.Context,
    remote: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Read and hash what this remote holds, instead."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the last one was interrupted.")
    ] = False,
    max_age: Annotated[
        float | None,
        typer.Option(
            metavar="DAYS", min=0, help="Pass over what was hashed less long ago, and not touched."
        ),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option(metavar="N|P%", help="Hash so many objects, or such a share, at random."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Draw the sample of this number again.")
    ] = None,
    urls: Annotated[
        bool, typer.Option("--urls", help="Read data files behind URLs, too, and hash them.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Put whole objects in place of damaged and missing ones."),
    ] = False,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="REMOTE|DIR",
            help="Where from: a remote, or another clone. May be repeated; default: the remote.",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Re-hash everything; name what is damaged and who needs it.

    What was hashed is noted in the cache. Ended by Ctrl-C or a kill, `--resume` goes on; without
    it, everything is hashed from the beginning. Damaged objects are set aside in the folder
    `damaged` beside the others, and nothing is deleted.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import verified

    terminal = context.ensure_object(Terminal)
    scope = _scope(sample, seed, max_age, resume=resume)
    _refuse(remote, sources, repair=repair, urls=urls)
    found = repository()
    with terminal.progress() as report:
        if remote is not None:
            result = found.remotes.verify(remote, repair=repair, scope=scope, report=report)
        elif repair:
            result = found.repair(*sources or (), scope=scope, urls=urls, report=report)
        else:
            result = found.verify(report, scope=scope, urls=urls)
    terminal.result(result, verified.verified, json=json)
    return CODES[IntegrityError] if result.problems else FINE


def _refuse(remote: str | None, sources: list[str] | None, *, repair: bool, urls: bool) -> None:
    """Refuse options that mean nothing together."""
    if sources and not repair:
        raise UsageError("--from says where whole objects are: give --repair, too", kind="options")
    if remote is not None and (sources or urls):
        raise UsageError(
            "--remote repairs a remote from here: neither --from nor --urls goes with it",
            kind="options",
        )


def _scope(sample: str | None, seed: int | None, max_age: float | None, *, resume: bool) -> Scope:
    """What the options say of how much is hashed; a sample without a seed is another each time."""
    from dslineage.versions.sample import Sample
    from dslineage.versions.verified import Scope

    drawn = Sample.parse(sample, randbits(32) if seed is None else seed) if sample else None
    return Scope(drawn, resume=resume, max_age_days=max_age)
