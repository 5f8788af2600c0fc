"""On what a model was trained: versions, the sources above them, the models that it began from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dslineage.lineage.node import Edge, Node
from dslineage.records import Base, ModelRecord, RunInput, RunRecord
from dslineage.standards.basis import Basis

_DATA = {"source", "dataset", "step", "mixture"}
_ROLES = ("train", "eval", "reference", "input")


class Use(NamedTuple):
    """A version, or a mixture whose record is not there, that a training used in some role."""

    node: Node
    role: str
    by: Node


def trainings(basis: Basis, id_: str) -> list[Node]:
    """A model, the run or step that made it, and the runs that this one went on from."""
    found = [id_]
    for one in found:
        above = basis.above(one, "generated-by", "continues")
        found += [edge.parent for edge in above if edge.parent not in found]
    return [basis.nodes[one] for one in found]


def uses(basis: Basis, id_: str) -> list[Use]:
    """The data that a model, or a run, was given directly; mixtures as what they are made of."""
    found: dict[Use, None] = {}
    for by in trainings(basis, id_):
        for edge in basis.above(by.id, *_ROLES):
            for node in _versions(basis, edge):
                if node.kind != "model":
                    found[Use(node, edge.role, by)] = None
    return sorted(found, key=lambda use: (use.role, use.node.ref, use.node.id, use.by.id))


class Began(NamedTuple):
    """A model that a training began from, or that a model was made of; `node` is its record's.

    `node` is None where its record is not here.
    """

    base: Base
    node: Node | None
    by: Node


def given(basis: Basis, id_: str) -> Iterator[RunInput]:
    """What records say of the data that a model or a run was given."""
    for node in trainings(basis, id_):
        record = basis.records.get(node.id)
        if isinstance(record, RunRecord):
            yield from record.inputs
        elif isinstance(record, ModelRecord):
            yield from record.trained_on


def bases(basis: Basis, id_: str) -> Iterator[Began]:
    """The models that a model, or a run, began from, with their records where these are here."""
    for node in trainings(basis, id_):
        record = basis.records.get(node.id)
        named = list(record.derived_from) if isinstance(record, ModelRecord) else []
        if isinstance(record, RunRecord) and record.base is not None:
            named.append(record.base)
        parents = [basis.nodes[edge.parent] for edge in basis.above(node.id, "base")]
        for base in named:
            found = next((one for one in parents if _is(base, one, basis)), None)
            yield Began(base, found, node)


def trained(basis: Basis, id_: str) -> list[Use]:
    """The versions that trained a model or a run, or a recorded model that it began from."""
    found: dict[Use, None] = {}
    front, done = [id_], {id_}
    while front:
        one = front.pop()
        found |= dict.fromkeys(use for use in uses(basis, one) if use.role in {"train", "input"})
        for by in trainings(basis, one):
            for edge in basis.above(by.id, "base", "input"):
                if edge.parent.startswith("model:") and edge.parent not in done:
                    done.add(edge.parent)
                    front.append(edge.parent)
    return sorted(found, key=lambda use: (use.node.ref, use.node.id, use.by.id))


def data_above(basis: Basis, ids: Iterable[str]) -> list[Node]:
    """Some versions with the data that they were made of: no models, and nothing above those."""
    found = dict.fromkeys(ids)
    front = list(found)
    while front:
        for edge in basis.above(front.pop()):
            if basis.nodes[edge.parent].kind in _DATA and edge.parent not in found:
                found[edge.parent] = None
                front.append(edge.parent)
    return [node for id_, node in basis.nodes.items() if id_ in found]


def _versions(basis: Basis, edge: Edge) -> list[Node]:
    node = basis.nodes[edge.parent]
    parts = basis.above(node.id, "component") if node.kind == "mixture" else ()
    return [basis.nodes[part.parent] for part in parts] or [node]


def _is(base: Base, node: Node, basis: Basis) -> bool:
    if base.subject is not None:
        return base.subject == node.id
    record = basis.record(node.id, ModelRecord)
    return record is not None and base.weights_hash == record.weights_hash is not None
