"""Texts by which forgotten examples are recognised where they were copied to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dslineage.adapters.visible import strings
from dslineage.elsewhere.needles import Needles
from dslineage.elsewhere.seeker import written_forms
from dslineage.elsewhere.wanted import DISTINCTIVE


def distinctive(
    examples: Iterable[Mapping[str, Any]], others: Iterable[bytes] = ()
) -> frozenset[str]:
    """The longest text of each example that no other record has, if it is long enough.

    Args:
        examples: the forgotten examples.
        others: the records of those that stay, which may share a system message with them.
    """
    said = (dict.fromkeys(strings(example)) for example in examples)
    leaves = [sorted(texts, key=len, reverse=True) for texts in said]
    long = [[text for text in texts if len(text) >= DISTINCTIVE] for texts in leaves]
    forms = ((form, text) for texts in long for text in texts for form in written_forms(text))
    shared = Needles.of(forms).found_in(others)
    own = (next((text for text in texts if text not in shared), None) for texts in long)
    return frozenset(filter(None, own))
