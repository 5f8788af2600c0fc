"""Metadata of Hugging Face cards: of a version, and of a model.

The fields that the Hub knows name what is on the Hub (`datasets`, `base_model`, `source_datasets`,
`license`); the field `dslineage` has ids, hashes, evidence and gaps. Into a card that is there
already, lists are added to, a licence is put only where there is none, and `dslineage` is replaced.
https://huggingface.co/docs/hub/model-cards https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.lineage.node import Node
from dslineage.members import known
from dslineage.records import DatasetRecord, License, ModelRecord, SourceRecord, StepRecord
from dslineage.standards.basis import Basis
from dslineage.standards.frontmatter import changed_card, front_matter, read_fields
from dslineage.standards.spdx import hub_id
from dslineage.standards.uses import bases, data_above, trained, uses

_URL = re.compile(
    r"(?:https?://(?:www\.)?(?:huggingface\.co|hf\.co)/|hf://)(?P<data>datasets/)?"
    r"(?P<id>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:[/@?#].*)?",
    re.ASCII,
)
_BARE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_RELATIONS = {"checkpoint": "finetune", "adapter": "adapter", "merge": "merge",
              "quantisation": "quantized"}  # fmt: skip
_ONCE = {"license", "license_name", "license_link", "base_model_relation", "language"}


@dataclass(frozen=True, slots=True)
class Card:
    """The fields of a card's YAML block, in order."""

    fields: Mapping[str, Any]

    @property
    def text(self) -> str:
        """A card of these fields alone."""
        return front_matter(self.fields)

    def into(self, card: str) -> str:
        """A card with these fields; what people wrote there stays.

        Raises:
            BadDataError: its YAML block cannot be read, or not be changed in place.
        """
        there = read_fields(card)
        fields: dict[str, Any] = {}
        licensed = "license" in there
        for name, value in self.fields.items():
            if name == "dslineage":
                fields[name] = value
            elif name in _ONCE:
                if name not in there and not (licensed and name.startswith("license")):
                    fields[name] = value
            else:
                fields[name] = _united(there.get(name), value)
        return changed_card(card, fields)


def dataset_card(basis: Basis, version: DatasetRecord) -> Card:
    """What a card of a data set can say of a version."""
    above = data_above(basis, [version.id])
    sources = list(_sources(basis, above))
    languages = {one for _, source in sources for one in source.languages}
    hub = {id_ for _, source in sources if (id_ := hub_dataset(source.uri))}
    block = {
        "schema": "dslineage.card/1",
        "id": version.id,
        "version": f"{version.dataset}@{version.label}",
        "content_hash": str(version.content_hash),
        "training_hash": str(version.training_hash),
        "order_hash": str(version.order_hash),
        "examples": version.examples,
        "files": [{"path": one.path, "sha256": one.sha256.hex} for one in version.files],
        **known(
            steps=[
                {"id": node.id, "operation": step.operation}
                for node in above
                if (step := basis.record(node.id, StepRecord))
            ]
        ),
        **_known_of(basis, sources),
    }
    return Card(
        {
            **_licence(basis, version.id, None),
            **known(
                language=sorted(one for one in languages if _LANGUAGE.fullmatch(one)),
                source_datasets=sorted(hub),
            ),
            "dslineage": block,
        }
    )


def model_card(basis: Basis, model: ModelRecord) -> Card:
    """What a card of a model can say of it."""
    evidence = basis.evidence()
    used = trained(basis, model.id)
    above = data_above(basis, dict.fromkeys(use.node.id for use in used))
    sources = list(_sources(basis, above))
    began = sorted(set(_bases(basis, model.id)))
    block = {
        "schema": "dslineage.card/1",
        "id": model.id,
        "model": f"{model.name}@{model.label}",
        **known(
            files_hash=str(model.files_hash) if model.files_hash else None,
            weights_hash=str(model.weights_hash) if model.weights_hash else None,
            consumed=model.consumed.to_dict() if model.consumed else None,
            data=[
                {
                    "version": use.node.ref,
                    "id": use.node.id,
                    "role": use.role,
                    "evidence": str(evidence[use.node.id]),
                    **_content(basis, use.node.id),
                }
                for use in dict.fromkeys([*used, *uses(basis, model.id)])
            ],
        ),
        **_known_of(basis, sources),
    }
    return Card(
        {
            **_licence(basis, model.id, model.license),
            **known(
                base_model=began,
                base_model_relation=_RELATIONS.get(model.form) if began else None,
                datasets=sorted(_datasets(basis, (use.node for use in used))),
            ),
            "dslineage": block,
        }
    )


def hub_dataset(uri: str) -> str | None:
    """The Hub's id of a data set that an address names."""
    match = _URL.fullmatch(uri)
    return match["id"] if match and match["data"] else None


def _hub_model(uri: str | None, *, bare: bool) -> str | None:
    match = _URL.fullmatch(uri or "")
    if match:
        return None if match["data"] else match["id"]
    return uri if bare and uri and _BARE.fullmatch(uri) else None


def _datasets(basis: Basis, versions: Iterable[Node]) -> set[str]:
    """The Hub's ids of the sources of some versions; the name of a version that has none there."""
    found: set[str] = set()
    for node in versions:
        sources = _sources(basis, data_above(basis, [node.id]))
        hub = {id_ for _, source in sources if (id_ := hub_dataset(source.uri))}
        found |= hub or {node.name}
    return found


def _bases(basis: Basis, id_: str) -> Iterator[str]:
    """The nearest models on the Hub that a model was made of.

    `org/name` is taken for a model on the Hub where no record of that model is here.
    """
    for base, node, _ in bases(basis, id_):
        record = basis.record(node.id, ModelRecord) if node else None
        found = _hub_model(record.uri, bare=True) if record else None
        found = found or _hub_model(base.uri, bare=record is None or record.form == "base")
        if found:
            yield found
        elif node:
            yield from _bases(basis, node.id)


def _content(basis: Basis, id_: str) -> dict[str, Any]:
    record = basis.record(id_, DatasetRecord)
    return known(
        content_hash=str(record.content_hash) if record else None,
        examples=record.examples if record else None,
    )


def _sources(basis: Basis, nodes: Iterable[Node]) -> Iterator[tuple[Node, SourceRecord]]:
    for node in nodes:
        record = basis.record(node.id, SourceRecord)
        if record is not None:
            yield node, record


def _known_of(basis: Basis, sources: Iterable[tuple[Node, SourceRecord]]) -> dict[str, Any]:
    """Sources with their licences, and everything that is not known."""
    evidence = basis.evidence()
    return known(
        sources=[
            {
                "id": node.id,
                "uri": source.uri,
                "evidence": str(evidence[node.id]),
                **known(
                    revision=source.revision,
                    license=source.license.to_dict() if source.license else None,
                ),
            }
            for node, source in sources
        ],
        gaps=[{"of": node.ref, "id": node.id, **gap.to_dict()} for node, gap in basis.gaps],
    )


def _licence(basis: Basis, id_: str, said: License | None) -> dict[str, Any]:
    """A licence that the record or a claim names; those of the sources are not its own."""
    claims = basis.claims_about(id_, "licence")
    name = said.name if said else None
    url = said.url if said else None
    if claims and isinstance(claims[-1].body.get("name"), str):
        name, url = claims[-1].body["name"], claims[-1].body.get("url")
    if not name:
        return {}
    hub = hub_id(name)
    return {"license": hub} if hub else known(license="other", license_name=name, license_link=url)


def _united(there: Any, ours: list[str]) -> list[Any] | Any:
    """What is there, with what is ours and is not there yet."""
    have = there if isinstance(there, list) else [] if there is None else [there]
    new = [one for one in ours if one not in have]
    return [*have, *new] if new else there
