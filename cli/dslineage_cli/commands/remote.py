"""`dslineage remote`: where objects are kept for other clones."""

from __future__ import annotations

import builtins
from typing import Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.options import Json, examples, field_value
from dslineage_cli.terminal import Terminal

EPILOG = examples(
    "dslineage remote add storage s3://bucket/datasets",
    "dslineage remote list",
    "dslineage push",
)
EPILOGS = {
    "add": examples(
        "dslineage remote add storage s3://bucket/datasets --option region=eu-central-1",
        "dslineage remote add disk /mnt/shared/datasets",
        "dslineage remote add server ssh://data@host/srv/datasets",
        "dslineage remote add mine /tmp/objects --local       not for others",
    ),
    "set": examples(
        "dslineage remote set storage region=eu-central-1",
        "dslineage remote set storage access_key_id=… secret_access_key=… --local",
        "dslineage remote set storage --default",
    ),
    "list": examples("dslineage remote list", "dslineage remote list --json"),
    "remove": examples("dslineage remote remove storage"),
}
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the remote is called here.")]
Local = Annotated[bool, typer.Option("--local", help="Say it in a file that git does not carry.")]
Default = Annotated[bool, typer.Option("--default", help="Make it the default.")]


def add(
    context: typer.Context,
    name: Name,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="An address that DVC knows, or a path.")
    ],
    option: Annotated[
        builtins.list[str] | None,
        typer.Option(metavar="OPTION=VALUE", help="An option of DVC's remotes. Repeatable."),
    ] = None,
    local: Local = False,
    default: Default = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of a remote of that name.")
    ] = False,
    json: Json = False,
) -> None:
    """Say where a remote is, in .dslineage/config, and stage that in git.

    The first remote is the default one. Remotes of DVC (.dvc/config) are known without it.
    """
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    options = dict(field_value(one, "--option") for one in option or ())
    result = repository().remotes.add(name, url, options, local=local, default=default, force=force)
    context.ensure_object(Terminal).result(result, remotes.changed, json=json)


def set(  # noqa: A001 - the command's name
    context: typer.Context,
    name: Name,
    options: Annotated[
        builtins.list[str] | None,
        typer.Argument(metavar="OPTION=VALUE", help="An option of DVC's; no value takes it away."),
    ] = None,
    local: Local = False,
    default: Default = False,
    json: Json = False,
) -> None:
    """Set options of a remote; secrets only with --local."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    result = repository().remotes.set(
        name, dict(map(_option, options or ())), local=local, default=default
    )
    context.ensure_object(Terminal).result(result, remotes.changed, json=json)


def _option(text: str) -> tuple[str, str]:
    """An option and its value, which may be empty."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(f"{text} is not OPTION=VALUE", hint=f"{key}= to take it away")
    return key, value


def list(context: typer.Context, json: Json = False) -> None:  # noqa: A001 - the command's name
    """List the remotes, with the files that speak of them; secrets are not shown."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    context.ensure_object(Terminal).result(repository().remotes.list(), remotes.listed, json=json)


def remove(context: typer.Context, name: Name, json: Json = False) -> None:
    """Forget a remote; what it holds stays there."""
    from dslineage_cli.opening import repository
    from dslineage_cli.render import remotes

    context.ensure_object(Terminal).result(
        repository().remotes.remove(name), remotes.changed, json=json
    )
