"""`dslineage recall`: what is affected by examples that must go."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import UndecidableError
from dslineage_cli.exits import CODES
from dslineage_cli.options import Json, NoInferred, examples, field_value
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage recall --where user_id=1204",
    "dslineage recall --source forum-dump --name licence-2026-03",
    "dslineage recall --hashes partner.txt -o report.md",
    "dslineage recall --where user_id=1204 --name gdpr-17 --claim takedown --reason 'erasure'",
    "dslineage recall --where user_id=1204 --name gdpr-17 --decide tiny@final=retrain",
)


class Claim(StrEnum):
    """The types of claim as which a recall can be filed."""

    RECALL = "recall"
    TAKEDOWN = "takedown"


def recall(
    context: typer.Context,
    *,
    hashes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of digests, one a line.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="FIELD=VALUE", help="Examples that have it in any version."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="All examples that came from a source.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Examples with a text in them.")
    ] = None,
    name: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What the recall is called; default: a name made of what is asked.",
            show_default=False,
        ),
    ] = "",
    claim: Annotated[
        Claim | None,
        typer.Option(help="File it as claims of this type about all that is affected."),
    ] = None,
    decide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REF=DECISION",
            help="Keep a decision: retrain, unlearn, suppress or accept. May be repeated.",
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why, for the claims.", show_default=False)
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the report as Markdown."),
    ] = None,
    no_inferred: NoInferred = False,
    json: Json = False,
) -> None:
    """List what examples that must go affect, and what is to be decided.

    Their later forms count, too: where a step dropped the field, edited the text or changed the
    format. Claims name the recall and hold no text, value or digest of an example.

    Exits with 10 where not every version could be searched.
    """
    from dslineage.recall.filing import Filing
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import recall_markdown, recalls

    terminal = context.ensure_object(Terminal)
    with provenance(terminal) as lineage:
        result = lineage.recall(
            hashes=hashes,
            where=None if where is None else field_value(where, "--where"),
            source=source,
            text=text,
            name=name,
            infer=not no_inferred,
            filing=Filing(
                claim, tuple(field_value(one, "--decide") for one in decide or ()), reason
            ),
        )
    if output is not None:
        terminal.save(recall_markdown.report(result), output)
    terminal.result(result, recalls.recalled, json=json)
    if result.unsearched:
        raise typer.Exit(CODES[UndecidableError])
