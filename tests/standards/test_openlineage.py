"""OpenLineage: the classes of its own client are built of the events; a broken event is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from dslineage.lineage.graph import Graph
from dslineage.standards.document import document
from tests.records.test_schemas import schema
from tests.standards.world import described

pytest.importorskip("openlineage", reason="the group `standards` is not installed")


def built(event: dict[str, Any]) -> Any:
    """The event as its class; each facet as the class that its schema names."""
    from openlineage.client.generated.base import (
        DatasetEvent,
        EventType,
        InputDataset,
        Job,
        OutputDataset,
        Run,
        RunEvent,
        StaticDataset,
    )

    common = {"eventTime": event["eventTime"], "producer": event["producer"]}
    if "dataset" in event:
        found: Any = DatasetEvent(dataset=typed(StaticDataset, event["dataset"]), **common)
    else:
        found = RunEvent(
            run=typed(Run, event["run"]),
            job=typed(Job, event["job"]),
            eventType=EventType(event["eventType"]),
            inputs=[typed(InputDataset, one) for one in event["inputs"]],
            outputs=[typed(OutputDataset, one) for one in event["outputs"]],
            **common,
        )
    assert found.schemaURL == event["schemaURL"]
    return found


def typed(kind: Any, said: dict[str, Any]) -> Any:
    facets = {name: facet(name, one) for name, one in said.get("facets", {}).items()}
    return kind(**{**said, "facets": facets})


def facet(name: str, said: dict[str, Any]) -> Any:
    """A facet of the standard, as its class; one of our own, as it is."""
    from openlineage.client.generated import (
        data_quality_metrics_dataset,
        dataset_type_dataset,
        dataset_version_dataset,
        datasource_dataset,
        job_type_job,
        lineage,
        schema_dataset,
    )

    kinds: dict[str, Any] = {
        "version": dataset_version_dataset.DatasetVersionDatasetFacet,
        "datasetType": dataset_type_dataset.DatasetTypeDatasetFacet,
        "lineage": lineage.LineageDatasetFacet,
        "schema": schema_dataset.SchemaDatasetFacet,
        "dataSource": datasource_dataset.DatasourceDatasetFacet,
        "dataQualityMetrics": data_quality_metrics_dataset.DataQualityMetricsDatasetFacet,
        "jobType": job_type_job.JobTypeJobFacet,
    }
    if name.startswith("dslineage_"):
        return said
    members = {key: value for key, value in said.items() if not key.startswith("_")}
    if name == "lineage":
        members["inputs"] = [lineage.LineageDatasetInput(**one) for one in members["inputs"]]
    found = kinds[name](**members, producer=said["_producer"])
    assert found._get_schema() == said["_schemaURL"]
    return found


def test_events_are_what_the_client_would_send(gappy: Graph) -> None:
    for node in gappy.nodes():
        events: Any = document(gappy, node, "openlineage").content
        assert [built(event) for event in events]


def test_a_broken_event_is_refused(gappy: Graph) -> None:
    events: Any = described(gappy, "openlineage").content
    [ended] = [one for one in events if one.get("eventType") == "COMPLETE" and
               one["job"]["namespace"].endswith("run")]  # fmt: skip
    breaks: list[Callable[[Any], Any]] = [
        lambda event: event["run"].update(runId="tiny"),
        lambda event: event.update(eventTime="yesterday"),
        lambda event: event.update(eventType="DONE"),
        lambda event: event["outputs"][0].pop("namespace"),
        lambda event: event["outputs"][0]["facets"]["datasetType"].pop("datasetType"),
    ]
    for break_ in breaks:
        broken = copy.deepcopy(ended)
        break_(broken)
        with pytest.raises((ValueError, TypeError)):
            built(broken)


def test_our_own_facet_is_what_its_schema_says(gappy: Graph) -> None:
    events: Any = described(gappy, "openlineage").content
    validator = schema("openlineage-record-facet")
    found = [one["run"] for one in events if "run" in one]
    found += [one["dataset"] for one in events if "dataset" in one]
    found += [one for event in events for one in event.get("outputs", [])]
    for one in found:
        said = one["facets"]["dslineage_record"]
        assert validator.is_valid(said)
        assert not validator.is_valid(said | {"gaps": [{"kind": "licence"}]})
        assert not validator.is_valid(said | {"more": 1})


def test_what_has_no_recorded_source_says_so_and_a_checkpoint_is_a_model(gappy: Graph) -> None:
    events: Any = described(gappy, "openlineage").content
    made = [one["dataset"] for one in events if "dataset" in one]
    made += [one for event in events for one in event.get("outputs", [])]
    above = {
        f"{one['namespace']}/{one['name']}": [
            inner["name"] for inner in one["facets"]["lineage"]["inputs"]
        ]
        for one in made
        if one["name"] != "train"
    }
    assert above == {
        "dslineage://source/gsm8k": [],
        "dslineage://dataset/raw": ["gsm8k"],
        "dslineage://model/tiny": ["train"],
    }
    [model] = [one for one in made if one["name"] == "tiny"]
    assert model["facets"]["datasetType"]["datasetType"] == "MODEL"
