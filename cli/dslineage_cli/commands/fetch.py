"""`dslineage fetch`: bring objects from a remote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from dslineage.errors import RemoteError, UsageError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Everything, Json, Remote, Versions, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.remotes.fetching import Texts

EPILOG = examples(
    "dslineage fetch",
    "dslineage fetch train@v4                enough for: dslineage export train@v4",
    "dslineage fetch v3 v4 --changed         then: dslineage diff v3 v4",
    "dslineage fetch v3 v4 --no-texts        then: dslineage diff v3 v4 --no-metrics --limit 0",
    "dslineage fetch train@v4 --sparse       of large packs, only what v4 has of them",
)


def fetch(
    context: typer.Context,
    refs: Versions = None,
    remote: Remote = None,
    everything: Everything = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Of two versions, only what a diff of them reads.")
    ] = False,
    no_metrics: Annotated[
        bool, typer.Option("--no-metrics", help="What a diff reads with --no-metrics.")
    ] = False,
    sparse: Annotated[
        bool, typer.Option("--sparse", help="Of packs, only the stretches that versions have.")
    ] = False,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="No texts, which are most of it.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring the objects of versions from a remote; data files stay as they are.

    Without a version, those of all versions in the work tree. What is here is not fetched again.
    After --changed, also `dslineage export A B --only added` has what it needs.
    """
    from dslineage.diff.options import DiffOptions
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    terminal = context.ensure_object(Terminal)
    texts = _texts(changed=changed, used=sparse, none=no_texts)
    if no_metrics and not changed:
        raise UsageError("--no-metrics is said of a diff: it goes with --changed")
    with terminal.progress() as report:
        result = repository().remotes.fetch(
            *refs or (),
            remote=remote,
            everything=everything,
            texts=texts,
            options=DiffOptions(metrics=not no_metrics),
            report=report,
        )
    terminal.result(result, remotes.fetched, json=json)
    return CODES[RemoteError] if result.fetched.lacking else FINE


def _texts(**asked: bool) -> Texts:
    """Which texts are wanted: one of those that are asked for, or all.

    Raises:
        UsageError: two are asked for.
    """
    found = [name for name, wanted in asked.items() if wanted]
    if len(found) > 1:
        raise UsageError("--changed, --sparse and --no-texts do not go together: name one")
    return cast("Texts", found[0]) if found else "whole"
