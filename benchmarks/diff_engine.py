"""The diff engine alone, on made-up columns: no file is read and no text exists. Run with.

python -m benchmarks.diff_engine
"""

from __future__ import annotations

from operator import itemgetter
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np

from dslineage.adapters.base import Facets
from dslineage.adapters.registry import family
from dslineage.diff.engine import compare
from dslineage.versions.snapshot import FacetTable, FieldStats
from tests.diff.memory import ArraySnapshot, Space

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXAMPLES = 1_000_000
_ALIKE = ("rejected", "structure", "system", "tools", "label", "mask", "media", "rest", "repaired")

Sides = tuple[ArraySnapshot, ArraySnapshot]


def changed(examples: int, key: str | None = "id") -> Sides:
    """Two sides: a third of 1% edited, removed and added each, at random places."""
    random = np.random.default_rng(0)
    part = examples // 300
    digests, facets = _columns(random, examples + 2 * part)
    places = random.permutation(examples)
    edited, removed = np.sort(places[:part]), np.sort(places[part : 2 * part])
    _keep(facets, edited, examples + np.arange(part))
    after = np.arange(examples)
    after[edited] = examples + np.arange(part)
    after = np.delete(after, removed)
    spots = np.sort(random.integers(0, len(after), part))
    after = np.insert(after, spots, examples + part + np.arange(part))
    return _sides(np.arange(examples), after, digests, facets, key)


def rewritten(examples: int, key: str | None = "id") -> Sides:
    """Two sides: every answer is another one."""
    digests, facets = _columns(np.random.default_rng(0), 2 * examples)
    before, after = np.arange(examples), np.arange(examples, 2 * examples)
    _keep(facets, before, after)
    return _sides(before, after, digests, facets, key)


def _columns(random: np.random.Generator, rows: int) -> tuple[NDArray[np.uint8], FacetTable]:
    columns = {
        name: random.integers(1, 2**63, rows, dtype=np.uint64)
        for name in Facets._fields
        if name != "conversation"
    }
    for name in _ALIKE:
        columns[name][:] = 0
    digests = random.integers(0, 256, (rows, 32), dtype=np.uint8)
    return digests, FacetTable(random.integers(0, 256, (rows, 32), dtype=np.uint8), columns)


def _keep(facets: FacetTable, before: NDArray[np.int64], after: NDArray[np.int64]) -> None:
    """Let edited examples keep their prompt and their key."""
    for name in ("prompt", "key"):
        facets.columns[name][after] = facets.columns[name][before]


def _sides(
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    digests: NDArray[np.uint8],
    facets: FacetTable,
    key: str | None,
) -> Sides:
    space = Space()
    adapter = family("messages")()
    first, second = (
        ArraySnapshot(
            rows,
            digests,
            facets,
            space,
            adapter,
            key,
            {"id": FieldStats({"string": len(rows)}), "messages": FieldStats({"array": len(rows)})},
        )
        for rows in (before, after)
    )
    return first, second


def main() -> None:
    """Print the time of each case, the better of two runs."""
    cases = {
        "1% changed, with a key": changed(EXAMPLES),
        "every answer rewritten, with a key": rewritten(EXAMPLES),
        "every answer rewritten, without a key": rewritten(EXAMPLES, None),
    }
    for name, sides in cases.items():
        runs = [_timed(sides) for _ in range(2)]
        wall, cpu, rules = min(runs, key=itemgetter(0))
        print(f"{EXAMPLES:,} examples, {name}: {wall:.2f} s, {cpu:.2f} s CPU; pairs: {rules}")


def _timed(sides: Sides) -> tuple[float, float, dict[str, int]]:
    wall, cpu = perf_counter(), process_time()
    found = compare(*sides)
    return perf_counter() - wall, process_time() - cpu, found.rule_counts()


if __name__ == "__main__":
    main()
