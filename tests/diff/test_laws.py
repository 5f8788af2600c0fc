"""What holds for any two sides."""

from __future__ import annotations

import hashlib
from collections import Counter
from random import Random
from typing import Any

import orjson
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dslineage.adapters.fields import Fields
from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff.comparison import Comparison
from dslineage.diff.engine import compare
from dslineage.diff.result import RULES
from tests.diff.chat import ALPACA, instruction
from tests.diff.memory import MemorySnapshot, Space

Example = dict[str, Any]

_EXAMPLES = st.lists(
    st.builds(
        lambda key, question, answer, source: (
            {
                "id": key,
                "instruction": instruction(question)["instruction"],
                "output": instruction(answer)["output"],
            }
            | ({"source": source} if source else {})
        ),
        st.one_of(st.none(), st.integers(0, 6)),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(["", "web"]),
    ),
    max_size=8,
)
_KEYS = st.sampled_from([None, "id"])


def run(before: list[Example], after: list[Example], key: str | None) -> Comparison:
    space = Space()
    return compare(
        MemorySnapshot(before, ALPACA, key, space),
        MemorySnapshot(after, ALPACA, key, space),
    )


@given(_EXAMPLES, _EXAMPLES, _KEYS)
def test_the_counts_add_up_and_every_position_is_in_one_place(
    before: list[Example], after: list[Example], key: str | None
) -> None:
    found = run(before, after, key)
    unchanged = found.unchanged_positions()
    assert len(unchanged[0]) == len(unchanged[1]) == found.unchanged
    assert sorted([*unchanged[0], *found.edited.before, *found.removed]) == [*range(len(before))]
    assert sorted([*unchanged[1], *found.edited.after, *found.added]) == [*range(len(after))]
    assert sum(found.rule_counts().values()) == len(found.edited)
    assert (found.edited.kinds != 0).all()


@given(_EXAMPLES, _KEYS, st.integers(0, 99))
def test_a_shuffled_side_differs_from_itself_in_its_order_only(
    examples: list[Example], key: str | None, seed: int
) -> None:
    shuffled = Random(seed).sample(examples, len(examples))
    found = run(examples, shuffled, key)
    assert (found.unchanged, len(found.edited)) == (len(examples), 0)
    assert found.reordered == (list(map(_named, examples)) != list(map(_named, shuffled)))


@given(_EXAMPLES, _EXAMPLES, _KEYS)
def test_both_directions_make_the_same_pairs(
    before: list[Example], after: list[Example], key: str | None
) -> None:
    there, back = run(before, after, key), run(after, before, key)
    assert _pairs(there, before, after) == {
        (j, i, rule): count for (i, j, rule), count in _pairs(back, after, before).items()
    }
    assert there.unchanged == back.unchanged


@given(_EXAMPLES, _EXAMPLES, _KEYS, st.integers(0, 99))
def test_order_changes_nothing_but_reordered(
    before: list[Example], after: list[Example], key: str | None, seed: int
) -> None:
    shuffled = Random(seed).sample(after, len(after))
    assert _pairs(run(before, after, key), before, after) == _pairs(
        run(before, shuffled, key), before, shuffled
    )


@given(_EXAMPLES, _EXAMPLES, _KEYS)
def test_numbering_rows_apart_changes_nothing(
    before: list[Example], after: list[Example], key: str | None
) -> None:
    apart = compare(MemorySnapshot(before, ALPACA, key), MemorySnapshot(after, ALPACA, key))
    together = run(before, after, key)
    assert _pairs(apart, before, after) == _pairs(together, before, after)
    assert apart.reordered == together.reordered


@settings(max_examples=200)
@given(_EXAMPLES, _EXAMPLES)
def test_the_first_rules_agree_with_a_plain_statement_of_them(
    before: list[Example], after: list[Example]
) -> None:
    assume("id" in {*_fields(before), *_fields(after)})
    space = Space()
    first, second = (MemorySnapshot(side, ALPACA, "id", space) for side in (before, after))
    found = compare(first, second, key="id")
    assume(not found.schema_changes)
    left_before = list((Counter(map(_named, before)) - Counter(map(_named, after))).elements())
    left_after = list((Counter(map(_named, after)) - Counter(map(_named, before))).elements())
    matched = len(before) - len(left_before)
    anew, pairs = _plain_unkeyed(left_before, left_after)
    assert found.unchanged == matched + anew
    assert found.rule_counts().get("unkeyed", 0) == pairs
    expected = _plain_keyed(left_before, left_after)
    assert found.rule_counts().get("key", 0) == expected


def _fields(examples: list[Example]) -> set[str]:
    return {name for example in examples for name, value in example.items() if value is not None}


def _plain_unkeyed(before: list[bytes], after: list[bytes]) -> tuple[int, int]:
    """Takes pairs that are equal but for the key out of both lists; given anew, and others."""
    keys = {_key(raw) for raw in before} - {None}, {_key(raw) for raw in after} - {None}
    taken = pairs = 0
    for content in sorted({_content(raw) for raw in before}):
        first = sorted((r for r in before if _content(r) == content), key=_digest)
        second = sorted((r for r in after if _content(r) == content), key=_digest)
        for was, now in zip(first, second, strict=False):
            before.remove(was)
            after.remove(now)
            pairs += 1
            taken += _key(was) in keys[1] or _key(now) in keys[0]
    return (pairs, 0) if pairs and 2 * taken >= pairs else (0, pairs)


def _plain_keyed(before: list[bytes], after: list[bytes]) -> int:
    first, second = Counter(map(_key, before)), Counter(map(_key, after))
    return sum(key is not None and first[key] == second[key] == 1 for key in first)


def _key(raw: bytes) -> Any:
    return orjson.loads(raw).get("id")


def _content(raw: bytes) -> bytes:
    return canonical_bytes({name: v for name, v in orjson.loads(raw).items() if name != "id"})


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def _named(example: Example) -> bytes:
    return canonical_bytes({name: value for name, value in example.items() if value is not None})


def _pairs(
    found: Comparison, before: list[Example], after: list[Example]
) -> Counter[tuple[bytes, bytes, str]]:
    edited = found.edited
    return Counter(
        (_named(before[i]), _named(after[j]), RULES[rule])
        for i, j, rule in zip(
            edited.before.tolist(), edited.after.tolist(), edited.rules.tolist(), strict=True
        )
    )


def test_a_mirrored_pair_of_sides_of_another_schema_gives_the_same_pairs() -> None:
    before = [instruction(n) for n in range(40)]
    after = [{"instruction": e["instruction"], "answer_text": e["output"]} for e in before]
    after[3]["answer_text"] = "Nobody knows."
    there = compare(MemorySnapshot(before, ALPACA), MemorySnapshot(after, Fields()))
    back = compare(MemorySnapshot(after, Fields()), MemorySnapshot(before, ALPACA))
    assert there.unchanged == back.unchanged == 39
    assert there.rule_counts() == back.rule_counts() == {"prompt": 1}
