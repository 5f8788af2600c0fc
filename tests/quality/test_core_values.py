"""The metrics of the default profile against slow ones, on real data, in any order and split."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.adapters.base import Adapter
from dslineage.quality.chunk import Chunk
from dslineage.quality.core import length, repetition, script, structure
from dslineage.quality.core.default import sft_core
from dslineage.quality.example import Example
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Kind
from dslineage.quality.tally import Tally
from dslineage.quality.values import Values
from tests.adapters.strategies import ADAPTERS, chats, examples
from tests.quality import naive
from tests.quality.material import SETS, chunk_of

MINE = (
    *structure.METRICS,
    structure.effective_llamafactory(),
    *length.METRICS,
    length.over_length(),
    *repetition.METRICS,
    *script.METRICS,
)
ALL = tuple(sft_core().measured)

rows = st.lists(
    examples | chats.map(lambda turns: {"messages": turns, "id": 7}), min_size=1, max_size=6
)
adapters = st.sampled_from(list(ADAPTERS.values()))


def listed(values: Values) -> list[Any]:
    """Values one by one, as naive code gives them."""
    data = values.data.tolist()
    if values.kind is Kind.FLAG:
        data = [bool(one) for one in data]
    if values.kind is Kind.CATEGORY:
        data = [values.names.get(one) for one in data]
    pairs = zip(data, values.applies.tolist(), strict=True)
    return [one if applies else None for one, applies in pairs]


@pytest.mark.parametrize("name", SETS)
def test_the_metrics_of_real_examples_are_those_of_naive_code(shared_data: Path, name: str) -> None:
    chunk = chunk_of(shared_data / name, SETS[name])
    for metric in MINE:
        expected = [naive.CORE[metric.name](dict(one.conversation)) for one in chunk.examples]
        assert listed(values_of(metric, chunk)) == expected, metric.name


@given(rows, adapters)
def test_a_chunk_gives_the_values_that_its_examples_give_one_by_one(
    rows: list[dict[str, Any]], adapter: Adapter
) -> None:
    chunk = Chunk.of(rows, adapter)
    for metric in ALL:
        alone = [metric.of(Example.of(row, adapter)).value for row in rows]
        expected = Values.of(metric.kind, alone, metric.labels)
        assert same(values_of(metric, chunk), expected), metric.name


@given(rows, adapters, st.data())
def test_values_do_not_depend_on_the_split_or_the_order(
    rows: list[dict[str, Any]], adapter: Adapter, data: st.DataObject
) -> None:
    whole = Chunk.of(rows, adapter)
    cut = data.draw(st.integers(1, len(rows)))
    order = data.draw(st.permutations(range(len(rows))))
    split = [Chunk.of(part, adapter) for part in (rows[:cut], rows[cut:]) if part]
    shuffled = Chunk.of([rows[place] for place in order], adapter)
    for metric in ALL:
        values = values_of(metric, whole)
        assert same(Values.joined([values_of(metric, part) for part in split]), values)
        assert same(values_of(metric, shuffled), values.take(np.array(order)))


def test_a_split_anywhere_and_a_shuffle_change_nothing_on_real_data(shared_data: Path) -> None:
    examples = list(chunk_of(shared_data / "codealpaca/code_alpaca_2k.json").examples)
    whole = Chunk(examples)
    random = Random(7)
    order = random.sample(range(len(examples)), len(examples))
    cuts = [0, *sorted(random.sample(range(1, len(examples)), 9)), len(examples)]
    parts = [Chunk(examples[begin:end]) for begin, end in pairwise(cuts)]
    shuffled = Chunk([examples[place] for place in order])
    for metric in ALL:
        values = values_of(metric, whole)
        assert same(Values.joined([values_of(metric, part) for part in parts]), values)
        assert same(values_of(metric, shuffled), values.take(np.array(order)))
        assert Tally.of(values_of(metric, shuffled), metric.labels) == Tally.of(
            values, metric.labels
        )


def same(left: Values, right: Values) -> bool:
    """Whether two are equal in every part that is stored."""
    return stored(left) == stored(right)


def stored(values: Values) -> tuple[Any, ...]:
    whole = None if values.whole is None else values.whole.tolist()
    return values.kind, values.data.dtype, values.data.tolist(), whole, dict(values.names)
