"""A chain from a source to a checkpoint with one step that nobody recorded, and its documents.

`python -m tests.standards.world` writes the golden files anew.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from dslineage.lineage.graph import Graph
from dslineage.records import Base, Evidence, License, NamedFile, Prepared, Record
from dslineage.standards.document import STANDARDS, Document, Standard, document
from dslineage_cli.render import forms
from tests.lineage.world import (
    claim,
    digest,
    graph,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
)

HUB = "https://huggingface.co/datasets/openai/gsm8k"
GOLDEN = Path(__file__).with_name("golden")
STATEMENTS = {
    "rai:dataCollection": ("written by annotators",),
    "rai:dataCollectionTimeframe": ("2021-06-01",),
}
FIELDS = {"id": {"string": 8800}, "messages": {"array": 8800}}


def chain(*, unrecorded: bool = True, uri: str = HUB, **said: Any) -> list[Record]:
    """gsm8k -> raw -> (clean) -> train@v1 -> train@v2 -> run -> model.

    Who made train@v2 of train@v1 is not recorded, unless that is asked for; `said` is more of the
    source.
    """
    start_clock()
    said = {
        "title": "GSM8K", "license": License("MIT", "2026-01-01"), "category": "public",
        "modality": "text", "languages": ("en",), "acquired_at": "2026-01-01",
        "personal_data": False, "statements": STATEMENTS, "revision": "e53f048",
        "files": (NamedFile("raw.jsonl", 1, digest("raw")),),
    } | said  # fmt: skip
    hub = replace(source("gsm8k", **said), uri=uri)
    raw = version("raw", file="raw", examples=9120)
    clean = step(
        raw, operation="clean", counts={"in": 9120, "out": 8800, "dropped": 320},
        dropped={"toxic": 320}, message="drop what is toxic",
    )  # fmt: skip
    v1 = replace(version(made_by=clean, examples=8800), fields=FIELDS)
    edit = step(v1, operation="edit", counts={"edited": 105}, evidence=Evidence.CAPTURED)
    made_by = None if unrecorded else edit
    v2 = version(number=2, parents=(v1,), made_by=made_by, examples=8800)
    v2 = replace(v2, fields=FIELDS)
    prepared = Prepared(8800, kept=8800, tokens=3_100_000)
    training = run(
        train(v2, prepared=prepared), base=Base("org/smol"), steps=40, epochs=2.0, seed=7,
        started_at="2026-01-03T00:00:00Z", ended_at="2026-01-03T01:00:00Z",
    )  # fmt: skip
    final = model(training, weights="w", step=40, epoch=2.0, license=License("Apache-2.0"))
    return [
        hub, raw, clean, v1, *([] if unrecorded else [edit]), v2, training, final,
        claim(v2, "licence", name="CC-BY-4.0"),
        claim(final, "evaluation", of="tiny", evaluation="gsm8k", score=0.71),
    ]  # fmt: skip


def told(root: Path, *records: Record) -> Graph:
    """The graph of a chain in a repository."""
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return graph(root, *records)


def described(graph: Graph, form: Standard) -> Document:
    """The chain in a form: its model, or its version where the form is about one."""
    about = "dataset" if form in {"croissant", "hf-dataset-card"} else "model"
    return document(graph, list(graph.nodes(about))[-1], form)


def golden(form: Standard) -> Path:
    """Where the golden file of a form is."""
    suffixes = {"prov": "json", "openlineage": "jsonl", "croissant": "json"}
    return GOLDEN / f"{form}.{suffixes.get(form, 'json' if 'cyclone' in form else 'md')}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = told(Path(folder), *chain())
        for name in STANDARDS:
            golden(name).write_text(forms.text(described(found, name)), encoding="utf-8")
