"""Two branches that both record everything merge: no record conflicts, the graph is whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dslineage.lineage.description import Description
from dslineage.records import Evidence, RunInput, RunRecord, StepRecord
from dslineage.versions.recording import Stamp
from tests.versions.support import Bench

ONE = b'{"prompt":"a","completion":"b"}\n'


@pytest.fixture
def bench(git_repo: Path) -> Bench:
    return Bench(git_repo)


def branch(bench: Bench, name: str, base: bytes) -> Mapping[str, str]:
    """A branch with a source, a version from it, a step, a run, a score and a link; its ids."""
    bench.git("switch", "-qc", name, "main")
    provenance, work = bench.repo.provenance, bench.repo
    registry, stamp = provenance.registry, work.stamp("")
    own = base.replace(b"a", name.encode())
    web = provenance.add_source("web", Description(uri=f"s3://{name}")).record
    bench.put(f"{name}/rows.jsonl", own)
    rows = work.add(f"{name}/rows.jsonl", name=name, source="web", measure=False).version.record
    common = work.show("common").record
    provenance.link_source("web", "common")
    step = StepRecord(
        dataset="common", operation="clean", inputs=(rows.id, common.id), parameters={"on": name},
        parents={}, counts={}, message="", **who(stamp),
    )  # fmt: skip
    entry = RunInput("train", Evidence.DECLARED, subject=rows.id)
    run = RunRecord("fit", (entry,), "finished", Evidence.DECLARED, parameters={"on": name},
                    **who(stamp))  # fmt: skip
    registry.keep([step, run], work.store)
    score = provenance.claim("run:fit", "evaluation", {"evaluation": "e", "score": len(name)})
    bench.git("commit", "-qm", name)
    return {"source": web.id, "rows": rows.id, "step": step.id, "run": run.id,
            "claim": score.record.id}  # fmt: skip


def who(stamp: Stamp) -> dict[str, Any]:
    return {"author": stamp.author, "created_at": stamp.created_at, "tool": stamp.tool}


def test_records_of_two_branches_never_conflict(bench: Bench) -> None:
    common = bench.commit("common.jsonl", ONE)
    left = branch(bench, "left", ONE)
    right = branch(bench, "right", ONE)
    bench.git("merge", "-q", "--no-edit", "left")
    assert bench.repo.verify().problems == ()
    graph = bench.repo.provenance.registry.graph()
    for side, name in ((left, "left"), (right, "right")):
        assert set(graph.up(side["run"])) == {side["rows"], side["source"]}
        assert set(graph.down(side["source"])) >= {side["rows"], side["run"], side["step"]}
        [score] = bench.repo.show(f"{name}@v1").beside.scores
        assert score.score == len(name)
    both = {left["source"], right["source"]}
    assert {edge.parent for edge in graph.parents(common.record.id)} == both
    assert len(bench.repo.provenance.claims().claims) == 4
