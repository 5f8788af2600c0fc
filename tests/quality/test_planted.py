"""Twenty of each defect among ten thousand real examples: each metric finds its own."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
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
from tests.quality.naive_sets import conflicts
from tests.quality.planting import DEFECTS, Planted, Row, plant, t0_rows
from tests.versions.support import Bench

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


def test_planted_together_and_recorded_each_moves_the_figure_that_looks_for_it(
    shared_data: Path, tmp_path: Path
) -> None:
    """Twenty of all kinds in one data set: what its manifests and diffs say is what was planted."""
    clean = t0_rows(shared_data)
    planted = plant(clean, DEFECTS)
    touched = {place for places in planted.places.values() for place in places}
    long = [row for n, row in enumerate(clean) if n not in touched and len(row["prompt"]) > 400]
    picked = random.Random(3).sample(long, 60)
    copies = [
        *picked[:20],
        *(row | {"prompt": row["prompt"] + " Please."} for row in picked[20:40]),
        *(row | {"completion": "Planted: something else entirely."} for row in picked[40:]),
    ]
    bench = Bench.make(tmp_path / "repo")
    for rows in (clean, planted.rows, [*planted.rows, *copies]):
        bench.commit("train.jsonl", jsonl(rows))

    defects = {one.metric: one for one in bench.repo.diff("v1", "v2").metrics}
    for name in ("refusal", "empty_target", "secret", "bad_chars", "pii", "broken_format"):
        affected = defects[name].affected
        assert affected is not None
        assert affected.after - affected.before == 20, name
    for name, reason in (("pii", "email"), ("broken_format", "fence")):
        (label,) = [one for one in defects[name].labels if one.name == reason]
        assert label.examples == (0, 20)

    repeats = {one.metric: one for one in bench.repo.diff("v2", "v3").metrics}
    exact, near, torn = (
        repeats[name].detail for name in ("exact_dup", "near_dup", "target_conflict")
    )
    assert exact is not None
    assert [one["examples"] - one["distinct"] for one in exact] == [33, 53]
    assert near is not None
    assert near[1]["clusters"] - near[0]["clusters"] <= 20, "of the conflicting answers, at most"
    assert torn is not None
    said = [(row["prompt"], row["completion"]) for row in [*planted.rows, *copies]]
    assert repeats["target_conflict"].after == pytest.approx(conflicts(said))
    assert torn[1]["prompts_in_conflict"] > torn[0]["prompts_in_conflict"]


def jsonl(rows: Sequence[Row]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
