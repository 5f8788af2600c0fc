"""`dslineage source`: where rows come from."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Annotated, Literal

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage source add gsm8k --card gsm8k/README.md --uri https://huggingface.co/datasets/openai/gsm8k",
    "dslineage add train.jsonl --source gsm8k",
    "dslineage source list",
)
EPILOGS = {
    "add": examples(
        "dslineage source add tickets --uri s3://support/2026 --category user --personal-data yes",
        "dslineage source add gsm8k --croissant croissant.json --license-as-of 2026-01-31",
        "dslineage source add faq --uri https://example.org/faq --license MIT --file faq.jsonl",
        "dslineage source add synth --uri file:gen.py --category synthetic --generator org/model",
    ),
    "link": examples("dslineage source link gsm8k train@v1"),
    "list": examples("dslineage source list", "dslineage source list --json"),
}


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the source is called here.")],
    *,
    uri: Annotated[str | None, typer.Option(help="Where it is.")] = None,
    card: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="The card (README.md) of a Hugging Face data set."),
    ] = None,
    croissant: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A Croissant file (JSON-LD).")
    ] = None,
    file: Annotated[
        builtins.list[Path] | None,
        typer.Option(metavar="PATH", help="A file that was taken from it; hashed. Repeatable."),
    ] = None,
    license_: Annotated[
        str | None, typer.Option("--license", metavar="SPDX", help="The licence it claims.")
    ] = None,
    license_as_of: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day on which that was so.")
    ] = None,
    license_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the licence stands.")
    ] = None,
    category: Annotated[
        Literal["public", "licensed", "crawled", "user", "synthetic", "other"] | None,
        typer.Option(help="What kind of source it is."),
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="The source's own name of its state: a tag, a commit.")
    ] = None,
    acquired: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day on which it was taken.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day on which it was published.")
    ] = None,
    consent: Annotated[
        str | None, typer.Option(help="On what ground it may be used, and where that stands.")
    ] = None,
    geography: Annotated[str | None, typer.Option(help="Where its rows are from.")] = None,
    language: Annotated[
        builtins.list[str] | None, typer.Option(help="A language of its rows. Repeatable.")
    ] = None,
    modality: Annotated[str | None, typer.Option(help="text, image, audio, video.")] = None,
    generator: Annotated[
        str | None, typer.Option(metavar="MODEL", help="The model that wrote its rows.")
    ] = None,
    personal_data: Annotated[
        Literal["yes", "no"] | None, typer.Option(help="Whether personal data is in it.")
    ] = None,
    creator: Annotated[
        builtins.list[str] | None, typer.Option(metavar="WHO", help="Who made it. Repeatable.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Its own name, in full.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is.")] = None,
    json: Json = False,
) -> None:
    """Record where rows come from, as you or its documents say.

    What you say goes over what a card or a Croissant file says; what nobody says is not invented.
    Nothing is fetched.
    """
    from dslineage.lineage.description import Description
    from dslineage.records import License
    from dslineage_cli.opening import repository
    from dslineage_cli.render import sources

    licensed = any((license_, license_as_of, license_url))
    said = Description(
        uri=uri,
        title=title,
        description=description,
        revision=revision,
        license=License(license_ or "", license_as_of, license_url) if licensed else None,
        category=category,
        modality=modality,
        languages=tuple(language or ()),
        published_at=published,
        acquired_at=acquired,
        consent=consent,
        geography=geography,
        personal_data=None if personal_data is None else personal_data == "yes",
        generator=generator,
        creators=tuple(creator or ()),
    )
    terminal = context.ensure_object(Terminal)
    result = repository().provenance.add_source(
        name, said, files=file or (), card=card, croissant=croissant
    )
    terminal.result(result, sources.added, json=json)


def link(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recorded source.")],
    refs: Annotated[builtins.list[str], typer.Argument(metavar="REF", help="A version.")],
    json: Json = False,
) -> None:
    """Say that a version which is recorded already comes from a source.

    That is a claim. A version whose file is one of the source's files is linked without it.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import sources

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().provenance.link_source(name, *refs), sources.linked, json=json)


def list(context: typer.Context, json: Json = False) -> None:  # noqa: A001 - the command's name
    """List the sources by name, with their licences and what was made of them."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import sources

    terminal = context.ensure_object(Terminal)
    terminal.result(repository().provenance.sources(), sources.listed, json=json)
