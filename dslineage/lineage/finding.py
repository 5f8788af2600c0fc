"""Which node a reference names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.errors import NotFoundError
from dslineage.lineage.entries import IN_GRAPH
from dslineage.records import is_name

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Node

_NAMED = ("source", "mixture", "run", "model")
KINDS_NAMED = (*_NAMED, "step")
_REFERENCE = re.compile(r"(?:([a-z]+):)?([^@:]+)(?:@([^@]+))?")
_ID = re.compile(r"(?:([a-z]+):)?(?:sha256:)?([0-9a-f]{4,64})")
_VERSION = re.compile(r"v[1-9][0-9]*")


def find_node(graph: Graph, text: str) -> Node | None:
    """The node that a reference names, if it is one that the graph can tell.

    A node is named by its kind and name (`source:gsm8k`), by its name alone where nothing else
    has it (a model goes before its run), with the label of one of its states (`train@v4`,
    `tiny@checkpoint-20`), else the newest but for versions; by the label of a version alone; a
    step by what it did (`step:dedupe`); by its id, or the first digits of it.

    Raises:
        NotFoundError: it names several nodes; all are listed.
        IntegrityError: the record that it seems to name is damaged.
    """
    found = {node.id: node for node in _matches(graph, text)}
    if len(found) > 1:
        nodes = sorted(found.values(), key=lambda node: (node.title, node.id))
        raise NotFoundError(
            f"{text!r} could be {', '.join(node.title for node in nodes)}",
            kind="ambiguous-reference",
            hint=f"say which, by its id: {nodes[0].kind}:{nodes[0].short}",
        )
    if not found:
        _check_not_damaged(graph, text)
        return None
    return found.popitem()[1]


def _matches(graph: Graph, text: str) -> Iterator[Node]:
    match = _ID.fullmatch(text)
    if match and (match[1] or "step") in IN_GRAPH:
        yield from graph.begun(match[2], match[1])
    if _VERSION.fullmatch(text):
        yield from graph.labelled("dataset", text)
    match = _REFERENCE.fullmatch(text)
    if match is None or not is_name(match[2]):
        return
    kind, name, label = match.groups()
    if label:
        for one in (kind,) if kind else ("dataset", "model"):
            yield from (node for node in graph.named(one, name) if _is_state(node, label))
    elif kind is None:
        yield from _of_any_kind(graph, name)
    elif kind in _NAMED:
        yield from graph.named(kind, name)[-1:]
    elif kind == "step":
        yield from graph.labelled(kind, name)


def _of_any_kind(graph: Graph, name: str) -> Iterator[Node]:
    """The newest nodes of a name; which version a name alone means is for its pointer to say.

    Models have the name of the run that made them, so it means the model, and the run only where
    there is none.
    """
    kinds = {kind: graph.named(kind, name)[-1:] for kind in _NAMED}
    if kinds["model"]:
        kinds["run"] = []
    newest = [node for nodes in kinds.values() for node in nodes]
    yield from newest
    if newest:
        yield from graph.named("dataset", name)[-1:]


def _is_state(node: Node, label: str) -> bool:
    digits = node.id.rpartition(":")[2]
    return node.label == label or (len(label) >= 4 and digits.startswith(label))


def _check_not_damaged(graph: Graph, text: str) -> None:
    """Complain of a damaged record whose file is where that of the reference would be."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return
    kind, name, label = match.groups()
    for one in graph.damaged:
        *_, its_kind, its_name, file = one.path.split("/")
        if kind in {None, its_kind} and name == its_name and file.startswith(label or ""):
            raise one.error
