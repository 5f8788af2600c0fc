"""`dslineage trust`: say that a file's code may run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage trust metrics.py             it may run until it is edited",
    "dslineage trust metrics.py --revoke",
)


def trust(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A metric file.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="Take trust back.")] = False,
    json: Json = False,
) -> None:
    """Let the code of a metric file of this repository run.

    Trust is kept outside of the repository, for this path and just this content: an edit asks
    again. Read the file first.
    """
    from dslineage.results import TrustResult
    from dslineage_cli.opening import repository
    from dslineage_cli.render import metrics

    kept = repository().trust
    if revoke:
        result = TrustResult(str(file), "", trusted=False, changed=kept.revoke(file))
    else:
        known = file.is_file() and kept.allows(file, file.read_bytes())
        digest = kept.grant(file)
        result = TrustResult(str(file), str(digest), trusted=True, changed=not known)
    context.ensure_object(Terminal).result(result, metrics.trusted, json=json)
