"""Records of all kinds, made by hand, in the work tree of a real repository."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from dslineage.ids import Digest
from dslineage.lineage.graph import Graph
from dslineage.records import (
    ClaimRecord,
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    FileEntry,
    License,
    MixtureRecord,
    ModelRecord,
    NamedFile,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
)

WHO = {"author": "Ada Curator <ada@example.org>", "tool": "dslineage 0.1.0"}
READER = {"format": "jsonl"}
_seconds = count()


def start_clock() -> None:
    """Begin again, so that the same records come of the same calls."""
    global _seconds  # noqa: PLW0603 - the clock of the tests
    _seconds = count()


def when() -> dict[str, Any]:
    """Who and when: each record a second after the one before."""
    moment = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=next(_seconds))
    return WHO | {"created_at": moment.isoformat().replace("+00:00", "Z")}


def digest(text: str) -> Digest:
    """A digest that stands for some content."""
    return Digest.of(text.encode())


def source(name: str = "gsm8k", **said: Any) -> SourceRecord:
    """Where rows came from; with a licence, if nothing else is said."""
    said = dict[str, Any]({"license": License("MIT")}) | said
    return SourceRecord(name=name, uri=f"https://example.org/{name}", **when(), **said)


def version(
    dataset: str = "train", number: int = 1, *, content: str = "", parents: tuple[Record, ...] = (),
    made_by: Record | None = None, file: str = "", **said: Any,
) -> DatasetRecord:  # fmt: skip
    """A version; `content` and `file` stand for its examples and for its file's bytes."""
    content = content or f"{dataset}@{number}"
    said = dict[str, Any]({"message": f"version {number}", "examples": 10}) | said
    return DatasetRecord(
        dataset=dataset, number=number, parents=tuple(one.id for one in parents),
        content_hash=digest(content), training_hash=digest("t" + content),
        order_hash=digest("o" + content), adapter="messages@1:00", mapping={}, key=None,
        unique=said["examples"], quarantined=0, quarantine_hash=None, format="jsonl",
        store="auto", fields={}, change={},
        files=(FileEntry(f"{dataset}.jsonl", 1, digest(file or "f" + content), READER),),
        generated_by=made_by.id if made_by else None, **when(), **said,
    )  # fmt: skip


def step(
    *inputs: Record, dataset: str = "train", operation: str = "dedupe", **said: Any
) -> StepRecord:
    """A step that had some inputs."""
    said = dict[str, Any]({"counts": {"in": 12, "out": 10}, "message": ""}) | said
    return StepRecord(
        dataset=dataset, operation=operation, inputs=tuple(one.id for one in inputs),
        parameters={}, parents={}, **when(), **said,
    )  # fmt: skip


def mixture(*versions: Record, name: str = "blend") -> MixtureRecord:
    """A mixture of versions."""
    return MixtureRecord(
        name=name, components=tuple(Component(one.id, 10) for one in versions), seed=0,
        file="mix.json", sha256=digest(name), message="", **when(),
    )  # fmt: skip


def train(on: Record | str, **said: Any) -> RunInput:
    """An input of a run: a record, or the content of what has none."""
    said = dict[str, Any]({"role": "train", "evidence": Evidence.CAPTURED}) | said
    if isinstance(on, str):
        return RunInput(content_hash=digest(on), **said)
    return RunInput(subject=on.id, **said)


def run(*inputs: RunInput, name: str = "tiny", **said: Any) -> RunRecord:
    """A training run."""
    said = dict[str, Any]({"status": "finished", "evidence": Evidence.CAPTURED}) | said
    return RunRecord(name=name, inputs=inputs, **when(), **said)


def model(
    made_by: Record | None = None, *, name: str = "tiny", label: str = "final",
    weights: str | None = None, **said: Any,
) -> ModelRecord:  # fmt: skip
    """A state of a model; `weights` stands for its tensors."""
    said = (
        dict[str, Any](
            {
                "form": "checkpoint",
                "evidence": Evidence.CAPTURED,
                "consumed": Consumed("exact"),
            }
        )
        | said
    )
    return ModelRecord(
        name=name, label=label, files=(NamedFile("model.safetensors", 4, digest(name + label)),),
        weights_hash=digest(weights) if weights else None,
        generated_by=made_by.id if made_by else None, **when(), **said,
    )  # fmt: skip


def claim(about: Record, type_: str = "review", *, of: str = "train", **body: Any) -> ClaimRecord:
    """A statement about a record."""
    return ClaimRecord(subject=about.id, dataset=of, type=type_, body=body, **when())


def write(root: Path, records: Iterable[Record]) -> None:
    """Put records into a work tree."""
    for record in records:
        path = root / record.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_bytes())


def graph(root: Path, *records: Record) -> Graph:
    """The graph of a work tree after some records were put into it."""
    write(root, records)
    return Graph.of(root, root / ".git" / "dslineage" / "cache")
