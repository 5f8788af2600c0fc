"""How long `dslineage lineage` takes on a large graph: whole processes, with and without cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measure import Command, Samples, measure
from dslineage.ids import Digest
from dslineage.records import (
    Component,
    DatasetRecord,
    Evidence,
    FileEntry,
    License,
    MixtureRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)

BUDGET = 1.0
"""Seconds that `lineage REF` may take at 100,000 nodes, its cache warm."""
_VERSIONS, _RUNS, _CHECKPOINTS = 30, 4, 8
_CHAINED = 15
_WHO: dict[str, Any] = {
    "author": "Ada Curator <ada@example.org>",
    "created_at": "2026-01-02T03:04:05Z",
    "tool": "dslineage 0.1.0",
}


class Project(NamedTuple):
    """About a hundred nodes: a source, 30 versions with their steps, 4 runs of 8 checkpoints."""

    records: list[Record]
    last: Record


def table(nodes: int, folder: Path, repeats: int) -> tuple[str, bool]:
    """A Markdown table of seconds and memory, and whether the budget was kept."""
    root = folder / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    made = fill(root, nodes)
    last, project = f"run0-{made.projects - 1}", made.projects - 1
    questions = {
        f"lineage MODEL ({60 * (project % _CHAINED + 1):,} ancestors)": [f"{last}@final"],
        "lineage VERSION, in the middle of its chain": [f"set{project // 2}@v15"],
        "lineage SOURCE --impact": ["source:source0", "--impact"],
        "lineage MODEL --gaps": [f"{last}@final", "--gaps"],
        "lineage MODEL --format html": [f"{last}@final", "--format", "html"],
        "lineage, at a glance": [],
    }
    rows = [f"{made.nodes:,} nodes in {made.folders:,} folders", ""]
    rows += ["| what | cache | seconds | CPU | memory |", "|---|---|---:|---:|---:|"]
    cold = _timed(root, [f"{last}@final"], 1)
    rows.append(_row("lineage MODEL", "none", cold))
    warm = {what: _timed(root, words, repeats) for what, words in questions.items()}
    rows += [_row(what, "warm", samples) for what, samples in warm.items()]
    _write(root, _project(made.projects, None).records[:1])
    rows.append(_row("lineage MODEL, one record more", "old", _timed(root, [f"{last}@final"], 1)))
    asked = list(warm.values())[:2]
    return "\n".join(rows), all(samples.wall <= BUDGET for samples in asked)


class Made(NamedTuple):
    """How much was written."""

    nodes: int
    folders: int
    projects: int


def fill(root: Path, nodes: int) -> Made:
    """Write records into a work tree; each 15 projects go on from one another."""
    written, projects, before = 0, 0, None
    while written < nodes:
        if projects % _CHAINED == 0:
            before = None
        project = _project(projects, before)
        _write(root, project.records)
        written, projects, before = written + len(project.records), projects + 1, project.last
    folders = sum(1 for _ in (root / ".dslineage" / "records").glob("*/*"))
    return Made(written, folders, projects)


def _project(number: int, before: Record | None) -> Project:
    def digest(what: str) -> Digest:
        return Digest.of(f"{what} {number}".encode())

    source = SourceRecord(
        f"source{number}", f"https://example.org/{number}", **_WHO, license=License("MIT")
    )
    records: list[Record] = [source]
    last: DatasetRecord | None = None
    for version in range(1, _VERSIONS + 1):
        inputs = (last.id,) if last else (source.id, *([before.id] if before else []))
        step = StepRecord(
            f"set{number}", "clean", inputs, {}, {}, {"in": 1000, "out": 990}, "", **_WHO
        )
        last = DatasetRecord(
            dataset=f"set{number}", number=version, parents=(last.id,) if last else (),
            content_hash=digest(f"c{version}"), training_hash=digest(f"t{version}"),
            order_hash=digest(f"o{version}"), adapter="messages@1:00", mapping={}, key=None,
            examples=990, unique=990, quarantined=0, quarantine_hash=None, format="jsonl",
            store="auto", fields={"messages": {"array": 990}}, change={}, message="cleaned",
            files=(FileEntry(f"set{number}.jsonl", 1, digest(f"f{version}"), {"format": "jsonl"}),),
            generated_by=step.id, **_WHO,
        )  # fmt: skip
        records += [step, last]
    assert last is not None
    mixture = MixtureRecord(
        f"mix{number}", (Component(last.id, 990),), 0, "mix.json", digest("mix"), "", **_WHO
    )
    records += [mixture, *_trained(number, mixture)]
    return Project(records, last)


def _trained(number: int, mixture: Record) -> Iterator[Record]:
    for at in range(_RUNS):
        name = f"run{at}-{number}"
        inputs = (RunInput("train", Evidence.CAPTURED, mixture.id),)
        run = RunRecord(name, inputs, "finished", Evidence.CAPTURED, **_WHO)
        yield run
        labels = [*(f"checkpoint-{10 * step}" for step in range(1, _CHECKPOINTS)), "final"]
        for label in labels:
            yield ModelRecord(
                name, label, "checkpoint", (), Evidence.CAPTURED, **_WHO, generated_by=run.id,
                weights_hash=Digest.of(f"{name} {label}".encode()),
            )  # fmt: skip


def _write(root: Path, records: list[Record]) -> None:
    for record in records:
        path = root / record.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_bytes())


def _timed(root: Path, words: list[str], repeats: int) -> Samples:
    program = shutil.which("dslineage", path=str(Path(sys.executable).parent))
    command = Command((str(program), "--no-pager", "lineage", *words), root)
    return Samples([measure(command) for _ in range(repeats)])


def _row(what: str, cache: str, samples: Samples) -> str:
    return (
        f"| {what} | {cache} | {samples.wall:.2f} | {samples.cpu:.2f} | "
        f"{samples.memory / 1e6:.0f} MB |"
    )
