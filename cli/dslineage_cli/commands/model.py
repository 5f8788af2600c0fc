"""`dslineage model`: models, and what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples("dslineage model add outputs/tiny --trained-on train@v4")
EPILOGS = {
    "add": examples(
        "dslineage model add outputs/tiny --trained-on train@v4 --base org/base-model",
        "dslineage model add outputs/tiny --run run:tiny --label final",
        "dslineage model add elsewhere/checkpoint-20     recognised, where its tensors are known",
    ),
}


def add(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the model.")],
    *,
    trained_on: Annotated[
        list[str] | None,
        typer.Option(metavar="REF", help="A version or mixture it was trained on. Repeatable."),
    ] = None,
    run: Annotated[
        str | None, typer.Option(metavar="REF", help="The run that made it: run:NAME.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="REF", help="What it started from: a model, a folder, or a URI."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name the model; default: the run, or the folder.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="Which state of it; default: checkpoint-N, or final.")
    ] = None,
    form: Annotated[
        Literal["checkpoint", "adapter", "merge", "quantisation", "base"] | None,
        typer.Option(help="What it is; default: adapter or checkpoint, by its files."),
    ] = None,
    uri: Annotated[str | None, typer.Option(help="Where it is published.")] = None,
    message: Annotated[
        str, typer.Option("--message", "-m", help="What it is.", show_default=False)
    ] = "",
    json: Json = False,
) -> None:
    """Record a model by the hashes of its files and of its tensors.

    What you say of it is recorded as declared. A model that was moved, renamed or saved again is
    recognised by its tensors, and linked to the one that is recorded.
    """
    from dslineage.lineage.modeladd import Declared
    from dslineage_cli.opening import repository
    from dslineage_cli.render import trainings

    declared = Declared(name, label, form, tuple(trained_on or ()), run, base, uri)
    terminal = context.ensure_object(Terminal)
    result = repository().provenance.add_model(path, declared, message=message)
    terminal.result(result, trainings.added, json=json)
