"""`dslineage run`: training runs that were captured, or kept, elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.lineage.declaredrun import Form

EPILOG = examples("dslineage run import outputs/tiny")
EPILOGS = {
    "import": examples(
        "dslineage run import outputs/tiny               a folder with a dslineage-run.json",
        "dslineage run import from-cluster/dslineage-run.json --name tiny",
        "dslineage run import --wandb wandb/run-20260301_101500-a1b2c3d4",
        "dslineage run import --mlflow mlruns/0             as declared",
        "dslineage run import --axolotl config.yaml",
    ),
}


def import_(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="A folder with a dslineage-run.json, or that file."),
    ] = None,
    *,
    wandb: Annotated[
        Path | None,
        typer.Option(metavar="DIR|FILE", help="A run folder of W&B, or an exported run, instead."),
    ] = None,
    mlflow: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A run, experiment or store of MLflow, instead."),
    ] = None,
    axolotl: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A configuration of Axolotl, instead.")
    ] = None,
    llamafactory: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A configuration of LLaMA-Factory, instead.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name the run; default: the name of the folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Record the runs that a trainer's output folder tells of, with their checkpoints.

    Their data is linked to the versions that have the same rows, by content hash. Checkpoints that
    are in the folder are hashed again, and must be what was saved; those that are not are recorded
    as captured. Importing a folder again adds only what is new in it. What trackers and
    configurations say is recorded as declared, with what they leave open.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import trainings

    terminal = context.ensure_object(Terminal)
    provenance = repository().provenance
    forms: dict[Form, Path | None] = {
        "wandb": wandb, "mlflow": mlflow, "axolotl": axolotl, "llamafactory": llamafactory,
    }  # fmt: skip
    told = [(form, one) for form, one in forms.items() if one is not None]
    if len(told) + (path is not None) != 1:
        raise UsageError(
            "one folder or file of runs is imported at a time", hint="dslineage run import --help"
        )
    if path is not None:
        result = provenance.import_runs(path, name=name)
    else:
        result = provenance.import_declared(*told[0], name=name)
    terminal.result(result, trainings.imported, json=json)
