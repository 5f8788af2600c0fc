"""The models that were trained on forgotten examples, or may have been."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from dslineage.elsewhere.place import Certainty, Place
from dslineage.trace.trace import Tracer

if TYPE_CHECKING:
    from dslineage.elsewhere.wanted import Wanted
    from dslineage.lineage.graph import Graph
    from dslineage.store.store import Store
    from dslineage.trace.traced import Seen


def trained_on(graph: Graph, store: Store, examples: Collection[bytes]) -> Iterator[Seen]:
    """The models that saw examples, or may have, in any later form that is recorded."""
    tracer = Tracer.of(graph, store, infer=False)
    present = [digest for digest in sorted(examples) if tracer.threads.form(digest).versions]
    if present:
        for seen in tracer.seen(tracer.threads.descendants(present)):
            if seen.id.startswith("model:") and seen.role == "train":
                yield seen


def in_models(graph: Graph, store: Store, wanted: Wanted) -> Iterator[Place]:
    """The models that saw forgotten examples, as places about which people decide."""
    for seen in trained_on(graph, store, wanted.examples):
        certainty: Certainty = "sure" if seen.answer == "saw" else "likely"
        removal = f"dslineage claim add {shlex.quote(seen.ref)} --decision retrain"
        yield Place("model", seen.ref, certainty, f"it {seen.answer} an example", removal)
