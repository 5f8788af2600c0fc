"""Each command that writes is in the table of those that are killed, or it is said why not."""

from __future__ import annotations

from dslineage_cli.commands import GROUPS, VERBS
from tests.crashes.table import COMMANDS, LIKE_OTHERS, READ


def test_each_command_is_killed_or_is_named_with_a_reason() -> None:
    commands = {f"{verb} {one}".strip() for verb in VERBS for one in GROUPS.get(verb, [""])}
    named = [*COMMANDS, *LIKE_OTHERS, *READ]
    begun = {name: {one for one in commands if f"{name} ".startswith(f"{one} ")} for name in named}
    assert [name for name, found in begun.items() if not found] == [], "there is no such command"
    assert commands - set().union(*begun.values()) == set(), "nobody says what these do"
    assert all(LIKE_OTHERS.values())
    assert not READ & COMMANDS.keys()
