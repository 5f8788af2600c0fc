"""What a result says, and that nothing is shown that was not confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dslineage.diff import pairing, similar
from dslineage.diff.engine import DiffOptions, compare, diff_snapshots
from dslineage.versions.snapshot import FacetTable
from tests.diff.chat import ALPACA, compared, counts, instruction
from tests.diff.memory import MemorySnapshot, Space

if TYPE_CHECKING:
    import pytest
    from numpy.typing import NDArray

FORTY = [instruction(n, id=n) for n in range(40)]


class Forged(MemorySnapshot):
    """A snapshot all of whose prompts have the same 8 bytes of digest."""

    def facets(self, rows: NDArray[np.int64]) -> FacetTable:
        table = super().facets(rows)
        return FacetTable(
            table.conversation, {**table.columns, "prompt": np.full(len(rows), 7, np.uint64)}
        )


def test_a_pair_whose_digests_only_look_equal_is_taken_apart_where_it_is_shown() -> None:
    space = Space()
    common = [instruction(n) for n in range(10)]
    before = Forged([*common, instruction(100)], ALPACA, space=space)
    after = Forged([*common, instruction(200)], ALPACA, space=space)
    assert compare(before, after).rule_counts() == {"prompt": 1}
    result = diff_snapshots(before, after, DiffOptions(rows=True))
    assert counts(result) == (10, 0, 1, 1)
    assert dict(result.pairing) == dict(result.edits) == {}
    assert counts(diff_snapshots(before, after)) == (10, 0, 1, 1)


def test_the_document_has_the_counts_kinds_and_rules() -> None:
    after = [dict(example) for example in FORTY[1:]]
    after[3]["output"] = "Nobody knows."
    document = compared(FORTY, [*after, instruction(900, id=99)], key="id").to_dict()
    assert document["schema"] == "dslineage.diff/1"
    assert document["examples"] == {
        "from": 40, "to": 40, "unchanged": 38, "edited": 1, "removed": 1, "added": 1,
    }  # fmt: skip
    assert (document["edits"], document["pairing"]) == ({"response": 1}, {"key": 1})
    assert [row["change"] for row in document["rows"]] == ["edited", "removed", "added"]
    edited, removed, added = document["rows"]
    assert edited["kinds"] == ["response"]
    assert (edited["rule"], edited["confidence"]) == ("key", 1.0)
    assert edited["before"]["position"] == 4
    assert edited["after"]["example"]["output"] == "Nobody knows."
    assert removed["before"]["example"] == FORTY[0]
    assert added["after"]["position"] == 39
    assert document["from"]["key"] == "id"
    assert document["notices"] == ["paired by 'id', which was found to be a key"]


def test_where_a_key_decides_fewer_texts_are_compared_and_a_notice_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "LIMIT_KEYED", 4)
    after = [*FORTY[5:], *(instruction(n, id=n) for n in range(700, 705))]
    result = compared(FORTY, after, key="id")
    assert counts(result) == (35, 0, 5, 5)
    assert result.notices[-1] == (
        "texts were not compared: 5 removed and 5 added examples are left, and the limit is 4 "
        "where 'id' decides"
    )


def test_beyond_a_limit_answers_under_one_prompt_are_paired_unread_and_a_notice_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pairing, "_COMPARED", 10)
    before = [{"instruction": f"Go {n // 4}.", "output": FORTY[n]["output"]} for n in range(20)]
    after = [example | {"output": f"{example['output']} Yes."} for example in before]
    result = compared(before, after)
    assert counts(result) == (0, 20, 0, 0)
    assert result.notices[0].startswith("under 4 prompts with several changed answers")


def test_the_same_seed_draws_the_same_samples_of_many_changes() -> None:
    before = [instruction(n % 900, id=n) for n in range(5000)]
    after = [example | {"output": f"No {n}."} for n, example in enumerate(before)]
    draws = [
        [
            row.before_position
            for row in compared(before, after, key="id", rows=False, seed=s).samples
        ]
        for s in (1, 1, 2)
    ]
    assert draws[0] == draws[1] != draws[2]
    assert len(draws[0]) == 2
