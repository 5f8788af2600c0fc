"""The models that were trained on forgotten examples, or may have been."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.elsewhere.place import Certainty, Place
from dslineage.trace.trace import Tracer

if TYPE_CHECKING:
    from dslineage.elsewhere.wanted import Wanted
    from dslineage.lineage.graph import Graph
    from dslineage.store.store import Store


def in_models(graph: Graph, store: Store, wanted: Wanted) -> Iterator[Place]:
    """The models that saw forgotten examples in any later form that is recorded."""
    tracer = Tracer.of(graph, store, infer=False)
    present = {digest for digest in wanted.examples if tracer.threads.form(digest).versions}
    for seen in tracer.seen(tracer.threads.descendants(present)) if present else ():
        if seen.id.startswith("model:") and seen.role == "train":
            certainty: Certainty = "sure" if seen.answer == "saw" else "likely"
            removal = f"dslineage claim {shlex.quote(seen.ref)} --decision retrain"
            yield Place("model", seen.ref, certainty, f"it {seen.answer} an example", removal)
