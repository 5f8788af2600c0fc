"""Three files in one store, merged without git."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dslineage.adapters.registry import adapter_id
from dslineage.merging.plan import Plan
from dslineage.records import DatasetRecord
from dslineage.store.store import Store
from dslineage.versions.ingest import ingest
from dslineage.versions.opening import open_ingested, open_version
from dslineage.versions.options import ReadOptions

Write = Callable[[Path], object]


def version(
    store: Store, folder: Path, name: str, number: int, write: Write, **options: Any
) -> DatasetRecord:
    """A file as a version."""
    write(folder / name)
    done = ingest(store, folder, [name], ReadOptions(workers=1, **options))
    snapshot = open_ingested(store, done, "", "train")
    return DatasetRecord(
        dataset="train",
        number=number,
        parents=(),
        content_hash=snapshot.content_hash,
        training_hash=snapshot.training_hash,
        order_hash=snapshot.order_hash,
        adapter=adapter_id(done.adapter),
        mapping=done.adapter.mapping,
        key=done.key,
        examples=snapshot.examples,
        unique=snapshot.unique,
        quarantined=0,
        quarantine_hash=None,
        format=name.rpartition(".")[2],
        store="auto",
        files=done.entries,
        fields={},
        change={},
        message="",
        author="",
        created_at="2026-01-02T00:00:00Z",
        tool="",
    )


@contextmanager
def planned(
    name: str, base: Write, ours: Write, theirs: Write, **options: Any
) -> Iterator[tuple[Plan, Path]]:
    """The merge of three files of one name, and a folder to write to."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = Store(folder / "objects", durable=False)
        store.prepare()
        made = [
            version(store, folder, name, number, write, **options)
            for number, write in enumerate((base, ours, theirs), 1)
        ]
        same = [replace(one, adapter=made[0].adapter, mapping=made[0].mapping) for one in made]
        opened = open_version(store, same[0])
        yield Plan.of(store, opened, (same[1], same[2]), ({}, {})), folder
