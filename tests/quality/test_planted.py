"""Twenty of each defect among ten thousand real examples: each metric finds its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dslineage.adapters.detect import detect
from dslineage.quality.chunk import Chunk
from dslineage.quality.core import privacy, structure
from dslineage.quality.core.format import BAD_CHARS, BROKEN_FORMAT
from dslineage.quality.core.phrases import REFUSAL
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Kind, Metric
from tests.quality.planting import DEFECTS, Planted, plant, t0_rows

FINDERS = {
    "refusal": (REFUSAL, ""),
    "empty_target": (structure.EMPTY_TARGET, ""),
    "secret": (privacy.SECRET, ""),
    "email": (privacy.PII, "email"),
    "fence": (BROKEN_FORMAT, "fence"),
    "bad_chars": (BAD_CHARS, ""),
}
"""Which metric, and which of its reasons, finds a defect."""


@cache
def material(data: Path) -> tuple[Chunk, Chunk, Planted]:
    """The clean examples, those with defects, and where the defects are."""
    rows = t0_rows(data)
    planted = plant(rows, DEFECTS)
    adapter = detect(rows).adapter
    return Chunk.of(rows, adapter), Chunk.of(planted.rows, adapter), planted


def found(metric: Metric, label: str, chunk: Chunk) -> set[int]:
    """The examples that a metric finds, for one of its reasons or any."""
    values = values_of(metric, chunk)
    data = np.where(values.applies, values.data, 0)
    if metric.kind is Kind.REASONS and label:
        data = data >> metric.labels.index(label) & 1
    return set(np.flatnonzero(data).tolist())


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_metric_finds_the_twenty_that_were_planted_for_it(
    shared_data: Path, defect: str
) -> None:
    clean, dirty, planted = material(shared_data)
    metric, label = FINDERS[defect]
    alarms = found(metric, label, clean)
    planted_here = set(planted.places[defect])
    assert len(planted_here) == 20
    assert found(metric, label, dirty) - alarms == planted_here


def test_false_alarms_on_the_clean_examples_are_what_the_documentation_says(
    shared_data: Path,
) -> None:
    clean, _, _ = material(shared_data)
    alarms = {name: len(found(metric, label, clean)) for name, (metric, label) in FINDERS.items()}
    assert alarms == {
        "refusal": 0, "empty_target": 0, "secret": 0, "email": 0, "fence": 0, "bad_chars": 0,
    }  # fmt: skip
