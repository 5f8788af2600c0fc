"""How the data of a training was made: its steps and sources, and what was measured of it."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dslineage.audit.audited import QualityLine, Section
from dslineage.audit.lines import Ground, SourceLine, Stage, StepLine, counted
from dslineage.audit.reading import Reader
from dslineage.audit.training import Way
from dslineage.errors import IntegrityError
from dslineage.lineage.node import Edge, Node
from dslineage.quality.metric import name_of
from dslineage.quality.summary import summary
from dslineage.records import DatasetRecord, MeasurementRecord, SourceRecord, StepRecord, weakest

if TYPE_CHECKING:
    from dslineage.versions.catalog import Catalog


def ways_up(
    reader: Reader, starts: Mapping[str, Way], held: Collection[str]
) -> tuple[dict[str, Way], Sequence[Edge]]:
    """The best way to each node that some nodes rest on, and all edges on such ways.

    The best is the one whose weakest link is the strongest, then one that was hashed again, then
    the shortest.
    """
    edges = _edges_above(reader, starts)
    above = defaultdict(list)
    for edge in edges:
        above[edge.child].append(edge)
    nodes = reader.nodes({*starts, *(edge.parent for edge in edges)})
    count = itertools.count()
    todo = [(_rank(way, 0), next(count), 0, way) for way in starts.values()]
    heapq.heapify(todo)
    found: dict[str, Way] = {}
    while todo:
        _, _, length, way = heapq.heappop(todo)
        if way.to.id in found:
            continue
        found[way.to.id] = way
        for edge in above[way.to.id]:
            if edge.parent not in found:
                further = way.on(nodes[edge.parent], edge.evidence, held)
                entry = (_rank(further, length + 1), next(count), length + 1, further)
                heapq.heappush(todo, entry)
    return found, edges


def steps(reader: Reader, ways: Mapping[str, Way], edges: Iterable[Edge]) -> Section[StepLine]:
    """The steps among some nodes, the newest first."""
    made = defaultdict(list)
    for edge in edges:
        if edge.parent.startswith("step:") and edge.child.startswith("dataset:"):
            made[edge.parent].append(reader.node(edge.child))
    lines = []
    for id_, way in ways.items():
        record = reader.record(id_, StepRecord) if id_.startswith("step:") else None
        if record is not None:
            lines.append(StepLine(way.to, record, tuple(made[id_]), way.ground))
    lines.sort(key=lambda line: (line.record.created_at, line.node.id), reverse=True)
    versions = sum(id_.startswith("dataset:") for id_ in ways)
    return Section(
        tuple(lines),
        (f"the records of {counted(versions, 'version')} and {counted(len(lines), 'step')}",),
        ("whether a step does what its name says",),
    )


def sources(reader: Reader, ways: Mapping[str, Way]) -> Section[SourceLine]:
    """The sources among some nodes, by name."""
    lines = []
    for id_, way in ways.items():
        record = reader.record(id_, SourceRecord) if id_.startswith("source:") else None
        if record is not None:
            ground = way.ground
            linked = weakest((ground.linked, record.evidence))
            weak = ground.weak if linked is ground.linked else f"what {way.to.ref} says of itself"
            lines.append(SourceLine(way.to, record, Ground(linked, weak, ground.held)))
    lines.sort(key=lambda line: (line.record.name, line.node.id))
    return Section(
        tuple(lines),
        (f"the records of {counted(len(lines), 'source')} that the data leads back to",),
        ("whether a licence or a consent is what its source's record says: somebody wrote it",),
    )


def quality(
    reader: Reader, catalog: Catalog, stages: Iterable[Stage], versions: Mapping[str, Node]
) -> Section[QualityLine]:
    """What was measured of the versions that were used."""
    began: dict[str, str] = {}
    for stage in stages:
        for use in stage.uses:
            for node in use.versions:
                began.setdefault(node.id, stage.started_at or stage.node.created_at)
    lines = []
    for node in versions.values():
        record = reader.record(node.id, DatasetRecord)
        known: Sequence[MeasurementRecord] = ()
        try:
            known = catalog.measurements(record) if record else ()
        except IntegrityError as error:
            reader.found(node.id, "measurement", f"of {node.ref}", error.message)
        lines.append(_measured(node, known, began.get(node.id, "")))
    unmeasured = [line.version.ref for line in lines if line.profile is None]
    lacking = (f"{', '.join(unmeasured)}: nothing was measured",) if unmeasured else ()
    return Section(
        tuple(lines),
        (f"the measurements of {counted(len(lines) - len(unmeasured), 'version')}",),
        (*lacking, "anything that is no metric of their profiles"),
    )


def _measured(node: Node, known: Sequence[MeasurementRecord], began: str) -> QualityLine:
    """The newest measurement from before a training began; the oldest after it, if none is."""
    if not known:
        return QualityLine(node)
    before = [one for one in known if one.created_at <= began]
    chosen = before[0] if before else known[-1]
    return QualityLine(
        version=node,
        profile=chosen.profile,
        measured_at=chosen.created_at,
        late=not before,
        figures={name_of(id_): summary(found) for id_, found in chosen.metrics.items()},
        unmeasured=chosen.unmeasured,
    )


def _edges_above(reader: Reader, starts: Iterable[str]) -> list[Edge]:
    found: list[Edge] = []
    seen = set(starts)
    front = sorted(seen)
    while front:
        edges = reader.graph.edges_up(front)
        found += edges
        front = sorted({edge.parent for edge in edges} - seen)
        seen.update(front)
    return found


def _rank(way: Way, length: int) -> tuple[int, bool, int]:
    return -way.linked.strength, not way.held, length
