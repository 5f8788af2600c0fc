"""Croissant 1.1: a version of a data set, with its files, and the sources that it came from.

What the sources' own documents say in the RAI vocabulary goes with it, each text under the name of
the source that says it. What is not known stands in `rai:dataLimitations`, where people look, and
as terms of our own. https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote

from dslineage.lineage.node import Node
from dslineage.members import known
from dslineage.records import DatasetRecord, Evidence, FileEntry, SourceRecord, StepRecord
from dslineage.standards.basis import Basis
from dslineage.standards.facts import NAMESPACE, uri_reference
from dslineage.standards.spdx import spdx_id
from dslineage.standards.uses import data_above

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "dslineage": f"{NAMESPACE}term:",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CONFORMS_TO = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
_MEDIA_TYPES = {
    "jsonl": "application/jsonl", "json": "application/json", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}  # fmt: skip
_ONE_TEXT = {
    "rai:dataCollection", "rai:dataCollectionMissingData", "rai:dataCollectionRawData",
    "rai:dataImputationProtocol", "rai:dataManipulationProtocol", "rai:annotationsPerItem",
    "rai:dataSocialImpact", "rai:dataReleaseMaintenancePlan",
}  # fmt: skip
"""The members of the vocabulary that hold one text only: several are put into it as lines."""

_DATES = "rai:dataCollectionTimeframe"
"""Holds days only, so that no source's name can be put before them."""


def croissant(basis: Basis, version: DatasetRecord) -> dict[str, Any]:
    """A version, as a Croissant document."""
    above = data_above(basis, [version.id])
    sources = [(node, one) for node in above if (one := basis.record(node.id, SourceRecord))]
    evidence = basis.evidence()
    origins = [_origin(evidence[node.id], node, one) for node, one in sources]
    gaps = [f"{node.ref}: {gap.message}" for node, gap in basis.gaps]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(_CONFORMS_TO),
        "name": version.dataset,
        **known(description=version.message),
        "version": f"{version.number}.0.0",
        "dateCreated": version.created_at,
        "identifier": version.id,
        **known(license=_licenses(basis, version), inLanguage=_languages(sources)),
        "distribution": [_file(file) for file in version.files],
        **known(**{"prov:wasDerivedFrom": origins}),
        **_responsible(basis, above, sources, gaps),
        "dslineage:version": version.label,
        "dslineage:examples": version.examples,
        "dslineage:contentHash": str(version.content_hash),
        "dslineage:trainingHash": str(version.training_hash),
        "dslineage:orderHash": str(version.order_hash),
        **known(**{"dslineage:gap": [f"{gap.kind}: {gap.message}" for _, gap in basis.gaps]}),
    }  # fmt: skip


def _file(file: FileEntry) -> dict[str, Any]:
    kind = str(file.reader["format"])
    return {
        "@type": "cr:FileObject",
        "@id": quote(file.path),
        "name": file.path,
        "contentUrl": uri_reference(file.url) if file.url else quote(file.path),
        "contentSize": f"{file.size} B",
        "encodingFormat": _MEDIA_TYPES.get(kind, "application/octet-stream"),
        "sha256": file.sha256.hex,
    }


def _licenses(basis: Basis, version: DatasetRecord) -> list[str]:
    """The licences that are claimed of the version itself; those of its sources are not its own."""
    claims = basis.claims_about(version.id, "licence")
    names = [name for one in claims if isinstance(name := one.body.get("name"), str)]
    return [_license(name) for name in dict.fromkeys(names)]


def _license(name: str) -> str:
    spdx = spdx_id(name)
    return f"https://spdx.org/licenses/{spdx}.html" if spdx else name


def _languages(sources: list[tuple[Node, SourceRecord]]) -> list[str]:
    return sorted({language for _, one in sources for language in one.languages})


def _origin(evidence: Evidence, node: Node, source: SourceRecord) -> dict[str, Any]:
    """A source, as what the version was derived from."""
    return {
        "@type": "prov:Entity",
        "@id": f"{NAMESPACE}{node.id}",
        "prov:label": source.title or source.name,
        "prov:atLocation": source.uri,
        **known(
            **{
                "sc:version": source.revision,
                "sc:license": _license(source.license.name) if source.license else None,
                "dslineage:acquiredAt": source.acquired_at,
                "dslineage:evidence": str(evidence),
            }
        ),
    }


def _responsible(
    basis: Basis, above: list[Node], sources: list[tuple[Node, SourceRecord]], gaps: list[str]
) -> dict[str, Any]:
    """The RAI members: what sources say, which steps ran, what is not known."""
    texts: dict[str, list[str]] = defaultdict(list)
    for node, source in sources:
        for name, said in (source.statements or {}).items():
            named = said if name == _DATES else [f"{node.ref}: {text}" for text in said]
            texts[name] += named
        if source.personal_data is not None:
            has = "has personal data" if source.personal_data else "has no personal data"
            texts["rai:personalSensitiveInformation"].append(f"{node.ref} {has}, as declared")
    for node in above:
        step = basis.record(node.id, StepRecord)
        if step is not None:
            what = f"{step.operation}: {step.message}" if step.message else step.operation
            texts["rai:dataPreprocessingProtocol"].append(what)
    texts["rai:dataLimitations"] += [f"Not known: {gap}" for gap in gaps]
    return {
        name: "\n".join(some) if name in _ONE_TEXT else some
        for name, some in sorted(texts.items())
        if some
    }
