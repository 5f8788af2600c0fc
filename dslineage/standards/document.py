"""Documents about a node, in the forms of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dslineage.errors import UsageError
from dslineage.lineage.gaps import NodeGap
from dslineage.lineage.graph import Graph
from dslineage.lineage.node import Node
from dslineage.records import DatasetRecord, ModelRecord
from dslineage.standards.ab2013 import ab_2013
from dslineage.standards.basis import Basis
from dslineage.standards.croissant import croissant
from dslineage.standards.cyclonedx import cyclonedx_bom
from dslineage.standards.draft import Draft
from dslineage.standards.eusummary import eu_summary
from dslineage.standards.hfcard import Card, dataset_card, model_card
from dslineage.standards.openlineage import openlineage_events
from dslineage.standards.prov import prov_json

Standard = Literal[
    "prov", "openlineage", "cyclonedx-1.6", "cyclonedx-1.7", "croissant", "hf-dataset-card",
    "hf-model-card", "eu-summary", "ab-2013",
]  # fmt: skip
STANDARDS: tuple[Standard, ...] = get_args(Standard)

_OF_VERSION = {"croissant", "hf-dataset-card"}
_OF_MODEL = {"hf-model-card"}
_OF_EITHER = {"cyclonedx-1.6", "cyclonedx-1.7"}
_OF_TRAINING = {"eu-summary", "ab-2013"}
_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OF_VERSION, ("dataset",)),
    **dict.fromkeys(_OF_MODEL, ("model",)),
    **dict.fromkeys(_OF_EITHER, ("model", "dataset")),
    **dict.fromkeys(_OF_TRAINING, ("model", "run")),
}
_WORDS = {
    "source": "a source", "dataset": "a version of a data set", "step": "a step",
    "mixture": "a mixture", "run": "a training run", "model": "a model", "claim": "a claim",
}  # fmt: skip

Content = Mapping[str, Any] | list[dict[str, Any]] | Card | Draft
"""JSON of one document, the events of a stream, a card, or a draft for a person to finish."""


@dataclass(frozen=True, slots=True)
class Document:
    """A node and what it rests on, in the form of a standard; `gaps` are what is not known."""

    standard: Standard
    of: Node
    content: Content
    gaps: tuple[NodeGap, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.document/1`."""
        match self.content:
            case Card():
                content: Any = dict(self.content.fields)
            case Draft():
                content = self.content.to_dict()
            case _:
                content = self.content
        return {
            "schema": "dslineage.document/1",
            "standard": self.standard,
            "of": self.of.id,
            "ref": self.of.ref,
            "gaps": [{"id": node.id, "ref": node.ref, **gap.to_dict()} for node, gap in self.gaps],
            "content": content,
        }


def document(graph: Graph, node: Node, standard: Standard) -> Document:
    """Describe a node in the form of a standard.

    Raises:
        UsageError: the standard has no form for such a node.
        IntegrityError: a record that the answer needs was edited.
    """
    kinds = _OF.get(standard)
    if kinds is not None and node.kind not in kinds:
        wanted = " or ".join(_WORDS[kind] for kind in kinds)
        raise UsageError(
            f"{standard} describes {wanted}, and {node.ref} is {_WORDS[node.kind]}",
            kind="wrong-kind",
            hint=f"dslineage document {node.ref} --as prov",
        )
    basis = Basis.of(graph, node)
    return Document(standard, node, _content(basis, standard), basis.gaps)


def _content(basis: Basis, standard: Standard) -> Content:
    match standard:
        case "prov":
            return prov_json(basis)
        case "openlineage":
            return openlineage_events(basis)
        case "cyclonedx-1.6" | "cyclonedx-1.7":
            return cyclonedx_bom(basis, "1.6" if standard == "cyclonedx-1.6" else "1.7")
        case "eu-summary":
            return eu_summary(basis)
        case "ab-2013":
            return ab_2013(basis)
        case _:
            return _card(basis, standard)


def _card(basis: Basis, standard: Standard) -> Content:
    """What is written of the record itself."""
    record = basis.records[basis.focus.id]
    match record:
        case DatasetRecord() if standard == "croissant":
            return croissant(basis, record)
        case DatasetRecord():
            return dataset_card(basis, record)
        case ModelRecord():
            return model_card(basis, record)
        case _:
            raise TypeError(f"{standard} does not describe {basis.focus.ref}")
