"""How long `audit` takes of a model with many ancestors: in process, and as a whole process."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from benchmarks.measure import Command, Samples, measure
from dslineage.ids import Digest
from dslineage.records import (
    Consumed,
    DatasetRecord,
    Evidence,
    License,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)
from dslineage.repository import Repository

BUDGET = 1.0
"""Seconds that an audit may take in process, of a model with 1,000 ancestors."""
_WHO = ("Ada Curator <ada@example.org>", "2026-01-02T03:04:05Z", "dslineage 0.1.0")


def table(ancestors: int, examples: int, folder: Path, repeats: int) -> tuple[str, bool]:
    """A Markdown table of seconds, and whether the budget was kept."""
    root = folder / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    Repository.init(root)
    made = fill(root, ancestors, examples)
    provenance = Repository.open(root).provenance
    shutil.rmtree(root / ".git" / "dslineage" / "cache", ignore_errors=True)
    cold = _seconds(lambda: provenance.audit("tiny"), 1)
    warm = _seconds(lambda: provenance.audit("tiny"), repeats)
    program = shutil.which("dslineage", path=str(Path(sys.executable).parent))
    command = Command((str(program), "--no-pager", "audit", "tiny"), root)
    whole = Samples([measure(command) for _ in range(repeats)])
    rows = [
        f"{made:,} ancestors; the last version and an evaluation set have {examples:,} examples",
        "",
        "| what | seconds | CPU |",
        "|---|---:|---:|",
        f"| in process, no cache | {cold:.2f} | |",
        f"| in process | {warm:.2f} | |",
        f"| `dslineage audit MODEL`, whole process | {whole.wall:.2f} | {whole.cpu:.2f} |",
    ]
    return "\n".join(rows), warm <= BUDGET


def fill(root: Path, ancestors: int, examples: int) -> int:
    """Make a source, a chain of versions and their steps, a run and a model; how many it rests on.

    The last version and an evaluation set have rows; of the others there are records alone.
    """
    repo = Repository.open(root)
    (root / "dslineage.toml").write_text('[roles]\neval = ["exam"]\n')
    rows = [_row(number) for number in range(examples)]
    (root / "train.jsonl").write_bytes(b"".join(rows))
    (root / "exam.jsonl").write_bytes(b"".join([*rows[: examples // 10], _row(-1)]))
    for name in ("train", "exam"):
        repo.add([f"{name}.jsonl"], message=name, measure=False)
    records = list(_chain(repo.show("train").record, ancestors))
    for record in records:
        path = root / record.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_bytes())
    return len(records) - 1


def _row(number: int) -> bytes:
    turns = [
        {"role": "user", "content": f"How much is {number} and one?"},
        {"role": "assistant", "content": f"It is {number + 1}."},
    ]
    return orjson.dumps({"messages": turns}) + b"\n"


def _chain(last: DatasetRecord, ancestors: int) -> Iterator[Record]:
    """As many records as a model is to rest on, and the model."""
    source = SourceRecord("web", "https://example.org/web", *_WHO, license=License("MIT"))
    yield source
    before: Record = source
    parents: tuple[str, ...] = ()
    steps = (ancestors - 2) // 2
    for number in range(1, steps + 1):
        counts = {"in": 1000, "out": 990}
        step = StepRecord("train", "clean", (before.id,), {"n": number}, {}, counts, "", *_WHO)
        version = replace(last, number=number + 1, parents=parents, generated_by=step.id)
        if number < steps:
            version = replace(version, content_hash=Digest.of(f"{number}".encode()))
        yield step
        yield version
        before, parents = version, (version.id,)
    inputs = (RunInput("train", Evidence.CAPTURED, before.id),)
    run = RunRecord("tiny", inputs, "finished", Evidence.CAPTURED, *_WHO, epochs=1.0)
    yield run
    yield ModelRecord(
        "tiny", "final", "checkpoint", (), Evidence.CAPTURED, *_WHO, generated_by=run.id,
        consumed=Consumed("exact", 1.0),
    )  # fmt: skip


def _seconds(call: Callable[[], object], repeats: int) -> float:
    """The median of some calls."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
