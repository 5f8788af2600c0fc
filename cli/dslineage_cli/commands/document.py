"""`dslineage document`: what is recorded of a node, in the form of a standard."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import BadDataError, UsageError
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage document tiny@final --as cyclonedx-1.7 -o bom.json     a bill of materials",
    "dslineage document tiny@final --as prov                          who made what of what",
    "dslineage document tiny@final --as hf-model-card -o README.md    into the card's metadata",
    "dslineage document train@v4 --as croissant -o croissant.json",
    "dslineage document tiny@final --as eu-summary -o summary.md      a draft to complete",
)


class Form(StrEnum):
    """The forms that a document can have."""

    PROV = "prov"
    OPENLINEAGE = "openlineage"
    CYCLONEDX_1_6 = "cyclonedx-1.6"
    CYCLONEDX_1_7 = "cyclonedx-1.7"
    CROISSANT = "croissant"
    HF_DATASET_CARD = "hf-dataset-card"
    HF_MODEL_CARD = "hf-model-card"
    EU_SUMMARY = "eu-summary"
    AB_2013 = "ab-2013"


def document(
    context: typer.Context,
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF", help="A model (tiny@final), a version (train@v4), run:NAME, an id."
        ),
    ],
    *,
    form: Annotated[
        Form, typer.Option("--as", metavar="FORM", help=f"{', '.join(one.value for one in Form)}.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it to a file. A card that is there keeps what people wrote.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write what is recorded of a node as PROV, CycloneDX, a card, and so on.

    Evidence and gaps go with it wherever the standard can say them. Only what records say is
    written; drafts name the boxes that are empty, and what would fill them.
    """
    from dslineage.standards.hfcard import Card
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import document as documents
    from dslineage_cli.render import forms

    terminal = context.ensure_object(Terminal)
    with provenance(terminal) as lineage:
        found = lineage.document(ref, form.value)
    there = output is not None and output.exists()
    if output is not None and there and isinstance(found.content, Card):
        written = found.content.into(_card(output))
    elif there and not force:
        raise UsageError(
            f"{output} exists already, and was left as it is",
            kind="file-exists",
            hint="choose another name, or replace it with --force",
        )
    else:
        written = forms.text(found)
    if output is not None:
        terminal.save(written, output)
        terminal.complain(forms.summary(found, terminal.page()))
    if json:
        terminal.show(documents.document(found))
    elif output is None:
        terminal.show(written)


def _card(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} is no card: it is not UTF-8", kind="bad-card") from error
