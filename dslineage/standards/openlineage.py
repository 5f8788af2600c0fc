"""OpenLineage: one event for each run, and for each data set that no recorded run made.

Steps and trainings are runs of jobs. Sources, versions, mixtures and models are data sets, the
last with the type `MODEL`. The facet `lineage` names what each rests on directly; an empty list
there says that nothing is tracked above it. What the standard has no facet for (ids, evidence,
gaps) is in a facet of our own, `dslineage_record`; its form is in docs/schemas.
https://openlineage.io/spec/2-0-2/OpenLineage.json
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dslineage.lineage.node import Edge, Node
from dslineage.records import DatasetRecord, Record, RunRecord, SourceRecord, StepRecord
from dslineage.standards.basis import Basis
from dslineage.standards.facts import NAMESPACE, facts, uri_reference

PRODUCER = f"{NAMESPACE}producer"
RECORD_FACET = f"{NAMESPACE}schema:openlineage-record-facet/1"

_SPEC = "https://openlineage.io/spec"
_JOB_TYPES = {"step": "STEP", "run": "TRAINING"}
_OUTCOMES = {"finished": "COMPLETE", "failed": "FAIL"}


def openlineage_events(basis: Basis) -> list[dict[str, Any]]:
    """A node and all that it rests on, as events, the oldest first."""
    writer = _Writer(basis)
    events = []
    for node in basis.nodes.values():
        record = basis.records.get(node.id)
        if isinstance(record, StepRecord | RunRecord):
            events += writer.run_events(node, record)
        elif not basis.is_activity(node.id) and not writer.makers(node):
            events.append(writer.dataset_event(node))
    return sorted(events, key=lambda event: event["eventTime"])


class _Writer:
    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._time = min(node.created_at for node in basis.nodes.values() if not node.missing)
        self._made = defaultdict(list)
        for node in basis.nodes.values():
            for maker in () if basis.is_activity(node.id) else self.makers(node):
                self._made[maker].append(node)

    def makers(self, node: Node) -> set[str]:
        """The recorded steps and runs that made a node, by id."""
        above = {edge.parent for edge in self._basis.above(node.id, "generated-by", "origin")}
        return {id_ for id_ in above & self._basis.records.keys() if self._basis.is_activity(id_)}

    def run_events(self, node: Node, record: StepRecord | RunRecord) -> list[dict[str, Any]]:
        """What happened in a step or a training: its beginning, where that is known, and its end.

        A training whose end is not recorded has a beginning only.
        """
        basis = self._basis
        above = [edge for edge in basis.above(node.id) if not basis.is_activity(edge.parent)]
        inputs = [self._input(edge) for edge in above]
        outputs = [self._dataset(one) for one in self._made[node.id]]
        common = {
            "run": {
                "runId": run_id(node.id),
                "facets": {"dslineage_record": self._record_facet(node)},
            },
            "job": self._job(node),
            "inputs": inputs,
            "producer": PRODUCER,
            "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        }
        happened: list[tuple[str, str, list[dict[str, Any]]]] = []
        if isinstance(record, StepRecord):
            outcome = "FAIL" if record.exit_status else "COMPLETE"
            happened.append((outcome, node.created_at, outputs))
        else:
            ended = record.status in _OUTCOMES
            if record.started_at or not ended:
                started = record.started_at or record.created_at
                happened.append(("START", started, [] if ended else outputs))
            if ended:
                end = record.ended_at or record.created_at
                happened.append((_OUTCOMES[record.status], end, outputs))
        return [
            {"eventType": kind, "eventTime": time, **common, "outputs": made}
            for kind, time, made in happened
        ]

    def dataset_event(self, node: Node) -> dict[str, Any]:
        """A data set as it is recorded; one whose record is missing has the time of the oldest."""
        return {
            "eventTime": node.created_at or self._time,
            "dataset": self._dataset(node),
            "producer": PRODUCER,
            "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        }

    def _job(self, node: Node) -> dict[str, Any]:
        job_type = _facet(
            "2-0-4/JobTypeJobFacet", processingType="BATCH", integration="DSLINEAGE",
            jobType=_JOB_TYPES[node.kind],
        )  # fmt: skip
        name = f"{node.name}.{node.label}" if node.label else node.name
        return {"namespace": _namespace(node), "name": name, "facets": {"jobType": job_type}}

    def _input(self, edge: Edge) -> dict[str, Any]:
        node = self._basis.nodes[edge.parent]
        facets = {"version": _version(node), "dslineage_record": self._record_facet(node)}
        return {**_named(node), "facets": facets}

    def _dataset(self, node: Node) -> dict[str, Any]:
        basis, record = self._basis, self._basis.records.get(node.id)
        above = [basis.nodes[id_] for id_ in basis.things_above(node.id)]
        inputs = [{**_named(one), "type": "DATASET"} for one in above]
        facets = {
            "version": _version(node),
            "datasetType": _facet(
                "1-0-1/DatasetTypeDatasetFacet", datasetType=node.kind.upper()
            ),
            "lineage": _facet("1-0-0/LineageFacet", "LineageDatasetFacet", inputs=inputs),
            "dslineage_record": self._record_facet(node),
        }  # fmt: skip
        if record is not None:
            facets |= _described(record)
        return {**_named(node), "facets": facets}

    def _record_facet(self, node: Node) -> dict[str, Any]:
        """What the standard cannot say of a node."""
        record = self._basis.records.get(node.id)
        return {
            "_producer": PRODUCER,
            "_schemaURL": RECORD_FACET,
            "id": node.id,
            "ref": node.ref,
            "missing": node.missing,
            "facts": facts(record) if record else {},
            "restsOn": [
                {"id": edge.parent, "role": edge.role, "evidence": str(edge.evidence)}
                for edge in self._basis.above(node.id)
            ],
            "gaps": [gap.to_dict() for gap in self._basis.gaps_of(node.id)],
            "claims": [
                {"id": claim.id, "type": claim.type, "body": dict(claim.body)}
                for claim in self._basis.claims_about(node.id)
            ],
        }


def run_id(id_: str) -> str:
    """The UUID of a step or a run: version 5, made of the record's id as a URN."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{NAMESPACE}{id_}"))


def _described(record: Record) -> dict[str, Any]:
    """The facets that say what is in a data set."""
    if isinstance(record, SourceRecord):
        source = _facet(
            "1-0-1/DatasourceDatasetFacet", name=record.name, uri=uri_reference(record.uri)
        )
        return {"dataSource": source}
    if not isinstance(record, DatasetRecord):
        return {}
    fields = [
        {"name": name, "type": " | ".join(sorted(types))} for name, types in record.fields.items()
    ]
    metrics = _facet(
        "1-0-1/DataQualityMetricsDatasetFacet", rowCount=record.examples,
        bytes=sum(file.size for file in record.files), fileCount=len(record.files),
        columnMetrics={
            name: {"count": sum(types.values())} for name, types in record.fields.items()
        },
    )  # fmt: skip
    return {"schema": _facet("1-2-0/SchemaDatasetFacet", fields=fields),
            "dataQualityMetrics": metrics}  # fmt: skip


def _namespace(node: Node) -> str:
    """Names of one kind are unique; a data set and a model may have the same."""
    return f"dslineage://{node.kind}"


def _named(node: Node) -> dict[str, str]:
    return {"namespace": _namespace(node), "name": node.name}


def _version(node: Node) -> Mapping[str, Any]:
    return _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=node.id)


def _facet(schema: str, definition: str = "", **members: Any) -> dict[str, Any]:
    name = definition or schema.rpartition("/")[2]
    url = f"{_SPEC}/facets/{schema}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **members}
