"""`dslineage lineage`: where a node came from, and what rests on it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage lineage                              the graph at a glance",
    "dslineage lineage train@v4                     where it came from, and what used it",
    "dslineage lineage tiny@final --up --depth 3    what a checkpoint rests on",
    "dslineage lineage source:web --impact          what would be hurt if it were withdrawn",
    "dslineage lineage --between source:web tiny    all paths from one to the other",
    "dslineage lineage tiny --gaps                  what is not known about it",
    "dslineage lineage tiny --format html -o tiny.html    a page to search and to open nodes in",
    "dslineage lineage tiny --format mermaid        a picture for a README",
)


class Drawing(StrEnum):
    """How to write a part of the graph."""

    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"
    DOT = "dot"
    GRAPHML = "graphml"
    HTML = "html"


def lineage(
    context: typer.Context,
    ref: Annotated[
        str | None,
        typer.Argument(
            metavar="[REF]",
            help="A version (train@v4), a model (tiny, tiny@checkpoint-20), source:NAME, run:NAME, "
            "mixture:NAME, or an id.",
        ),
    ] = None,
    up: Annotated[bool, typer.Option("--up", help="Only what it rests on.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what rests on it.")] = False,
    depth: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most so many edges away.")
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="All paths from one node to another."),
    ] = None,
    impact: Annotated[
        bool,
        typer.Option(
            "--impact", help="The versions, runs, models and deployments that rest on it."
        ),
    ] = False,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="What is not known about it and what it rests on.")
    ] = False,
    format_: Annotated[Drawing, typer.Option("--format", help="How to write it.")] = Drawing.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Show where data and models came from, and what was made of them.

    Each answer says how it is known: declared by somebody, recorded by content hash, or captured
    in the process that did it. What is not known is shown as a gap, never left out.
    """
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import lineage as render

    chosen = _format(format_, json=json)
    _check(ref, between, chosen, impact=impact, gaps=gaps, part=up or down or depth is not None)
    if output is not None and output.exists() and not force:
        raise UsageError(
            f"{output} exists already, and was left as it is",
            kind="file-exists",
            hint="choose another name, or replace it with --force",
        )
    terminal = context.ensure_object(Terminal)
    into = terminal.page()
    with provenance(terminal) as asked:
        if gaps:
            written = render.gaps(asked.gaps(ref), chosen, into)
        elif impact and ref:
            written = render.impact(asked.impact(ref), chosen, into)
        elif between:
            written = render.picture(asked.between(*between), chosen, into)
        elif ref or chosen not in {Drawing.TEXT, Drawing.JSON}:
            both = up == down
            found = asked.lineage(ref, up=up or both, down=down or both, depth=depth)
            written = render.picture(found, chosen, into, every=depth is not None)
        else:
            written = render.summary(asked.summary(), chosen, into)
    if output is None:
        terminal.show(written)
    else:
        terminal.save(written, output)


def _format(format_: Drawing, *, json: bool) -> Drawing:
    if json and format_ not in {Drawing.TEXT, Drawing.JSON}:
        raise UsageError(f"--json and --format {format_.value} are two formats: name one")
    return Drawing.JSON if json else format_


def _check(
    ref: str | None,
    between: tuple[str, str] | None,
    format_: Drawing,
    *,
    impact: bool,
    gaps: bool,
    part: bool,
) -> None:
    """Refuse options that ask two questions, or one that no format can answer."""
    asked = [name for name, given in (("--between", between), ("--impact", impact),
                                      ("--gaps", gaps)) if given]  # fmt: skip
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} are two questions: ask one")
    if between and ref:
        raise UsageError(
            f"--between names both nodes, and {ref} is a third",
            hint=f"dslineage lineage --between {between[0]} {between[1]}",
        )
    if impact and not ref:
        raise UsageError("--impact needs a node", hint="dslineage lineage train@v4 --impact")
    if asked and part:
        raise UsageError(f"{asked[0]} takes no --up, --down or --depth")
    if part and not ref:
        raise UsageError("--up, --down and --depth need a node", hint="dslineage lineage train@v4")
    if (impact or gaps) and format_ not in {Drawing.TEXT, Drawing.JSON}:
        raise UsageError(
            f"{asked[0]} gives a list, not a picture",
            hint=f"dslineage lineage {ref or ''} --format {format_.value}".replace("  ", " "),
        )
