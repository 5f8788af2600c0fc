"""PROV-JSON: read by the `prov` package, round and round; nothing is named that is not there."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from dslineage.lineage.graph import Graph
from dslineage.standards.document import document
from tests.standards.world import described

model = pytest.importorskip("prov.model", reason="the group `standards` is not installed")

DECLARED = ("entity", "activity", "agent")


def read(content: Any) -> Any:
    return model.ProvDocument.deserialize(content=json.dumps(content), format="json")


def dangling(content: Any) -> Iterator[str]:
    """What relations name and nothing declares."""
    declared = {name for kind in DECLARED for name in content.get(kind, ())}
    for kind, some in content.items():
        if kind not in {*DECLARED, "prefix"}:
            for said in some.values():
                for what, name in said.items():
                    ours = what.startswith("prov:") and what not in {"prov:type", "prov:role"}
                    if ours and name not in declared:
                        yield name


def test_every_node_survives_a_round_trip(gappy: Graph) -> None:
    for node in gappy.nodes():
        content = document(gappy, node, "prov").content
        found = read(content)
        again = model.ProvDocument.deserialize(
            content=found.serialize(format="json"), format="json"
        )
        assert again == found
        assert set(dangling(content)) == set()


def test_a_document_that_is_broken_is_refused(gappy: Graph) -> None:
    content: Any = described(gappy, "prov").content
    without = copy.deepcopy(content)
    [name] = [one for one in without["entity"] if one.startswith("source:")]
    del without["entity"][name]
    assert set(dangling(without)) == {name}
    unknown = copy.deepcopy(content)
    del unknown["prefix"]["dslineage"]
    with pytest.raises(Exception, match="dslineage"):
        read(unknown)


def test_a_version_that_nobody_made_was_generated_by_an_activity_without_a_name(
    gappy: Graph, whole: Graph
) -> None:
    def unnamed(graph: Graph) -> list[Any]:
        content: Any = described(graph, "prov").content
        return [one for one in content["wasGeneratedBy"].values() if "prov:activity" not in one]

    [said] = unnamed(gappy)
    assert said["prov:entity"].startswith("dataset:")
    assert said["dslineage:gap"].startswith("unrecorded-step: ")


def test_a_recorded_step_stands_between_two_versions(whole: Graph) -> None:
    content: Any = described(whole, "prov").content
    [revision] = [
        one
        for one in content["wasDerivedFrom"].values()
        if one.get("prov:type", {}).get("$") == "prov:Revision"
    ]
    assert revision["prov:activity"].startswith("step:")
    assert revision["dslineage:evidence"] == "recorded"
