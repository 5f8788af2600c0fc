"""`dslineage step`: run a command, and record what it made and how."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, NoMetrics, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage step -i data/raw.jsonl -o data/train.jsonl -- python clean.py --min-words 5",
    "dslineage step --name dedupe -i train -o train -- ./dedupe.sh       in place",
    "dslineage step -i a.jsonl -o clean=out/a.jsonl --seed 7 --param k=8 -- python sample.py",
    "dslineage step -- make data        whatever data sets it changes",
    "dslineage step --import dvc.lock   the stages of DVC that made what is recorded here",
)


def step(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="The program and its arguments."),
    ] = None,
    *,
    name: Annotated[
        str, typer.Option(help="What the step is called; default: after the script.")
    ] = "",
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="REF|PATH",
            help="What it reads: a data set, a version, a source, a mixture, or any other file. "
            "May be repeated.",
        ),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="[NAME=]PATH",
            help="What it writes. Data sets that it changes are found without. May be repeated.",
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A parameter to record. May be repeated."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed to record.")] = None,
    message: Annotated[
        str, typer.Option("--message", "-m", help="What it is for.", show_default=False)
    ] = "",
    add: Annotated[
        bool, typer.Option("--add", help="First record inputs that have changes.")
    ] = False,
    stages: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Read the stages of a dvc.lock as steps, instead of running a command.",
        ),
    ] = None,
    no_metrics: NoMetrics = False,
    json: Json = False,
) -> None:
    """Run a command, and record what it made as versions that name the step.

    What it prints passes through, and its exit status becomes that of this command; what
    dslineage has to say goes to stderr. With --json, the document has stdout, and what the command
    prints goes to stderr. A command that fails leaves a record too, and no version.
    """
    from dslineage.steps.running import CommandStep
    from dslineage_cli.opening import repository
    from dslineage_cli.render import steps

    terminal = context.ensure_object(Terminal)
    provenance = repository().provenance
    if stages is not None:
        if command:
            raise UsageError("--import reads steps, and runs no command")
        terminal.result(provenance.import_stages(stages), steps.imported, json=json)
        return
    asked = CommandStep(
        command=tuple(command or ()),
        name=name,
        inputs=tuple(inputs or ()),
        outputs=tuple(outputs or ()),
        parameters=parameters(param),
        seed=seed,
        message=message,
        add=add,
        measure=not no_metrics,
    )
    result = provenance.step(asked, stdout=sys.stderr.fileno() if json else None)
    if json:
        terminal.result(result, steps.ran, json=True)
    else:
        terminal.complain(steps.ran(result, terminal.page()))
    if result.status:
        raise typer.Exit(result.status)


def parameters(pairs: list[str] | None) -> dict[str, object]:
    """`KEY=VALUE` options as JSON values; what is no JSON is a text.

    Raises:
        UsageError: one has no `=`, or a value is null.
    """
    import orjson

    found: dict[str, object] = {}
    for pair in pairs or ():
        key, equals, text = pair.partition("=")
        if not (key and equals):
            raise UsageError(f"--param {pair} is not KEY=VALUE", hint="--param min_words=5")
        try:
            found[key] = orjson.loads(text)
        except orjson.JSONDecodeError:
            found[key] = text
        if found[key] is None:
            raise UsageError(f"--param {key} is null, and a record holds no null")
    return found
