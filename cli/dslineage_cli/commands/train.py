"""`dslineage train`: run a trainer that has no callback, and note what can be seen of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.records.run import Role

EPILOG = examples(
    "dslineage train -- llamafactory-cli train sft.yaml",
    "dslineage train -- tune run lora_finetune_single_device --config lora.yaml epochs=2",
    "dslineage train -- axolotl train config.yaml",
    "dslineage train --data train.jsonl --data eval=test.jsonl --output out -- python train.py",
)


def train(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="The trainer and its arguments."),
    ] = None,
    *,
    name: Annotated[
        str | None, typer.Option(help="Name the run; default: the output folder.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its configuration, where the command does not name it."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ROLE=]REF|PATH",
            help="What it reads, as train, eval or reference: a file, or a version. Repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where its checkpoints appear."),
    ] = None,
    no_import: Annotated[
        bool, typer.Option("--no-import", help="Leave the run file, and record nothing yet.")
    ] = False,
    json: Json = False,
) -> None:
    """Run a trainer, and note which data it was given and which checkpoints it left.

    The configuration of LLaMA-Factory, torchtune and Axolotl says which files and which output
    folder; of another program, say it. What the command prints passes through, and its exit status
    becomes that of this command: what cannot be noted stops no training. It needs no repository;
    inside one, the run is recorded. A callback inside the trainer sees more.
    """
    from dslineage.launching.asked import Launch
    from dslineage_cli.opening import train as start
    from dslineage_cli.render import trainings

    terminal = context.ensure_object(Terminal)
    said = tuple(map(_data, data or ()))
    asked = Launch(tuple(command or ()), Path.cwd(), name, config, said, output)
    result = start(asked, record=not no_import, stdout=sys.stderr.fileno() if json else None)
    if json:
        terminal.result(result, trainings.launched, json=True)
    else:
        terminal.complain(trainings.launched(result, terminal.page()))
    if result.status:
        raise typer.Exit(result.status)


def _data(text: str) -> tuple[Role, str]:
    """`ROLE=REF|PATH`; without a role, what it trains on."""
    from dslineage.records.run import Role

    role, equals, rest = text.partition("=")
    for known in get_args(Role):
        if equals and role == known:
            return known, rest
    return "train", text
