"""The profile `sft-core@1`."""

from __future__ import annotations

from dslineage.quality.core import length, phrases, privacy, repetition, script, structure
from dslineage.quality.core.format import BAD_CHARS, BROKEN_FORMAT
from dslineage.quality.profile import Profile
from dslineage.quality.sets import definitions as sets


def sft_core() -> Profile:
    """What is measured where nothing else is said, in the order of a report.

    `contam[E]` is measured besides for each evaluation set that there is.
    """
    return Profile(
        "sft-core@1",
        (
            structure.EXAMPLES,
            structure.SCHEMA_OK,
            structure.TURNS_OK,
            structure.effective_llamafactory(),
            structure.EMPTY_TARGET,
            phrases.PLACEHOLDER,
            length.PROMPT_WORDS,
            length.TARGET_WORDS,
            structure.TURNS,
            length.over_length(),
            sets.EXACT_DUP,
            sets.NEAR_DUP,
            sets.TARGET_CONFLICT,
            repetition.REP4,
            repetition.DUP_LINE_CHARS,
            phrases.BOILERPLATE,
            phrases.REFUSAL,
            BROKEN_FORMAT,
            BAD_CHARS,
            script.SCRIPT_MIX,
            privacy.PII,
            privacy.SECRET,
            sets.OPENERS_EFF,
            sets.DISTINCT3,
        ),
    )
