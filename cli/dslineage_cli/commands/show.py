"""`dslineage show`: one version and its manifest."""

from __future__ import annotations

import typer

from dslineage_cli.options import Json, References, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage show v4",
    "dslineage show train v4        the same, by the data set's name",
    "dslineage show HEAD~1 --json   what the last commit but one had",
)


def show(
    context: typer.Context,
    refs: References = None,
    json: Json = False,
) -> None:
    """Show one version: its hashes, files, fields and counts."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import versions

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().show(*refs or ()), versions.version, json=json)
