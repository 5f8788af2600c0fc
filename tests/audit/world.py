"""A work tree made in a test: records and rows, and no git, so that hundreds take a minute."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from dslineage.adapters.registry import adapter_id
from dslineage.canonical.jcs import canonical_bytes
from dslineage.ids import Digest
from dslineage.lineage.graph import Graph
from dslineage.records import (
    Base,
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    MixtureRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)
from dslineage.store.links import LinksBuilder
from dslineage.store.store import Store
from dslineage.trace.trace import Tracer
from dslineage.versions.ingest import ingest
from dslineage.versions.opening import open_ingested
from dslineage.versions.options import ReadOptions

Rows = Sequence[Mapping[str, Any]]
WHO = "Ada Curator"
WHEN = "2026-01-02T00:00:00Z"
TOOL = "dslineage"


def digest_of(row: Mapping[str, Any]) -> bytes:
    """The example digest, as the specification says."""
    return hashlib.sha256(canonical_bytes(row)).digest()


@dataclass
class World:
    """Records below `root`, rows in its store."""

    root: Path
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return Store(self.root / "objects", durable=False)

    def tracer(self, *, infer: bool = True) -> Tracer:
        graph = Graph.of(self.root, self.root / "objects" / "cache")
        return Tracer.of(graph, self.store, infer=infer)

    def keep(self, record: Record) -> None:
        path = self.root / record.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_bytes())

    def forget(self, record: Record) -> None:
        (self.root / record.path).unlink()

    def version(
        self,
        dataset: str,
        rows: Rows,
        parents: Sequence[DatasetRecord] = (),
        by: StepRecord | SourceRecord | None = None,
    ) -> DatasetRecord:
        store = self.store
        store.prepare()
        data = self.root / f"{dataset}.jsonl"
        data.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        done = ingest(store, self.root, [data.name], ReadOptions(workers=1))
        snapshot = open_ingested(store, done, "", dataset)
        number = self.numbers[dataset] = self.numbers.get(dataset, 0) + 1
        record = DatasetRecord(
            dataset=dataset,
            number=number,
            parents=tuple(parent.id for parent in parents),
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
            format="jsonl",
            store="auto",
            files=done.entries,
            fields={name: stats.types for name, stats in snapshot.fields.items()},
            change={},
            message="",
            author=WHO,
            created_at=WHEN,
            tool=TOOL,
            generated_by=by.id if by else None,
        )
        self.keep(record)
        return record

    def source(self, name: str) -> SourceRecord:
        record = SourceRecord(name, f"https://example.org/{name}", WHO, WHEN, TOOL)
        self.keep(record)
        return record

    def step(
        self,
        inputs: Sequence[Record],
        *,
        parents: Mapping[bytes, Sequence[bytes]] | None = None,
        dropped: Mapping[bytes, str] | None = None,
        as_object: bool = False,
    ) -> StepRecord:
        """A step; with `as_object`, or where it dropped something, its links are an object."""
        inline = {
            child.hex(): tuple(one.hex() for one in of) for child, of in (parents or {}).items()
        }
        links = None
        if as_object or dropped:
            builder = LinksBuilder()
            for child, of in (parents or {}).items():
                builder.derive(child, of)
            for one, reason in (dropped or {}).items():
                builder.drop(one, reason)
            built = builder.build()
            self.store.put_links(built)
            links, inline = built.digest, {}
        self.numbers["step"] = self.numbers.get("step", 0) + 1
        record = StepRecord(
            dataset="work",
            operation="edit",
            inputs=tuple(one.id for one in inputs),
            parameters={"number": self.numbers["step"]},
            parents=inline,
            counts={},
            message="",
            author=WHO,
            created_at=WHEN,
            tool=TOOL,
            links=links,
        )
        self.keep(record)
        return record

    def mixture(self, components: Sequence[Component]) -> MixtureRecord:
        self.numbers["mixture"] = number = self.numbers.get("mixture", 0) + 1
        record = MixtureRecord(
            f"mix{number}",
            tuple(components),
            number,
            "mix.toml",
            Digest.of(b""),
            "",
            WHO,
            WHEN,
            TOOL,
        )
        self.keep(record)
        return record

    def run(self, inputs: Sequence[RunInput], **more: Any) -> RunRecord:
        self.numbers["run"] = number = self.numbers.get("run", 0) + 1
        record = RunRecord(
            f"run{number}",
            tuple(inputs),
            more.pop("status", "finished"),
            more.pop("evidence", Evidence.CAPTURED),
            WHO,
            WHEN,
            TOOL,
            **more,
        )
        self.keep(record)
        return record

    def model(
        self,
        name: str,
        label: str,
        run: RunRecord | None = None,
        *,
        consumed: Consumed | None = None,
        derived_from: Sequence[ModelRecord] = (),
        **more: Any,
    ) -> ModelRecord:
        record = ModelRecord(
            name,
            label,
            more.pop("form", "checkpoint"),
            (),
            more.pop("evidence", Evidence.CAPTURED),
            WHO,
            WHEN,
            TOOL,
            generated_by=run.id if run else None,
            consumed=consumed,
            derived_from=tuple(Base(one.name, one.id) for one in derived_from),
            **more,
        )
        self.keep(record)
        return record


def train(of: DatasetRecord | MixtureRecord, **more: Any) -> RunInput:
    """A training input by its record."""
    return RunInput("train", Evidence.CAPTURED, of.id, **more)


def by_content(of: DatasetRecord, **more: Any) -> RunInput:
    """A training input of which only the content is known, as on a cluster."""
    return RunInput("train", Evidence.CAPTURED, content_hash=of.content_hash, **more)
