"""The way back says the opposite of the way there, for each metric and in all its parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from dslineage.diff import setmoves
from dslineage.files import diff_files
from dslineage.quality.attribution import Split
from dslineage.quality.movement import Movement
from dslineage.versions.options import ReadOptions

TOOLS = ("dedupe-only", "similarity-0.9", "similarity-0.6")


def chain(data: Path, name: str) -> Sequence[Path]:
    if name == "toolformer":
        return [data / name / f"toolformer-{step}.json" for step in TOOLS]
    return sorted((data / name).glob("*.csv"))


@pytest.mark.parametrize("name", ["toolformer", "prompts"])
def test_every_metric_of_a_real_history_is_mirrored(
    shared_data: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setmoves, "DRAWS", 2)
    read = ReadOptions(quarantine=True)
    for older, newer in pairwise(chain(shared_data, name)):
        there = {one.metric: one for one in diff_files(older, newer, read=read).metrics}
        back = {one.metric: one for one in diff_files(newer, older, read=read).metrics}
        assert there.keys() == back.keys()
        for metric, movement in there.items():
            mirrored(movement, back[metric])


def mirrored(one: Movement, other: Movement) -> None:
    assert (one.before, one.after) == (other.after, other.before), one.metric
    assert (one.id, one.comparable) == (other.id, other.comparable)
    if one.split is not None:
        assert one.delta is not None
        assert math.fsum(one.split) == pytest.approx(one.delta, rel=1e-9, abs=1e-12)
        assert other.split == pytest.approx(turned(one.split), rel=1e-9, abs=1e-12), one.metric
    if one.affected is not None:
        before, after, added, removed, edited = one.affected
        assert other.affected == (after, before, -removed, -added, -edited), one.metric
    if one.pairs is not None:
        higher, lower, same, rest = one.pairs
        assert other.pairs == (lower, higher, same, rest), one.metric
    labels = {label.name: label for label in other.labels}
    assert labels.keys() == {label.name for label in one.labels}
    for label in one.labels:
        assert labels[label.name].examples == label.examples[::-1]
        assert labels[label.name].split == pytest.approx(turned(label.split), rel=1e-9, abs=1e-12)


def turned(split: Split) -> tuple[float, float, float]:
    """The split of the way back: what was added is removed."""
    return -split.removed, -split.added, -split.edited
