"""Croissant: mlcroissant loads and validates it, `source add` reads it, and nothing is fetched."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dslineage.lineage.croissant import read_croissant
from dslineage.lineage.graph import Graph
from tests.standards.world import described

mlc = pytest.importorskip("mlcroissant", reason="the group `standards` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")


def loaded(content: Any) -> Any:
    return mlc.Dataset(jsonld=json.loads(json.dumps(content))).metadata


def test_it_is_valid_and_says_what_it_was_derived_from(gappy: Graph) -> None:
    content: Any = described(gappy, "croissant").content
    metadata = loaded(content)
    assert list(metadata.ctx.issues.errors) == []
    again = metadata.to_json()
    origin = again["prov:wasDerivedFrom"]
    assert origin["@id"] == content["prov:wasDerivedFrom"][0]["@id"]
    assert origin["prov:atLocation"] == "https://huggingface.co/datasets/openai/gsm8k"
    assert again["distribution"][0]["sha256"] == content["distribution"][0]["sha256"]
    assert metadata.data_collection == "source:gsm8k: written by annotators"
    assert metadata.data_limitations == [
        "Not known: train@v2: which step changed it is not recorded; a diff shows what changed"
    ]


def test_a_file_without_a_hash_or_an_address_and_an_unknown_release_are_refused(
    gappy: Graph,
) -> None:
    content: Any = described(gappy, "croissant").content
    unhashed, nowhere = copy.deepcopy(content), copy.deepcopy(content)
    del unhashed["distribution"][0]["sha256"]
    del nowhere["distribution"][0]["contentUrl"]
    for broken in (unhashed, nowhere, content | {"conformsTo": ["http://example.org/9"]}):
        with pytest.raises(mlc.ValidationError):
            loaded(broken)


def test_what_was_written_can_be_added_as_a_source(gappy: Graph, tmp_path: Path) -> None:
    content: Any = described(gappy, "croissant").content
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(content))
    described_ = read_croissant(path)
    assert described_.title == "train"
    assert described_.license is not None
    assert described_.license.name == "CC-BY-4.0"
    assert described_.revision == "2.0.0"
    assert [str(file.sha256) for file in described_.files] == [
        f"sha256:{content['distribution'][0]['sha256']}"
    ]
