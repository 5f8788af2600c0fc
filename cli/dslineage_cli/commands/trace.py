"""`dslineage trace`: where an example came from, where it went, and which models saw it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import UndecidableError
from dslineage_cli.exits import CODES
from dslineage_cli.options import Json, NoInferred, Quarantine, examples, field_value
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage trace --digest 3fa2c1d9",
    "dslineage trace --key id=q-17",
    "dslineage trace --text 'jane@example.org'",
    "dslineage trace --file suspects.jsonl --json",
    """dslineage trace '{"prompt": "2 + 2?", "completion": "5"}'""",
)


def trace(
    context: typer.Context,
    example: Annotated[
        str | None, typer.Argument(metavar="JSON", help="One example, as JSON.")
    ] = None,
    *,
    digest: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="The digest of the example, or its first digits."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="FIELD=VALUE", help="A field of the example and its value."),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A text that the example has in it.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file of examples, in any format that can be added."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="Trace at most so many examples.")
    ] = 20,
    no_inferred: NoInferred = False,
    quarantine: Quarantine = False,
    json: Json = False,
) -> None:
    """Trace an example: its origin, its versions, and the models that saw it.

    An earlier or later form of an example is the same example, one that shows a model the same
    conversation, one that a step recorded, or, marked as inferred, what a diff would pair it with.

    Exits with 10 where not every version could be searched.
    """
    from dslineage.versions.options import ReadOptions
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import traces

    terminal = context.ensure_object(Terminal)
    with provenance(terminal) as lineage:
        result = lineage.trace(
            example,
            digest=digest,
            key=None if key is None else field_value(key, "--key"),
            text=text,
            file=file,
            read=ReadOptions(quarantine=quarantine),
            limit=limit,
            infer=not no_inferred,
        )
    terminal.result(result, traces.traced, json=json)
    if result.unsearched:
        raise typer.Exit(CODES[UndecidableError])
