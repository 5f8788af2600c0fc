"""The law of parents: same example, same conversation, recorded, inferred, created."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.lineage.ancestry import Examples, Kind, Recorded, origins
from dslineage.lineage.balance import balance
from dslineage.store.links import LinksBuilder
from dslineage.versions.opening import open_version
from tests.lineage.stepping import lines
from tests.versions.support import Bench

Row = dict[str, Any]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.make(tmp_path / "work")


def recorded(bench: Bench, name: str, rows: Sequence[Row]) -> Examples:
    """The examples of a file, once it is a version."""
    info = bench.repo.add([bench.put(name, lines(list(rows)))], measure=False).version
    return Examples.of(open_version(bench.repo.store, info.record))


@pytest.fixture
def instructions(shared_data: Path) -> list[Row]:
    """Real instructions, each with the name of a user."""
    rows = json.loads((shared_data / "codealpaca" / "code_alpaca_2k.json").read_text())
    return [{**row, "user_id": f"u{number}"} for number, row in enumerate(rows)]


def asked(row: Row) -> str:
    return "\n".join(filter(None, [row["instruction"], row["input"]]))


def test_dropping_renaming_and_converting_make_no_row_look_new(
    bench: Bench, instructions: list[Row]
) -> None:
    raw = recorded(bench, "raw.jsonl", instructions)
    forms = {
        "dropped": [{k: v for k, v in row.items() if k != "user_id"} for row in instructions],
        "renamed": [
            {"instruction": row["instruction"], "input": row["input"], "response": row["output"]}
            for row in instructions
        ],
        "pairs": [{"prompt": asked(row), "completion": row["output"]} for row in instructions],
        "messages": [
            {
                "messages": [
                    {"role": "user", "content": asked(row)},
                    {"role": "assistant", "content": row["output"]},
                ]
            }
            for row in instructions
        ],
    }
    for name, rows in forms.items():
        made = recorded(bench, f"{name}.jsonl", rows)
        found = origins(made, [raw])
        assert found.counts == {"same-conversation": len(rows)}, name
        assert balance([raw], [made]).to_dict() == {
            "in": len(rows), "out": len(rows), "dropped": 0, "changed": len(rows), "created": 0,
        }  # fmt: skip
        assert raw.digests[7].tobytes() in found.of(7)[1]


def test_filter_sort_split_sample_mix_and_dedupe_need_no_link(
    bench: Bench, instructions: list[Row]
) -> None:
    draw = random.Random(7)
    other = instructions[1500:]
    rows = instructions[:1500]
    upstream = [
        recorded(bench, "raw.jsonl", [*rows, *rows[:40]]),
        recorded(bench, "b.jsonl", other),
    ]
    for name, made in {
        "filter": [row for row in rows if len(row["output"]) > 100],
        "sort": sorted(rows, key=lambda row: str(row["output"])),
        "split": rows[:300],
        "sample": draw.sample(rows, 200),
        "mix": draw.sample([*rows, *other, *other], 800),
        "dedupe": rows,
    }.items():
        found = origins(recorded(bench, f"{name}.jsonl", made), upstream)
        assert found.counts == {"same": len(made)}, name


def test_every_example_with_the_same_conversation_may_be_the_parent(bench: Bench) -> None:
    rows = [{"prompt": "Why?", "response": "So.", "user": name} for name in ("ada", "bob")]
    raw = recorded(bench, "raw.jsonl", rows)
    made = recorded(bench, "made.jsonl", [{"prompt": "Why?", "response": "So."}])
    kind, parents = origins(made, [raw]).of(0)
    assert kind is Kind.SAME_CONVERSATION
    assert set(parents) == {digest.tobytes() for digest in raw.digests}


def test_data_of_no_family_has_no_conversation_to_go_by(bench: Bench) -> None:
    raw = recorded(bench, "raw.jsonl", [{"x": n, "y": n} for n in range(5)])
    made = recorded(bench, "made.jsonl", [{"x": n} for n in range(5)])
    assert origins(made, [raw]).counts == {"created": 5}
    pairs = {
        child.tobytes(): (parent.tobytes(),)
        for child, parent in zip(made.digests, raw.digests, strict=True)
    }
    assert origins(made, [raw], inferred=pairs).counts == {"inferred": 5}
    assert origins(made, [raw], recorded=pairs, inferred=pairs).counts == {"recorded": 5}


def digest(number: int) -> bytes:
    """A digest; some share their first eight bytes."""
    return bytes([number // 3]) * 8 + bytes([number]) * 24


def state(rows: Sequence[tuple[int, int]]) -> Examples:
    """Examples by the numbers of their digest and conversation."""
    columns = [
        np.frombuffer(b"".join(map(digest, column)), np.uint8).reshape(-1, 32)
        for column in ([row for row, _ in rows], [100 + shown for _, shown in rows])
    ]
    return Examples(*columns)


def naive(
    child: Sequence[tuple[int, int]],
    upstream: Sequence[Sequence[tuple[int, int]]],
    said: Recorded,
) -> list[tuple[Kind, set[bytes]]]:
    """The law, example by example."""
    known = [one for rows in upstream for one in rows]
    found = []
    for row, shown in child:
        same = {digest(r) for r, _ in known if r == row}
        alike = {digest(r) for r, s in known if s == shown}
        told = set(said.get(digest(row), ()))
        kinds = [(Kind.SAME, same), (Kind.SAME_CONVERSATION, alike), (Kind.RECORDED, told)]
        found.append(next((one for one in kinds if one[1]), (Kind.CREATED, set())))
    return found


# An example's conversation follows from the example.
ROWS = st.lists(st.integers(0, 20).map(lambda row: (row, row // 2)), max_size=12)
LINKS = st.dictionaries(
    st.integers(0, 20).map(digest),
    st.lists(st.integers(0, 30).map(digest), min_size=1, max_size=3).map(tuple),
    max_size=8,
)


@given(ROWS, st.lists(ROWS, max_size=3), LINKS)
def test_origins_are_what_the_law_says_of_each_example(
    child: list[tuple[int, int]], upstream: list[list[tuple[int, int]]], said: Recorded
) -> None:
    found = origins(state(child), [state(rows) for rows in upstream], recorded=said)
    told = [found.of(position) for position in range(len(child))]
    assert [(kind, set(parents)) for kind, parents in told] == naive(child, upstream, said)
    for parent, place in zip(found.parents, found.upstream.tolist(), strict=True):
        here = place >= 0 and parent.tobytes() in {digest(row) for row, _ in upstream[place]}
        nowhere = not any(parent.tobytes() == digest(r) for rows in upstream for r, _ in rows)
        assert here or nowhere


@given(ROWS, ROWS)
def test_what_was_dropped_and_created_accounts_for_all_examples(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    found = balance([state(before)], [state(after)])
    assert (found.before, found.after) == (len(before), len(after))
    rows, shown = ({row[place] for row in before} for place in (0, 1))
    assert found.created == sum(r not in rows and s not in shown for r, s in after)
    assert found.changed == sum(r not in rows and s in shown for r, s in after)
    kept, changed = Counter(after), Counter(s for r, s in after if r not in rows)
    lost = Counter(before) - kept
    shown_lost = Counter[int]()
    for (_, conversation), count in lost.items():
        shown_lost[conversation] += count
    assert found.dropped == (shown_lost - changed).total()


def test_a_recorded_parent_is_neither_dropped_nor_its_child_created() -> None:
    builder = LinksBuilder()
    builder.derive(digest(9), [digest(1)])
    found = balance([state([(0, 0), (1, 1)])], [state([(0, 0), (9, 9)])], builder.build())
    assert found.to_dict() == {"in": 2, "out": 2, "dropped": 0, "changed": 1, "created": 0}
