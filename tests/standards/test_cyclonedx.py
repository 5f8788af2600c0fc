"""CycloneDX: the strict validators of 1.6 and 1.7, and what they refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from dslineage.lineage.graph import Graph
from dslineage.standards.document import Standard, document
from dslineage.standards.facts import uri_reference
from tests.standards.world import described

pytest.importorskip("cyclonedx", reason="the group `standards` is not installed")
RELEASES: tuple[Standard, ...] = ("cyclonedx-1.6", "cyclonedx-1.7")
every_release = pytest.mark.parametrize("release", RELEASES)


def complaint(content: Any, release: Standard) -> str | None:
    """What the strict validator says."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(release.removeprefix("cyclonedx-"))
    found = JsonStrictValidator(version).validate_str(json.dumps(content))
    return None if found is None else str(found)


@every_release
def test_models_and_versions_are_valid(gappy: Graph, release: Standard) -> None:
    for kind in ("model", "dataset"):
        for node in gappy.nodes(kind):
            assert complaint(document(gappy, node, release).content, release) is None


@every_release
def test_what_the_schema_does_not_allow_is_refused(gappy: Graph, release: Standard) -> None:
    content: Any = described(gappy, release).content
    breaks: list[Callable[[Any], Any]] = [
        lambda bom: bom["metadata"]["component"].update(type="model"),
        lambda bom: bom["metadata"]["component"]["modelCard"].update(gaps=[]),
        lambda bom: bom["compositions"][0].update(aggregate="partial"),
        lambda bom: bom["components"][0].pop("name"),
        lambda bom: bom.update(serialNumber="7"),
    ]
    for break_ in breaks:
        broken = copy.deepcopy(content)
        break_(broken)
        assert complaint(broken, release) is not None


def test_what_is_not_known_makes_a_composition_unknown_or_incomplete(gappy: Graph) -> None:
    content: Any = described(gappy, "cyclonedx-1.6").content
    said = {one["dependencies"][0].partition(":")[0]: one["aggregate"]
            for one in content["compositions"]}  # fmt: skip
    assert said == {"dataset": "unknown", "model": "incomplete"}


def test_the_card_of_a_model_names_its_data_base_and_scores(gappy: Graph) -> None:
    content: Any = described(gappy, "cyclonedx-1.7").content
    component = content["metadata"]["component"]
    [data] = component["modelCard"]["modelParameters"]["datasets"]
    refs = {one["bom-ref"]: one for one in content["components"]}
    assert (refs[data["ref"]]["name"], refs[data["ref"]]["version"]) == ("train", "v2")
    assert component["pedigree"]["ancestors"][0]["name"] == "org/smol"
    assert component["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "gsm8k", "value": "0.71"}
    ]
    assert component["licenses"][0]["license"]["id"] == "Apache-2.0"


URIS = st.text(st.sampled_from("ab1:/?#[]@%é{}|<>^`\\+.-~")) | st.sampled_from(
    [
        "s3://b/%zz",
        "https://[::1]:80/x",
        "//x",
        ":",
        "a:b:c",
        "https://a:b/",
        "//[",
        "http://a@b@c/",
    ]
)


@given(URIS.map(lambda text: f"a{text}") | URIS)
@settings(max_examples=300)
def test_any_address_becomes_one_that_the_schema_allows(text: str) -> None:
    assert Draft7Validator(
        {"type": "string", "format": "iri-reference"}, format_checker=FormatChecker()
    ).is_valid(uri_reference(text))


def test_an_address_that_is_one_stays() -> None:
    for text in ("https://example.org/a?b=c#d", "hf://datasets/a/b@main", "data/x.jsonl", "org/m"):
        assert uri_reference(text) == text
