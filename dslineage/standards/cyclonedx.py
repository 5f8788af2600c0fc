"""CycloneDX 1.6 and 1.7: a bill of materials of a model (ML-BOM) or of a version.

Sources, versions, mixtures and models are components; steps and trainings are workflows of the
formulation, with what went in and what came out. What is not known makes the composition of a
component `incomplete`, or `unknown` where the very step is missing, and is told in properties.
Nothing is said to be complete. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dslineage.lineage.node import Node
from dslineage.members import known
from dslineage.records import (
    DatasetRecord,
    Gap,
    License,
    ModelRecord,
    Record,
    RunRecord,
    SourceRecord,
)
from dslineage.standards.basis import Basis
from dslineage.standards.facts import NAMESPACE, as_text, facts, uri_reference
from dslineage.standards.spdx import spdx_id
from dslineage.standards.uses import bases, uses

Release = Literal["1.6", "1.7"]


def cyclonedx_bom(basis: Basis, release: Release) -> dict[str, Any]:
    """A bill of materials of a model or a version, with all that it rests on."""
    things = [node for node in basis.nodes.values() if not basis.is_activity(node.id)]
    parts = [_component(basis, node) for node in things if node.id != basis.focus.id]
    flows = [_workflow(basis, node) for node in basis.nodes.values() if basis.is_activity(node.id)]
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{release}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": release,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE + basis.focus.id)}",
        "version": 1,
        "metadata": {"component": _component(basis, basis.focus)},
        "components": parts,
        "dependencies": [
            {"ref": node.id, "dependsOn": list(basis.things_above(node.id))} for node in things
        ],
        "compositions": _compositions(basis, things),
        "formulation": [{"workflows": flows}] if flows else [],
    }


def _component(basis: Basis, node: Node) -> dict[str, Any]:
    record = basis.records.get(node.id)
    is_model = node.kind == "model"
    component: dict[str, Any] = {
        "type": "machine-learning-model" if is_model else "data",
        "bom-ref": node.id,
        "name": node.name,
        **known(version=node.label),
    }
    match record:
        case ModelRecord():
            component |= known(
                description=record.message,
                licenses=_licenses(basis, node, record.license),
                pedigree=_pedigree(basis, node),
                externalReferences=_references(record.uri),
                modelCard=_model_card(basis, node),
                components=_files(node, [(one.path, one.sha256.hex) for one in record.files]),
            )
        case DatasetRecord():
            component |= known(
                description=record.message,
                licenses=_licenses(basis, node, None),
                components=_files(node, [(one.path, one.sha256.hex) for one in record.files]),
                data=[_data(node, f"{record.examples} examples")],
            )
        case SourceRecord():
            component |= known(
                description=record.description,
                licenses=_licenses(basis, node, record.license),
                externalReferences=_references(record.uri),
                components=_files(node, [(one.path, one.sha256.hex) for one in record.files]),
                data=[_data(node, record.title, _sensitive(record))],
            )
        case _:
            component |= {} if is_model else {"data": [_data(node, "")]}
    return component | {"properties": _properties(basis, node, record)}


def _data(node: Node, description: str, sensitive: Sequence[str] = ()) -> dict[str, Any]:
    said = known(description=description, sensitiveData=list(sensitive))
    return {"type": "dataset", "name": node.ref, **said}


def _sensitive(record: SourceRecord) -> list[str]:
    return ["personal data, as declared"] if record.personal_data else []


def _files(node: Node, files: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "bom-ref": f"{node.id}#{number}",
            "name": path,
            "hashes": [{"alg": "SHA-256", "content": digits}],
        }
        for number, (path, digits) in enumerate(files, start=1)
    ]


def _licenses(basis: Basis, node: Node, said: License | None) -> list[dict[str, Any]]:
    """The licences that a record names, and those that are claimed; never one that is inferred."""
    named = [said] if said else []
    for claim in basis.claims_about(node.id, "licence"):
        name, url = claim.body.get("name"), claim.body.get("url")
        if isinstance(name, str) and name.strip():
            named.append(License(name, url=url if isinstance(url, str) else None))
    licences = []
    for one in dict.fromkeys(named):
        spdx = spdx_id(one.name)
        what = {"id": spdx} if spdx else {"name": one.name}
        urls = known(url=uri_reference(one.url) if one.url else None)
        licences.append({"license": {**what, "acknowledgement": "declared", **urls}})
    return licences


def _references(uri: str | None) -> list[dict[str, Any]]:
    return [{"type": "distribution", "url": uri_reference(uri)}] if uri else []


def _pedigree(basis: Basis, node: Node) -> dict[str, Any]:
    """The models that a model began from; they are components, too, where they are recorded."""
    ancestors = []
    for base, recorded, _ in dict.fromkeys(bases(basis, node.id)):
        said = known(uri=base.uri, revision=base.revision, id=recorded.id if recorded else None)
        ancestors.append(
            {
                "type": "machine-learning-model",
                "name": recorded.name if recorded else base.uri,
                **known(version=recorded.label if recorded else base.revision),
                "properties": [_property(name, value) for name, value in said.items()],
            }
        )
    return known(ancestors=ancestors)


def _model_card(basis: Basis, node: Node) -> dict[str, Any]:
    used = uses(basis, node.id)
    roles = [
        _property(f"dataset:{role}", id_)
        for role, id_ in dict.fromkeys((use.role, use.node.id) for use in used)
    ]
    refs = [{"ref": id_} for id_ in dict.fromkeys(use.node.id for use in used)]
    scores = [
        {"type": as_text(claim.body["evaluation"]), "value": as_text(claim.body["score"])}
        for claim in basis.claims_about(node.id, "evaluation")
        if "evaluation" in claim.body and "score" in claim.body
    ]
    return known(
        modelParameters=known(datasets=refs),
        quantitativeAnalysis=known(performanceMetrics=scores),
        properties=roles,
    )


def _workflow(basis: Basis, node: Node) -> dict[str, Any]:
    record = basis.records.get(node.id)
    inputs = [{"resource": {"ref": edge.parent}} for edge in basis.above(node.id)]
    outputs = [
        {"type": "artifact", "resource": {"ref": edge.child}}
        for edge in basis.edges
        if edge.parent == node.id and not basis.is_activity(edge.child)
    ]
    times = {}
    if isinstance(record, RunRecord):
        times = known(timeStart=record.started_at, timeEnd=record.ended_at)
    return {
        "bom-ref": node.id,
        "uid": node.id,
        "name": f"{node.name}/{node.label}" if node.label else node.name,
        "taskTypes": ["other"],
        **known(inputs=_once(inputs), outputs=_once(outputs)),
        **times,
        "properties": _properties(basis, node, record),
    }


def _compositions(basis: Basis, things: Sequence[Node]) -> list[dict[str, Any]]:
    """How complete what a component rests on is; of those without a gap, nothing is said.

    What is not known about a step or a run is not known about what came out of it.
    """
    found: list[dict[str, Any]] = []
    for node in things:
        gaps = [gap for id_ in (node.id, *basis.makers(node.id)) for gap in basis.gaps_of(id_)]
        if gaps or node.missing:
            found.append({"aggregate": _aggregate(gaps), "dependencies": [node.id]})
    return found


def _aggregate(gaps: Sequence[Gap]) -> str:
    """`unknown`: nobody knows whether there is more; `incomplete`: there is more, not in here."""
    lacking = {"base-model", "unknown-data", "missing-record", "unrecorded-run"}
    return "incomplete" if any(gap.kind in lacking for gap in gaps) else "unknown"


def _properties(basis: Basis, node: Node, record: Record | None) -> list[dict[str, str]]:
    """What the standard has no place for, under names of our own."""
    said_of = facts(record) if record else {}
    return [
        _property("id", node.id),
        *([] if record else [_property("missing", "true")]),
        *(_property(f"fact:{name}", said) for name, said in said_of.items()),
        *(
            _property(f"rests-on:{edge.role}:{edge.evidence}", edge.parent)
            for edge in basis.above(node.id)
        ),
        *(_property(f"gap:{gap.kind}", gap.message) for gap in basis.gaps_of(node.id)),
        *(
            _property(f"claim:{claim.type}", {"id": claim.id, "body": dict(claim.body)})
            for claim in basis.claims_about(node.id)
        ),
    ]  # fmt: skip


def _property(name: str, value: Any) -> dict[str, str]:
    return {"name": f"dslineage:{name}", "value": as_text(value)}


def _once(some: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for number, one in enumerate(some) if one not in some[:number]]
