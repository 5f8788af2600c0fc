"""A training on the stream of a mixture: its run knows the mixture, each checkpoint its part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import IterableDataset

import dslineage
from dslineage.records import MixtureRecord, ModelRecord
from dslineage.training.huggingface import DslineageCallback
from tests.lineage.stepping import lines
from tests.training import tiny
from tests.training.runs import run_file
from tests.versions.support import Bench

MIX = """
name = "blend"
seed = 1
[[data]]
ref = "short@v1"
weight = 3
[[data]]
ref = "other@v1"
weight = 1
"""


def test_a_run_is_linked_to_its_mixture_and_to_what_was_mixed(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("short.jsonl", lines(tiny.chats(12)))
    bench.commit("other.jsonl", lines([tiny.chat(3, 4, 20 + number) for number in range(8)]))
    bench.put("mix.toml", MIX.encode())
    provenance = bench.repo.provenance
    provenance.add_mixture("mix.toml")
    stream = dslineage.watch(dslineage.mixture("mix.toml", repository=bench.repo))
    assert len(stream) == 16

    def tokens() -> Iterator[dict[str, Any]]:
        for example in stream:
            yield tiny.tokens([example])[0]

    out = tmp_path / "out"
    data = IterableDataset.from_generator(tokens)
    tiny.trainer(out, data, [DslineageCallback()], save_steps=3, max_steps=6).train()

    saved = run_file(out).checkpoints
    assert {one.consumed.mode for one in saved} <= {"upper-bound", "unknown"}
    assert "the mixture handed out" in saved[0].consumed.why
    assert "of short@v1" in saved[0].consumed.why

    provenance.import_runs(out)
    graph = provenance.registry.graph()
    (mixture,) = provenance.registry.every(MixtureRecord)
    for model in provenance.registry.every(ModelRecord):
        above = graph.up(model.id)
        assert mixture.id in above
        assert {bench.repo.show(name).record.id for name in ("short", "other")} <= set(above)
