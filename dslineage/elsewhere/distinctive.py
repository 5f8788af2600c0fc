"""Texts by which forgotten examples are recognised where they were copied to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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
    leaves = [sorted(set(_texts(example)), key=len, reverse=True) for example in examples]
    long = [[text for text in texts if len(text) >= DISTINCTIVE] for texts in leaves]
    forms = ((form, text) for texts in long for text in texts for form in written_forms(text))
    shared = Needles.of(forms).found_in(others)
    own = (next((text for text in texts if text not in shared), None) for texts in long)
    return frozenset(filter(None, own))


def _texts(value: Any) -> Iterator[str]:
    """All strings in a value, names of members aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
