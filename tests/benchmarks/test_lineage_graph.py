from __future__ import annotations

from pathlib import Path

from benchmarks.lineage_graph import fill
from dslineage.lineage.graph import Graph


def test_the_generated_graph_is_as_large_and_as_deep_as_it_says(tmp_path: Path) -> None:
    made = fill(tmp_path, 250)
    graph = Graph.of(tmp_path, tmp_path / "cache")
    assert sum(1 for _ in graph.nodes()) == made.nodes == 3 * 98
    model = graph.named("model", "run0-2")[-1]
    assert len(graph.up(model.id)) == 3 * 60 + 3 + 2
    assert [gap.kind for _, gap in graph.gaps(model.id)] == ["base-model"]
