"""Cost follows the change: what is read of a million examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.diff_engine import changed, rewritten
from dslineage.diff.engine import compare
from tests.diff.memory import ArraySnapshot

if TYPE_CHECKING:
    import numpy as np
    import pytest


class Counting:
    """Counts the rows that are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = {"digests": 0, "facets": 0, "read": 0}
        for name in self.rows:
            monkeypatch.setattr(ArraySnapshot, name, self._counted(name))

    def _counted(self, name: str) -> Any:
        original = getattr(ArraySnapshot, name)

        def counted(snapshot: ArraySnapshot, rows: np.typing.NDArray[np.int64]) -> Any:
            self.rows[name] += len(rows)
            return original(snapshot, rows)

        return counted


def test_of_a_million_examples_only_what_changed_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counting = Counting(monkeypatch)
    found = compare(*changed(1_000_000))
    assert (found.unchanged, len(found.edited), len(found.removed), len(found.added)) == (
        993_334, 3333, 3333, 3333,
    )  # fmt: skip
    assert counting.rows == {"digests": 2 * 13_332, "facets": 13_332, "read": 0}


def test_every_answer_rewritten_is_paired_without_reading_a_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for key, rule in (("id", "key"), (None, "prompt")):
        counting = Counting(monkeypatch)
        found = compare(*rewritten(100_000, key))
        assert found.rule_counts() == {rule: 100_000}
        assert found.kind_counts() == {"response": 100_000}
        assert counting.rows["read"] == 0
