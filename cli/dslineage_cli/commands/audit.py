"""`dslineage audit`: which data trained a model, how that is known, and what is not."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage_cli.exits import CODES, DIFFERENCES, FINE
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage audit tiny@final",
    "dslineage audit outputs/tiny/checkpoint-20      recognised by its hashes",
    "dslineage audit tiny --verify --model-dir outputs/tiny    hash all of it again, now",
    "dslineage audit tiny --require captured --accept base-model",
    "dslineage audit tiny --format html -o audit.html",
)


class Written(StrEnum):
    """How to write an audit."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class Bar(StrEnum):
    """How well training data can be required to be known."""

    DECLARED = "declared"
    RECORDED = "recorded"
    CAPTURED = "captured"
    VERIFIED = "verified"


def audit(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A model (tiny, tiny@checkpoint-20), a run (run:tiny), or a checkpoint's folder.",
        ),
    ],
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash records, rows and checkpoints again, now.")
    ] = False,
    model_dir: Annotated[
        list[str] | None,
        typer.Option(metavar="[MODEL=]DIR", help="Where the model is, or another one. Repeatable."),
    ] = None,
    require: Annotated[
        Bar | None, typer.Option(help="Exit with 10 where training data is known less well.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="GAP", help="Let this kind of gap pass --require: base-model, …"),
    ] = None,
    format_: Annotated[Written, typer.Option("--format", help="How to write it.")] = Written.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> int:
    """Say which data trained a model, how well that is known, and what is not.

    Each line says how it is known, by its weakest link; each part, what was checked and what was
    not. With --verify, what is not as recorded is named, and the exit code is 4. With --require,
    it is 1 where a takedown or a recall is still to be decided about, and 10 where data of the
    training is known less well, or a gap leaves it undecided.
    """
    from dslineage.audit.audit import AuditOptions
    from dslineage.records import Evidence
    from dslineage_cli.opening import provenance
    from dslineage_cli.render import audits

    if json and format_ not in {Written.TEXT, Written.JSON}:
        raise UsageError(f"--json and --format {format_.value} are two formats: name one")
    if output is not None and output.exists() and not force:
        raise UsageError(
            f"{output} exists already, and was left as it is",
            kind="file-exists",
            hint="choose another name, or replace it with --force",
        )
    options = AuditOptions(
        folders=tuple(model_dir or ()),
        verify=verify,
        require=Evidence(require.value) if require else None,
        accept=tuple(accept or ()),
    )
    terminal = context.ensure_object(Terminal)
    with provenance(terminal) as lineage:
        result = lineage.audit(target, options)
    written = audits.written(result, "json" if json else format_.value, terminal.page())
    if output is None:
        terminal.show(written)
    else:
        terminal.save(written, output)
    if result.findings:
        return CODES[IntegrityError]
    verdict = result.requirement.verdict if result.requirement else "met"
    return {"met": FINE, "failed": DIFFERENCES, "undecided": CODES[UndecidableError]}[verdict]
