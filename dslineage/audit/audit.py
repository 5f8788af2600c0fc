"""`audit`: which data trained a model, with how that is known, and all that is not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dslineage.audit import claims, data, evals
from dslineage.audit.audited import Audit, ClaimLine, GapLine, Section, Subject
from dslineage.audit.checks import Requirement
from dslineage.audit.folder import HashedFolder, recognised
from dslineage.audit.lines import BaseLine, Stage, counted
from dslineage.audit.reading import Reader
from dslineage.audit.training import Walk
from dslineage.audit.verify import Verifier
from dslineage.errors import NotFoundError, UsageError
from dslineage.lineage.finding import find_node
from dslineage.records import Evidence, ModelRecord

if TYPE_CHECKING:
    from dslineage.audit.audited import Recognised
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.node import Node
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog
    from dslineage.versions.options import Report

ACCEPTABLE = ("base-model", "unknown-data", "missing-record", "unrecorded-run")
"""Kinds of gaps that leave undecided what trained a model."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """How deep an audit goes, and what is asked of it.

    `folders` are those in which the model is, or as `MODEL=DIR` another one; `verify` hashes again
    now; `require` is how well the data of the training has to be known; `accept` are kinds of gaps
    that are known and leave nothing undecided.
    """

    folders: tuple[str, ...] = ()
    verify: bool = False
    require: Evidence | None = None
    accept: tuple[str, ...] = ()


def audit(
    graph: Graph,
    catalog: Catalog,
    store: Store,
    here: Path,
    target: str,
    options: AuditOptions,
    eval_sets: Sequence[str] = (),
    report: Report | None = None,
) -> Audit:
    """Audit a model; see `Provenance.audit`."""
    _check(options)
    reader = Reader(graph)
    node, folder, found = _subject(reader, here, target)
    above = [node.id, *graph.up(node.id)]
    nodes = list(reader.nodes(above).values())
    folders = [(node, folder)] if folder else []
    folders += _folders(reader, here, options.folders, node)
    nodes = list(dict.fromkeys((*nodes, *(of for of, _ in folders))))

    held: Collection[str] = ()
    verification = None
    if options.verify:
        verifier = Verifier(reader, catalog, store)
        verification = verifier.verify(nodes, folders, report)
        held = verifier.held
    walk = Walk(reader, held)
    walk.begin(node)

    trained = _versions(walk.stages, "train")
    starts = {id_: walk.ways[id_] for id_ in trained}
    ways, edges = data.ways_up(reader, starts, held)
    uses = [use for stage in walk.stages for use in stage.uses]
    gaps = _gaps(graph, above)
    said = claims.claims(reader, node, above)
    named = {finding.name for finding in reader.findings.values()}
    return Audit(
        subject=_described(reader, node, found),
        gaps=gaps,
        bases=_bases(walk.bases),
        training=_training(walk.stages),
        steps=data.steps(reader, ways, edges),
        sources=data.sources(reader, ways),
        quality=data.quality(reader, catalog, walk.stages, trained),
        overlaps=evals.overlaps(reader, store, list(trained.values()), uses, eval_sets),
        claims=said,
        findings=tuple(reader.findings.values()),
        damaged=tuple(one.path for one in graph.damaged if one.path not in named),
        verification=verification,
        requirement=_required(options, walk.stages, gaps.lines, said.lines, graph),
    )


def _check(options: AuditOptions) -> None:
    for kind in options.accept:
        if kind not in ACCEPTABLE:
            raise UsageError(
                f"no gap of the kind {kind!r:.100} can be accepted",
                hint=f"one of: {', '.join(ACCEPTABLE)}",
            )
    if options.accept and options.require is None:
        raise UsageError(
            "to accept a gap means nothing where nothing is required", hint="--require captured"
        )
    if options.require is Evidence.VERIFIED and not options.verify:
        raise UsageError(
            "nothing is verified that is not hashed again", hint="--verify --require verified"
        )


def _subject(
    reader: Reader, here: Path, target: str
) -> tuple[Node, HashedFolder | None, Recognised | None]:
    """What is audited: a node by its reference, or the model in a folder.

    Raises:
        NotFoundError: there is no such node or folder, or no record of the model in it.
        UsageError: the reference names neither a model nor a run.
    """
    is_path = "/" in target or target in {".", ".."}
    node = None if is_path else find_node(reader.graph, target)
    if node is None and os.path.isdir(here / target):  # noqa: PTH112 - of any length
        folder = HashedFolder.of(here, target)
        node, found = recognised(reader, folder, reader.graph.nodes("model"))
        return node, folder, found
    return _subject_named(reader, target), None, None


def _subject_named(reader: Reader, ref: str) -> Node:
    """The model or run that a reference names."""
    node = find_node(reader.graph, ref)
    if node is None:
        raise NotFoundError(
            f"{ref!r} is no recorded model or run, and no folder",
            kind="unknown-reference",
            hint="dslineage lineage",
        )
    if node.kind not in {"model", "run"}:
        raise UsageError(
            f"an audit is of a model or a run, and {ref} is {node.title}",
            kind="no-model",
            hint=f"dslineage lineage {ref}",
        )
    return node


def _folders(
    reader: Reader, here: Path, named: Sequence[str], subject: Node
) -> Iterator[tuple[Node, HashedFolder]]:
    """Each folder with the model that it was named for: the audited one, where none is said.

    Raises:
        NotFoundError: there is no such folder or model.
        UsageError: it was named for something that is no model.
    """
    for text in named:
        ref, equals, path = text.rpartition("=")
        node = _subject_named(reader, ref) if equals else subject
        if node.kind != "model":
            raise UsageError(
                f"{node.title} is no model, and has no files",
                kind="no-model",
                hint=f"--model-dir MODEL={path}",
            )
        yield node, HashedFolder.of(here, path)


def _described(reader: Reader, node: Node, found: Recognised | None) -> Subject:
    record = reader.record(node.id, ModelRecord)
    if record is None:
        return Subject(node, recognised=found)
    return Subject(
        node=node,
        form=record.form,
        files=len(record.files),
        files_hash=str(record.files_hash) if record.files_hash else None,
        weights_hash=str(record.weights_hash) if record.weights_hash else None,
        licence=record.license.name if record.license else None,
        uri=record.uri,
        recognised=found,
    )


def _versions(stages: Iterable[Stage], role: str) -> dict[str, Node]:
    """The versions that were used in some role, by id, the nearest training first."""
    return {
        node.id: node
        for stage in stages
        for use in stage.uses
        if use.role == role
        for node in use.versions
    }


def _gaps(graph: Graph, ids: Sequence[str]) -> Section[GapLine]:
    lines = tuple(GapLine(node, gap) for node, gap in graph.gaps_of(ids))
    return Section(
        lines,
        (f"what {counted(len(ids), 'record')} say that they lack",),
        ("what nobody recorded, and no record says is lacking",),
    )


def _bases(lines: Sequence[BaseLine]) -> Section[BaseLine]:
    unknown = [line.named.uri for line in lines if line.node is None]
    said = f"on what data {', '.join(unknown)} was trained: nothing of it is recorded"
    return Section(
        tuple(lines),
        ("the models that each recorded training names as its start",),
        (said,) if unknown else (),
    )


def _training(stages: Sequence[Stage]) -> Section[Stage]:
    return Section(
        tuple(stages),
        (f"the records of {counted(len(stages), 'training')}, as far back as any is recorded",),
        (
            "whether a trainer used what it was given: a record shows that nothing was changed "
            "afterwards, and no more",
        ),
    )


def _required(
    options: AuditOptions,
    stages: Sequence[Stage],
    gaps: Sequence[GapLine],
    said: Sequence[ClaimLine],
    graph: Graph,
) -> Requirement | None:
    """Whether the data of the training is known as well as is required."""
    bar = options.require
    if bar is None:
        return None
    failed = tuple(
        f"an open {claim.type} claim about {claim.about.ref}, of {claim.created_at[:10]}"
        for claim in said
        if claim.open and claim.type in claims.FORBIDDING
    )
    lacking = list(_lacking(stages, gaps))
    weak = [
        f"{use.versions[0].ref} in {stage.node.ref} is {use.ground.evidence}"
        + (f" ({use.ground.weak})" if use.ground.weak else "")
        for stage in stages
        for use in stage.uses
        if use.role == "train" and use.versions and use.ground.evidence.strength < bar.strength
    ]
    unread = [f"{one.path} cannot be read, and may belong here" for one in graph.damaged]
    undecided = [said for kind, said in lacking if kind not in options.accept]
    return Requirement(
        bar,
        failed,
        tuple(dict.fromkeys((*undecided, *weak, *unread))),
        tuple(dict.fromkeys(said for kind, said in lacking if kind in options.accept)),
    )


def _lacking(stages: Sequence[Stage], gaps: Sequence[GapLine]) -> Iterator[tuple[str, str]]:
    """What leaves undecided which data trained the model: kinds of gaps, and sentences."""
    if not stages:
        yield "unknown-data", "no data that it was trained on is recorded"
    for stage in stages:
        if not any(use.role == "train" for use in stage.uses):
            yield "unknown-data", f"no data that {stage.node.ref} was trained on is recorded"
        for use in stage.uses:
            if use.role == "train" and not use.versions:
                named = use.uri or (use.content_hash or "")[:15] or "without a name"
                said = f"training data of {stage.node.ref} ({named}) is no recorded version"
                yield "unknown-data", said
    trainings = {stage.node.id for stage in stages}
    for line in gaps:
        kind = line.gap.kind
        of_model = line.node.kind == "model" or line.node.id in trainings
        by_use = kind == "unknown-data" and line.node.id in trainings
        if kind in ACCEPTABLE and (of_model or kind == "missing-record") and not by_use:
            yield kind, f"{line.node.ref}: {line.gap.message}"
