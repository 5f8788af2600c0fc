"""A draft that something rests on stays: the next `add` makes another version beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dslineage.records import DatasetRecord, Record
from tests.lineage.world import claim, mixture, model, run, start_clock, step, train, write
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'
USES: dict[str, Callable[[DatasetRecord], Record]] = {
    "a step": lambda draft: step(draft, dataset="other"),
    "a mixture": mixture,
    "a run": lambda draft: run(train(draft)),
    "a model": lambda draft: model(trained_on=(train(draft),)),
    "a claim": claim,
}


@pytest.mark.parametrize("use", USES)
def test_a_draft_that_was_used_is_not_replaced(bench: Bench, use: str) -> None:
    start_clock()
    draft = bench.add("train.jsonl", ONE).record
    write(bench.root, [USES[use](draft)])
    bench.add("train.jsonl", ONE * 2)
    assert bench.labels("train") == ["v1", "v2"]
    assert bench.repo.show("v2").record.parents == (draft.id,)


def test_a_run_that_knows_a_draft_by_its_content_alone_uses_it_too(bench: Bench) -> None:
    """As one does that comes home from a cluster."""
    start_clock()
    draft = bench.add("train.jsonl", ONE).record
    captured = train("any")
    content = type(captured)(captured.role, captured.evidence, content_hash=draft.content_hash)
    write(bench.root, [run(content)])
    bench.add("train.jsonl", ONE * 2)
    assert bench.labels("train") == ["v1", "v2"]


def test_a_draft_is_replaced_where_others_were_used(bench: Bench) -> None:
    start_clock()
    used = bench.add("other.jsonl", ONE * 3).record
    write(bench.root, [run(train(used)), mixture(used)])
    bench.add("train.jsonl", ONE)
    bench.add("train.jsonl", ONE * 2)
    assert bench.labels("train") == ["v1"]
