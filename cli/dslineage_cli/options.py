"""Options that several commands share, so that they read alike everywhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dslineage.errors import UsageError


class Format(StrEnum):
    """How to write a diff."""

    TEXT = "text"
    JSON = "json"
    MD = "md"
    CSV = "csv"
    HTML = "html"


Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Name every object behind the numbers.")
]
References = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="REF",
        help="A version (v4, train@v4, train v4), a record id, latest, a git revision.",
    ),
]
Versions = Annotated[
    list[str] | None,
    typer.Argument(metavar="REF", help="Versions (v4, train@v4), or a data set's name."),
]
Remote = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which remote; without it, the default one."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="The versions of every branch, tag, stash and work tree.")
]


Key = Annotated[str | None, typer.Option(metavar="FIELD", help="The field that names an example.")]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD", help="Compare without this field. May be repeated."),
]
Schema = Annotated[
    str | None, typer.Option(help="The family of the examples, instead of detecting it.")
]
Column = Annotated[
    list[str] | None,
    typer.Option(metavar="ROLE=FIELD", help="Which field plays a role. May be repeated."),
]
ReadAs = Annotated[
    str | None, typer.Option("--format", help="How to read the files, whatever their names.")
]
Delimiter = Annotated[str | None, typer.Option(help="What separates the cells of a CSV file.")]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="How many processes work; default: one for each core.", min=1),
]
Quarantine = Annotated[
    bool, typer.Option("--quarantine", help="Keep records that cannot be read, set apart.")
]


NoMetrics = Annotated[
    bool,
    typer.Option("--no-metrics", help="Measure later, with: dslineage metrics run."),
]


NoInferred = Annotated[
    bool,
    typer.Option(
        "--no-inferred", help="Do not guess, by a diff, what became of an example unrecorded."
    ),
]


class OneChange(StrEnum):
    """What can happen to an example."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"


def examples(*lines: str) -> str:
    """The end of a help text: commands that can be pasted, each with what it does."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def mapping(pairs: list[str] | None) -> dict[str, str]:
    """`ROLE=FIELD` options as a mapping.

    Raises:
        UsageError: one has no `=`.
    """
    split = [pair.partition("=") for pair in pairs or ()]
    for role, equals, name in split:
        if not (role and equals and name):
            raise UsageError(
                f"--column {role}{equals}{name} is not ROLE=FIELD", hint="--column prompt=question"
            )
    return {role: name for role, _, name in split}


def field_value(text: str, option: str) -> tuple[str, str]:
    """A `FIELD=VALUE` option as a pair.

    Raises:
        UsageError: it has no `=`, or no field.
    """
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError(f"{option} {text} is not FIELD=VALUE", hint=f"{option} id=q-17")
    return name, value
