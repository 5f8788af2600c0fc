"""`dslineage hooks`: git's hooks, installed and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dslineage.errors import UsageError
from dslineage_cli.exits import CODES
from dslineage_cli.options import Json, examples
from dslineage_cli.terminal import Terminal

if TYPE_CHECKING:
    from dslineage.versions.git import Git
    from dslineage_hooks.installing import HooksResult

EPILOG = examples(
    "dslineage hooks install",
    "dslineage hooks status",
    "DSLINEAGE_SKIP=1 git commit          this once without them",
)
EPILOGS = {
    "install": examples("dslineage hooks install       hooks that are there already run first"),
    "uninstall": examples("dslineage hooks uninstall     what was there before is back"),
    "status": examples("dslineage hooks status --json"),
    "run": examples(
        "dslineage hooks run pre-commit                   judge what is staged now",
        'dslineage hooks run post-checkout "$@"           in a script that git runs',
    ),
}


def install(context: typer.Context, json: Json = False) -> None:
    """Install the hooks, for all work trees of this repository.

    Where core.hooksPath, husky, lefthook or the pre-commit framework is in charge, nothing is
    written: what to add to its files is printed, and the exit code is 2. The drivers by which git
    shows and merges pointers are set in any case.
    """
    from dslineage_hooks.installing import install as installed

    _changed(context, installed(_git()), json=json)


def uninstall(context: typer.Context, json: Json = False) -> None:
    """Take the hooks away; those that were there before are back as they were.

    A hook that was edited is left alone and named, and the exit code is 2.
    """
    from dslineage_hooks.installing import uninstall as uninstalled

    _changed(context, uninstalled(_git()), json=json)


def status(context: typer.Context, json: Json = False) -> None:
    """Show which hooks and drivers are installed, and who is in charge of the hooks."""
    from dslineage_cli.render import hooks
    from dslineage_hooks.installing import status as looked

    context.ensure_object(Terminal).result(looked(_git()), hooks.listed, json=json)


def run(
    hook: Annotated[str, typer.Argument(metavar="HOOK", help="Its name, as pre-commit.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGUMENT", help="What git hands to it.")
    ] = None,
) -> None:
    """Run a hook, for programs that are in charge of hooks; exits with 113 to stop a commit.

    Nothing else ends with 113, so a commit need not stop where dslineage is missing or broken.
    """
    from dslineage_cli.hook import run as ran
    from dslineage_hooks.shim import HOOKS, STOP

    if hook not in HOOKS:
        raise UsageError(f"there is no hook {hook!r}: {', '.join(HOOKS)} are", kind="unknown-hook")
    if not ran(hook, arguments or ()):
        raise typer.Exit(STOP)


def _changed(context: typer.Context, result: HooksResult, *, json: bool) -> None:
    from dslineage_cli.render import hooks

    context.ensure_object(Terminal).result(result, hooks.changed, json=json)
    if result.manager is not None or result.edited:
        raise typer.Exit(CODES[UsageError])


def _git() -> Git:
    from dslineage_cli.opening import repository

    return repository().git
