"""The profile `sft-core@1`."""

from __future__ import annotations

from dslineage.quality.core import length, repetition, script, structure
from dslineage.quality.profile import Profile


def sft_core() -> Profile:
    """What is measured where nothing else is said."""
    return Profile(
        "sft-core@1",
        (
            structure.EXAMPLES,
            structure.SCHEMA_OK,
            structure.TURNS_OK,
            structure.effective_llamafactory(),
            structure.EMPTY_TARGET,
            length.PROMPT_WORDS,
            length.TARGET_WORDS,
            structure.TURNS,
            length.over_length(),
            repetition.REP4,
            repetition.DUP_LINE_CHARS,
            script.SCRIPT_MIX,
        ),
    )
