"""A poisoned example is traced to the versions and models that had it, and to no other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dslineage.lineage.ancestry import Kind
from dslineage.trace.traced import ExampleTrace
from tests.audit.histories import LOST, MAY, NONE, SAW, History
from tests.audit.world import World, digest_of

HISTORIES = 200
CHUNK = 25


@pytest.mark.parametrize("first", range(0, HISTORIES, CHUNK))
def test_poison_is_traced_to_what_had_it_and_to_nothing_else(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + CHUNK):
        root = tmp_path / str(seed)
        root.mkdir()
        history = History(World(root), random.Random(seed))
        history.begin()
        history.play(4)
        if seed % 3 == 0:
            history.world.tracer()  # an index is there, and has to learn what follows
        history.play(4)
        _check(history, history.world.tracer().trace(digest_of(history.poison)))


def _check(history: History, trace: ExampleTrace) -> None:
    story = "\n".join(history.log)
    told: dict[str, set[str]] = {"sure": set(), "guessed": set()}
    for form in (trace.form, *trace.later):
        side = "guessed" if form.kind is Kind.INFERRED else "sure"
        told[side].update(f"{name}@{v}" for name, labels in form.versions.items() for v in labels)
    by_mark = {
        mark: {
            f"{one.record.dataset}@{one.record.label}"
            for one in history.versions
            if any(row.mark == mark for row in one.rows)
        }
        for mark in (SAW, LOST)
    }
    assert told["sure"] == by_mark[SAW], story
    assert told["guessed"] <= by_mark[LOST], story
    seen = {one.id: one for one in trace.seen if one.role == "train"}
    for id_, truth in history.truth().items():
        answers = {SAW: {"saw"}, MAY: {"may have seen"}, LOST: {"may have seen", ""}, NONE: {""}}
        answer = seen[id_].answer if id_ in seen else ""
        assert answer in answers[truth], f"{id_} {truth} {seen.get(id_)}\n{story}"
    assert {one.id for one in trace.unmatched} == history.models.keys() - seen.keys()
