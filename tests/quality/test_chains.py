"""What is measured of a version is what a fresh repository measures, however it was reached."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.planting import DEFECTS
from tests.versions.support import Bench

Metrics = Mapping[str, Mapping[str, Any]]

STEPS = ("dedupe-only", "similarity-0.9", "similarity-0.8", "similarity-0.7", "similarity-0.6")
CLEAN = (
    {"prompt": "Which planet is the largest?", "completion": "Jupiter is the largest planet."},
    {"prompt": "Which planet is the largest?", "completion": "It is Saturn, I believe."},
    {"prompt": "Кто написал этот роман?", "completion": "Его написал Толстой.", "source": "ru"},
    {"prompt": "Say it twice.", "completion": "one two three four one two three four\n" * 2},
    {"prompt": "Name a colour.", "completion": "N/A"},
)
POOL = (*CLEAN, *(spoil(dict(CLEAN[0]), n) for spoil in DEFECTS.values() for n in (0, 1)))


class Step(NamedTuple):
    """A state of the file, by places in the pool, and how it is recorded."""

    places: tuple[int, ...]
    committed: bool
    measured: bool


steps = st.builds(
    Step,
    st.lists(st.integers(0, len(POOL) - 1), min_size=1, max_size=12).map(tuple),
    st.booleans(),
    st.booleans(),
)


def test_each_step_of_a_real_chain_has_the_figures_of_a_repository_of_its_own(
    shared_data: Path, tmp_path: Path
) -> None:
    files = [shared_data / "toolformer" / f"toolformer-{step}.json" for step in STEPS]
    chain = Bench.make(tmp_path / "chain")
    for file in files:
        reached = chain.commit("train.json", file.read_bytes())
        alone = Bench.make(tmp_path / file.stem).add("train.json", file.read_bytes())
        assert reached.measurement is not None
        assert alone.measurement is not None
        assert reached.measurement.metrics == alone.measurement.metrics
    assert chain.labels("train") == ["v1", "v2", "v3", "v4", "v5"]


@settings(max_examples=12)
@given(st.lists(steps, min_size=2, max_size=5))
def test_any_chain_of_versions_leads_to_the_same_figures(chain: list[Step]) -> None:
    """Edits, removals, additions, new orders, copies, drafts replaced, and measured later."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.make(Path(folder) / "chain")
        contents = {}
        for step in chain:
            path = bench.put("train.jsonl", jsonl(step.places))
            version = bench.repo.add([path], measure=step.measured).version
            contents[version.record.id] = step.places
            if step.committed:
                bench.git("commit", "-q", "--allow-empty", "-m", "data")
        bench.repo.measure()
        for version in bench.repo.log("train").versions:
            shown = bench.repo.show(version.record.id.rpartition(":")[2])
            assert shown.measurement is not None
            expected = alone(contents[version.record.id])
            assert shown.measurement.metrics == expected


def jsonl(places: Sequence[int]) -> bytes:
    lines = (json.dumps(POOL[place], ensure_ascii=False) + "\n" for place in places)
    return "".join(lines).encode()


@cache
def alone(places: tuple[int, ...]) -> Metrics:
    """What a repository that holds only these examples measures."""
    with tempfile.TemporaryDirectory() as folder:
        version = Bench.make(Path(folder) / "alone").add("train.jsonl", jsonl(places))
    assert version.measurement is not None
    return version.measurement.metrics
