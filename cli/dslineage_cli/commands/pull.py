"""`dslineage pull`: bring objects from a remote, and the data files back."""

from __future__ import annotations

import typer

from dslineage.errors import IntegrityError, RemoteError
from dslineage_cli.exits import CODES, FINE
from dslineage_cli.options import Json, Remote, Versions, examples
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage pull",
    "git clone URL && dslineage pull         in a new clone: the data files are back",
    "dslineage pull train@latest             one data set, without its history",
)


def pull(
    context: typer.Context,
    refs: Versions = None,
    remote: Remote = None,
    json: Json = False,
) -> int:
    """Bring objects from a remote, and the data files back.

    Without a version, those of all versions in the work tree. Files with changes that are in no
    version are never overwritten.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    terminal = context.ensure_object(Terminal)
    with terminal.progress() as report:
        result = repository().remotes.pull(*refs or (), remote=remote, report=report)
    terminal.result(result, remotes.fetched, json=json)
    if result.fetched.lacking:
        return CODES[RemoteError]
    return CODES[IntegrityError] if result.unwritten else FINE
