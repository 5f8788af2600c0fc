"""How long `trace` takes over many versions: in process, and as a whole process."""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from benchmarks.measure import Command, Samples, measure
from dslineage.adapters.registry import adapter_id
from dslineage.lineage.registry import Registry
from dslineage.lineage.rowindex import RowIndex
from dslineage.records import Consumed, DatasetRecord, Evidence, ModelRecord, RunInput, RunRecord
from dslineage.repository import Repository
from dslineage.store.store import Store
from dslineage.trace.trace import Tracer
from dslineage.versions.ingest import Inherited, ingest
from dslineage.versions.opening import open_ingested
from dslineage.versions.options import ReadOptions

BUDGET = 0.005
"""Seconds that one example may take in process, over 1,000 versions of 10,000 examples."""
_WHO = ("Ada Curator <ada@example.org>", "2026-01-02T03:04:05Z", "dslineage 0.1.0")
_EVERY = 50
_ASKED = 200


def table(versions: int, examples: int, folder: Path, repeats: int) -> tuple[str, bool]:
    """A Markdown table of times, and whether the budget was kept."""
    root = folder / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    Repository.init(root)
    fill(root, versions, examples)
    said = f"{versions:,} versions of {examples:,} examples, 1% of them new in each"
    text, kept = measured(root, repeats)
    return f"{said}\n\n{text}", kept


def measured(root: Path, repeats: int) -> tuple[str, bool]:
    """The table of a repository without a cache, and whether the budget was kept."""
    repo = Repository.open(root)
    rows = ["| what | median | slowest |", "|---|---:|---:|"]
    began = time.perf_counter()
    graph = Registry(repo.catalog).graph()
    graph_built = time.perf_counter()
    tracer = Tracer.of(graph, repo.store)
    built = time.perf_counter()
    rows.append(f"| the graph of all records, no cache | {graph_built - began:.2f} s | |")
    rows.append(f"| the index, no cache | {built - graph_built:.2f} s | |")
    began = time.perf_counter()
    tracer = Tracer.of(Registry(repo.catalog).graph(), repo.store)
    rows.append(f"| graph and index opened | {1e3 * (time.perf_counter() - began):.1f} ms | |")
    digests = _asked(tracer.history.index)
    for digest in digests[:3]:
        tracer.trace(digest)
    looked = [_timed(tracer.history.index.form, one) for one in digests]
    rows.append(_row("one look-up in the index, confirmed", looked))
    first = [_timed(tracer.trace, one) for one in digests]
    rows.append(_row("one trace, the first of each example", first))
    tracer = Tracer.of(Registry(repo.catalog).graph(), repo.store)
    tracer.trace(digests[0])
    traced = [_timed(tracer.trace, one) for one in digests]
    rows.append(_row("one trace, in process, again", traced))
    samples = _process(root, digests[0].hex(), repeats)
    rows.append(f"| `dslineage trace --digest`, the whole process | {samples.wall:.2f} s | |")
    kept = sum(one.stat().st_size for one in (root / ".git/dslineage/cache/rows").iterdir())
    rows.append(f"\nThe index is {kept / 1e6:.1f} MB.")
    return "\n".join(rows), statistics.median(traced) <= BUDGET


def fill(root: Path, versions: int, examples: int) -> None:
    """A chain of versions, a run with a checkpoint on every fiftieth."""
    store = Store(root / ".git" / "dslineage", durable=False)
    rng = random.Random(0)
    fresh = _examples(rng)
    rows = [next(fresh) for _ in range(examples)]
    before: DatasetRecord | None = None
    inherited: Inherited | None = None
    for number in range(1, versions + 1):
        (root / "train.jsonl").write_bytes(b"".join(rows))
        store = Store(store.root, durable=False)
        options = ReadOptions(workers=1)
        done = ingest(store, root, ["train.jsonl"], options, inherited=inherited)
        inherited = Inherited(done.adapter, done.key)
        snapshot = open_ingested(store, done, "", "train")
        before = DatasetRecord(
            "train", number, (before.id,) if before else (), snapshot.content_hash,
            snapshot.training_hash, snapshot.order_hash, adapter_id(done.adapter),
            done.adapter.mapping, done.key, examples, snapshot.unique, 0, None, "jsonl", "auto",
            done.entries, {}, _change(before, examples), "", *_WHO,
        )  # fmt: skip
        _keep(root, before)
        if number % _EVERY == 0:
            given = (RunInput("train", Evidence.CAPTURED, before.id),)
            run = RunRecord(f"run{number}", given, "finished", Evidence.CAPTURED, *_WHO, epochs=1.0)
            _keep(root, run)
            model = ModelRecord(
                run.name, "final", "checkpoint", (), Evidence.CAPTURED, *_WHO,
                generated_by=run.id, consumed=Consumed("exact"),
            )  # fmt: skip
            _keep(root, model)
        for place in rng.sample(range(examples), max(1, examples // 100)):
            rows[place] = next(fresh)


def _change(before: DatasetRecord | None, examples: int) -> dict[str, dict[str, int]]:
    """What `add` notes of a version: its new examples are no edits of those that went."""
    new = max(1, examples // 100)
    counts = {"unchanged": examples - new, "edited": 0, "removed": new, "added": new}
    return {before.id: counts} if before else {}


def _examples(rng: random.Random) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        question = f"What is {rng.randrange(10**9)} and {rng.randrange(10**9)}?"
        answer = " ".join(str(rng.randrange(10**6)) for _ in range(20))
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        yield orjson.dumps({"id": number, "messages": messages}) + b"\n"


def _keep(root: Path, record: DatasetRecord | RunRecord | ModelRecord) -> None:
    path = root / record.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(record.to_bytes())


def _asked(index: RowIndex) -> list[bytes]:
    """Digests of examples from all over the history."""
    some = index.digests_in(index.here)
    return [bytes(one) for one in some[:: max(1, len(some) // _ASKED)]]


def _timed(work: Callable[[bytes], object], digest: bytes) -> float:
    began = time.perf_counter()
    work(digest)
    return time.perf_counter() - began


def _process(root: Path, digest: str, repeats: int) -> Samples:
    program = shutil.which("dslineage", path=str(Path(sys.executable).parent))
    words = ("--no-pager", "trace", "--digest", digest)
    return Samples([measure(Command((str(program), *words), root)) for _ in range(repeats)])


def _row(what: str, times: list[float]) -> str:
    return f"| {what} | {1e3 * statistics.median(times):.2f} ms | {1e3 * max(times):.2f} ms |"
