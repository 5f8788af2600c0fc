"""A key that nobody named: said where nothing was paired and one field could have paired it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dslineage.diff.pool import Pool, Side

_READ = 50_000
"""Left-over examples of one side up to which all are read."""
_FEWEST = 10
"""Among fewer, any field may be unique."""


def suggested_key(pool: Pool) -> Iterator[str]:
    """A sentence, where nothing was paired but a field is unique on both sides and overlaps.

    Whether it names the same example on both sides, only people know: running numbers may not.
    """
    fewer, more = sorted((len(pool.before), len(pool.after)))
    if fewer < _FEWEST or more > _READ or len(pool.pairs().before):
        return
    before, after = _unique_fields(pool.before), _unique_fields(pool.after)
    shared = {name: len(before[name] & after[name]) for name in before.keys() & after.keys()}
    best = max(sorted(shared), key=lambda name: shared[name], default=None)
    if best is not None and 2 * shared[best] >= fewer:
        yield (
            f"nothing was paired; {best!r} is unique on both sides, and {shared[best]:,} of its "
            f"values are on both: if it names the same example, add --key {best}"
        )


def _unique_fields(side: Side) -> dict[str, set[Any]]:
    """The values of the fields that tell all left-over examples of a side apart."""
    found: dict[str, set[Any]] | None = None
    for number, example in enumerate(side.view.read(side.rows[side.known]), start=1):
        scalars = {name: value for name, value in example.items() if type(value) in {str, int}}
        if found is None:
            found = {name: set() for name in scalars}
        for name in found.keys() - scalars.keys():
            del found[name]
        for name, values in found.items():
            values.add(scalars[name])
        found = {name: values for name, values in found.items() if len(values) == number}
        if not found:
            break
    return found or {}
