"""The group of all verbs, each imported when it is used."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup
from typer.main import get_command

from dslineage.errors import UsageError
from dslineage_cli.commands import GROUPS, VERBS

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _nothing() -> None:
    """What a group of commands does by itself."""


class Verbs(TyperGroup):
    """Knows the verbs by name and summary, and loads one at a time."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The verbs, in the order of a first session."""
        return list(VERBS)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """The command that the arguments begin with; a near miss is named."""
        if args[0] in VERBS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        near = get_close_matches(args[0], VERBS, n=1)
        hint = f"did you mean: dslineage {near[0]}" if near else "dslineage --help"
        raise UsageError(f"there is no command {args[0]!r}", kind="unknown-command", hint=hint)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of a verb, or None where there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"dslineage_cli.commands.{cmd_name}")
        one = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=SETTINGS)
        if cmd_name not in GROUPS:
            one.command(cmd_name, epilog=module.EPILOG)(getattr(module, cmd_name))
            return get_command(one)
        one.callback(help=VERBS[cmd_name], epilog=module.EPILOG)(_nothing)
        for name in GROUPS[cmd_name]:
            one.command(name, epilog=module.EPILOGS[name])(
                getattr(module, f"{name}_" if iskeyword(name) else name)
            )
        return get_command(one)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The list in the help of the program."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))
