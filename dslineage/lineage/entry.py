"""What the graph keeps of a record: its node, what it rests on, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, NamedTuple, get_args

import orjson

from dslineage.ids import Digest
from dslineage.lineage.node import Edge, Node, edges_of, node_of
from dslineage.members import choice, count, integer, known, mapping, number, text
from dslineage.records import (
    Base,
    ClaimRecord,
    DatasetRecord,
    Evidence,
    Gap,
    MixtureRecord,
    ModelRecord,
    Record,
    RunInput,
    RunRecord,
    SourceRecord,
    StepRecord,
    weakest,
)
from dslineage.records.consumption import Mode


class Link(NamedTuple):
    """An edge whose parent is a key: the id of a record, or content that it may be known by.

    `gap` is what is not known where nothing answers to the key; None where nothing is amiss then.
    """

    edge: Edge
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in the graph.

    It answers to its id and to `keys`. `orphaned` is what is not known unless one of its links
    leads to a source. `facts` are a few JSON values for people, none of them null.
    """

    node: Node
    links: tuple[Link, ...]
    keys: tuple[str, ...]
    gaps: tuple[Gap, ...]
    orphaned: Gap | None
    facts: Mapping[str, Any]


def facts_of(kind: str, kept: str) -> dict[str, Any]:
    """The facts of an entry of some kind, as they were kept in JSON.

    What is wrong with them is a LookupError, TypeError or ValueError.
    """
    facts = mapping({"facts": orjson.loads(kept)}, "facts")
    for name in (*facts, *_ALWAYS.get(kind, ())):
        _READ.get(name, text)(facts, name)
    return facts


def _counts(facts: Mapping[str, Any], name: str) -> None:
    for what in mapping(facts, name):
        integer(facts[name], what)


_ALWAYS = {"dataset": ("examples", "content_hash")}
_READ: Mapping[str, Callable[[Mapping[str, Any], str], object]] = {
    **dict.fromkeys(("examples", "components", "steps", "step", "files"), count),
    **dict.fromkeys(("epochs", "epoch"), number),
    "exit_status": integer,
    "counts": _counts,
    "consumed": lambda facts, name: choice(facts, name, get_args(Mode)),
}
"""How facts are read that are no texts, or not any."""


class _Told(NamedTuple):
    """What a kind of record tells beyond its node and its edges by id."""

    facts: Mapping[str, Any]
    links: tuple[Link, ...] = ()
    keys: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    orphaned: Gap | None = None


def entry_of(record: Record) -> Entry:
    """The entry of a record."""
    told = _told(record)
    named = (Link(edge, _missing(edge)) for edge in edges_of(record))
    return Entry(
        node_of(record), (*named, *told.links), told.keys, _once(told.gaps), told.orphaned,
        told.facts,
    )  # fmt: skip


def key(what: str, digest: Digest | str) -> str:
    """What a record is known by; `what` is `content`, `file`, `weights` or `start`."""
    return f"{what}:{digest}"


@singledispatch
def _told(record: Record) -> _Told:
    raise TypeError(f"{type(record).__name__} is not in the graph")


@_told.register
def _(record: SourceRecord) -> _Told:
    unlicensed = Gap("licence", "its licence is not recorded")
    return _Told(
        known(
            uri=record.uri,
            revision=record.revision,
            licence=record.license.name if record.license else None,
            category=record.category,
            evidence=str(record.evidence),
        ),
        keys=tuple(key("file", file.sha256) for file in record.files),
        gaps=(*record.gaps, *(() if record.license else (unlicensed,))),
    )


@_told.register
def _(record: DatasetRecord) -> _Told:
    origins = tuple(
        Link(Edge(record.id, key("file", file.sha256), "origin", Evidence.RECORDED))
        for file in record.files
    )
    return _Told(
        known(
            examples=record.examples,
            message=record.message,
            author=record.author,
            content_hash=str(record.content_hash),
        ),
        links=origins,
        keys=(key("content", record.content_hash),),
        orphaned=None if record.generated_by else _unmade(record),
    )


@_told.register
def _(record: StepRecord) -> _Told:
    nothing = Gap("unknown-data", "what went into it is not recorded")
    return _Told(
        known(
            operation=record.operation,
            command=" ".join(record.command),
            exit_status=record.exit_status,
            counts=dict(record.counts),
            message=record.message,
            author=record.author,
            evidence=str(record.evidence),
        ),
        gaps=(*record.gaps, *(() if record.inputs else (nothing,))),
    )


@_told.register
def _(record: MixtureRecord) -> _Told:
    return _Told(
        known(
            components=len(record.components),
            file=record.file,
            message=record.message,
            author=record.author,
        )
    )


@_told.register
def _(record: RunRecord) -> _Told:
    gaps = list(record.gaps)
    if not any(entry.role == "train" for entry in record.inputs):
        gaps.append(Gap("unknown-data", "no data that it was trained on is recorded"))
    resumed = _resumed(record)
    if record.base is None and record.continues is None and not resumed:
        gaps.append(Gap("base-model", "which model it started from, if any, is not recorded"))
    bases = (record.base,) if record.base else ()
    return _Told(
        known(
            status=record.status,
            epochs=record.epochs,
            steps=record.steps,
            base=record.base.uri if record.base else None,
            started_at=record.started_at,
            ended_at=record.ended_at,
            imported_from=record.imported_from,
            author=record.author,
            evidence=str(record.evidence),
        ),
        links=(*_by_content(record.id, record.inputs), *_by_weights(record, bases), *resumed),
        keys=(key("start", record.started_with),) if record.started_with else (),
        gaps=(*gaps, *_unnamed(record.inputs), *_unhashed(bases)),
    )


@_told.register
def _(record: ModelRecord) -> _Told:
    gaps = list(record.gaps)
    if not (record.generated_by or record.trained_on or record.derived_from):
        what = "base-model" if record.form == "base" else "unknown-data"
        gaps.append(Gap(what, "on what data it was trained is not known"))
    return _Told(
        known(
            form=record.form,
            step=record.step,
            epoch=record.epoch,
            consumed=record.consumed.mode if record.consumed else None,
            uri=record.uri,
            licence=record.license.name if record.license else None,
            files=len(record.files) or None,
            weights_hash=str(record.weights_hash) if record.weights_hash else None,
            message=record.message,
            author=record.author,
            evidence=str(record.evidence),
        ),
        links=(
            *_by_content(record.id, record.trained_on),
            *_by_weights(record, record.derived_from),
        ),
        keys=(key("weights", record.weights_hash),) if record.weights_hash else (),
        gaps=(*gaps, *_unnamed(record.trained_on), *_unhashed(record.derived_from)),
    )


@_told.register
def _(record: ClaimRecord) -> _Told:
    links: tuple[Link, ...] = ()
    if record.type == "origin" and _is_version(record.subject):
        edges = [
            Edge(record.subject, origin, "origin", _evidence(record.body))
            for kind in ("source", "step")
            if isinstance(origin := record.body.get(kind), str) and origin.startswith(f"{kind}:")
        ]
        links = tuple(Link(edge, _missing(edge)) for edge in edges)
    return _Told(known(type=record.type, subject=record.subject, author=record.author), links=links)


def _evidence(body: Mapping[str, Any]) -> Evidence:
    """How an origin is known: declared, or by the bytes that a step which was imported names."""
    recorded = "step" in body and body.get("evidence") == Evidence.RECORDED
    return Evidence.RECORDED if recorded else Evidence.DECLARED


def _is_version(id_: str) -> bool:
    return id_.startswith("dataset:")


def _missing(edge: Edge) -> Gap:
    named = Node.absent(edge.parent)
    return Gap("missing-record", f"the record of {named.ref} is named and not there")


def _unmade(record: DatasetRecord) -> Gap:
    """A version that no record says the making of."""
    message = "how it was made is not recorded"
    if record.parents:
        message = "which step changed it is not recorded; a diff shows what changed"
    return Gap("unrecorded-step", message)


def _by_content(child: str, inputs: Iterable[RunInput]) -> Iterator[Link]:
    """Links of inputs that name no record to whatever has the content they name."""
    for entry in inputs:
        if entry.subject is None and entry.content_hash is not None:
            evidence = weakest((entry.evidence, Evidence.CAPTURED))
            edge = Edge(child, key("content", entry.content_hash), entry.role, evidence)
            said = f"content {entry.content_hash.short}"
            yield Link(edge, _unknown_data(entry, said))


def _by_weights(record: RunRecord | ModelRecord, bases: Iterable[Base]) -> Iterator[Link]:
    for base in bases:
        if base.subject is None and base.weights_hash is not None:
            edge = Edge(record.id, key("weights", base.weights_hash), "base", record.evidence)
            yield Link(edge, _unknown_base(base))


def _resumed(record: RunRecord) -> tuple[Link, ...]:
    """The link to the run that was resumed, where it is known by its start."""
    if record.continues is not None or record.continues_start is None:
        return ()
    edge = Edge(record.id, key("start", record.continues_start), "continues", record.evidence)
    name = record.resumed_from or "a checkpoint"
    return (
        Link(edge, Gap("unrecorded-run", f"the run that it resumed at {name} is not recorded")),
    )


def _unnamed(inputs: Iterable[RunInput]) -> Iterator[Gap]:
    """The gaps of inputs that nothing can be known by."""
    for entry in inputs:
        if entry.subject is None and entry.content_hash is None:
            yield _unknown_data(entry, "without a content hash")


def _unhashed(bases: Iterable[Base]) -> Iterator[Gap]:
    for base in bases:
        if base.subject is None and base.weights_hash is None:
            yield _unknown_base(base)


def _unknown_data(entry: RunInput, known_by: str) -> Gap:
    named = f"{entry.role} data {entry.uri}" if entry.uri else f"{entry.role} data"
    return Gap("unknown-data", f"its {named} ({known_by}) is no recorded version")


def _unknown_base(base: Base) -> Gap:
    return Gap("base-model", f"on what data the base model {base.uri} was trained is not known")


def _once(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gaps))
