"""What nodes and edges of the lineage graph are called, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dslineage_cli.render.numbers import counted, epochs

if TYPE_CHECKING:
    from dslineage.lineage.node import Node
    from dslineage.lineage.picture import Figure

KINDS = {
    "source": "source",
    "step": "step",
    "dataset": "version",
    "mixture": "mixture",
    "run": "run",
    "model": "model",
    "claim": "claim",
}

TO_PARENT = {
    "parent": "changed from",
    "generated-by": "made by",
    "input": "made from",
    "component": "mixes",
    "train": "trained on",
    "eval": "scored on",
    "reference": "referred to",
    "base": "started from",
    "continues": "goes on from",
    "origin": "comes from",
    "about": "is about",
}
"""An edge, read from the child."""
TO_CHILD = {
    "parent": "changed into",
    "generated-by": "made",
    "input": "went into",
    "component": "mixed into",
    "train": "trained",
    "eval": "scored",
    "reference": "used by",
    "base": "base of",
    "continues": "went on as",
    "origin": "origin of",
    "about": "said of it",
}
"""The same edge, read from the parent."""

_CONSUMED = {
    "exact": "saw all of its data",
    "upper-bound": "may not have seen all of its data",
    "unknown": "how much data it saw is unknown",
}


def title(node: Node, facts: Mapping[str, Any]) -> str:
    """A node by name: `train@v4`, `source gsm8k`, `step dedupe`."""
    if node.missing:
        return f"{KINDS.get(node.kind, node.kind)} {node.name}"
    if node.kind == "step":
        return f"step {facts.get('operation', node.label)}"
    if node.kind in {"dataset", "model"}:
        return node.ref
    return f"{KINDS[node.kind]} {node.name}"


def facts(figure: Figure) -> Iterator[str]:
    """What is worth knowing of a node at a glance."""
    if figure.node.missing:
        yield "its record is not here"
        return
    known = figure.facts
    match figure.node.kind:
        case "source":
            yield from _there(known, "licence", "category")
        case "dataset":
            yield counted(known.get("examples", 0), "example")
        case "step":
            yield from _counts(known.get("counts", {}))
            yield from _failure(known.get("exit_status"))
        case "mixture":
            yield counted(known.get("components", 0), "version")
        case _:
            yield from _training(known)


def _training(known: Mapping[str, Any]) -> Iterator[str]:
    """What is worth knowing of a run or a model."""
    yield from _there(known, "form", "status")
    yield from _progress(
        known.get("step", known.get("steps")), known.get("epoch", known.get("epochs"))
    )
    if "consumed" in known:
        yield _CONSUMED[known["consumed"]]


def _failure(exit_status: int | None) -> Iterator[str]:
    if exit_status:
        yield f"failed with exit status {exit_status}"


def date(node: Node) -> str:
    """The day when a node was recorded."""
    return node.created_at[:10]


def claims(figure: Figure) -> str:
    """The claims about a node, by type."""
    types = [claim.type for claim in figure.claims]
    return ", ".join(
        type_ if types.count(type_) == 1 else f"{type_} ×{types.count(type_)}"
        for type_ in dict.fromkeys(types)
    )


def _there(known: Mapping[str, Any], *names: str) -> Iterator[str]:
    yield from (str(known[name]) for name in names if name in known)


def _counts(counts: Mapping[str, int]) -> Iterator[str]:
    """What became of examples: how many went in and out, and what else is not nought."""
    told = {what: number for what, number in counts.items() if number or what in {"in", "out"}}
    if told:
        yield ", ".join(f"{number:,} {what}" for what, number in told.items())


def _progress(steps: int | None, passes: float | None) -> Iterator[str]:
    if steps is not None:
        yield counted(steps, "step")
    if passes is not None:
        yield epochs(passes)
