"""Real data sets with a history, from files to the figures that a user sees."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from dslineage.files import diff_files
from tests.versions.support import Bench

STEPS = ["dedupe-only", "similarity-0.9", "similarity-0.8", "similarity-0.7", "similarity-0.6"]


def counts(document: dict[str, Any]) -> tuple[int, int, int, int]:
    examples = document["examples"]
    return (
        examples["unchanged"],
        examples["removed"],
        examples["edited"],
        examples["added"],
    )


@pytest.fixture(scope="module")
def toolformer(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Bench:
    bench = Bench.make(tmp_path_factory.mktemp("toolformer"))
    for step in STEPS:
        data = (shared_data / f"toolformer/toolformer-{step}.json").read_bytes()
        bench.commit("tool.json", data)
    (bench.root / "tool.json").unlink()
    shutil.rmtree(bench.objects / "cache")
    return bench


def test_wrong_decodings_are_edits_of_that_kind_and_nothing_else(toolformer: Bench) -> None:
    result = toolformer.repo.diff("v1", "v2").to_dict()
    assert counts(result) == (5942, 1714, 17, 0)
    assert result["edits"]["encoding"] == 17


@pytest.mark.parametrize(
    ("before", "after", "unchanged", "left", "right"),
    [("v2", "v3", 4643, 1316, 66), ("v3", "v4", 3371, 1338, 116), ("v4", "v5", 2245, 1242, 151)],
)
def test_examples_that_come_back_are_no_edits_though_their_preambles_agree(
    toolformer: Bench, before: str, after: str, unchanged: int, left: int, right: int
) -> None:
    result = toolformer.repo.diff(before, after).to_dict()
    kept, removed, edited, added = counts(result)
    assert (kept, removed + edited, added + edited) == (unchanged, left, right)
    assert edited <= 1


def test_checkout_works_when_the_file_and_the_cache_are_gone(
    toolformer: Bench, shared_data: Path
) -> None:
    toolformer.repo.checkout("v2")
    original = shared_data / "toolformer/toolformer-similarity-0.9.json"
    assert (toolformer.root / "tool.json").read_bytes() == original.read_bytes()


def test_a_new_column_is_one_schema_change_and_edits_stay_edits(shared_data: Path) -> None:
    folder = shared_data / "prompts"
    result = diff_files(
        folder / "prompts-r03-93de120f.csv", folder / "prompts-r04-94deb7a7.csv"
    ).to_dict()
    assert counts(result) == (139, 0, 37, 36)
    assert result["schema_changes"] == [{"op": "added", "field": "for_devs", "examples": 212}]
    pairing = result["pairing"]
    assert (pairing["unkeyed"], pairing["key"], sum(pairing.values())) == (18, 18, 37)


def test_two_new_columns_and_a_key_that_repeats_hide_no_row(shared_data: Path) -> None:
    folder = shared_data / "prompts"
    result = diff_files(
        folder / "prompts-r04-94deb7a7.csv", folder / "prompts-r05-c7a6a114.csv"
    ).to_dict()
    assert counts(result) == (204, 4, 4, 149)
    assert [change["field"] for change in result["schema_changes"]] == ["contributor", "type"]


def test_a_diff_reads_the_same_from_versions_and_from_files(
    toolformer: Bench, shared_data: Path
) -> None:
    folder = shared_data / "toolformer"
    from_files = diff_files(
        folder / "toolformer-dedupe-only.json", folder / "toolformer-similarity-0.9.json"
    ).to_dict()
    from_versions = toolformer.repo.diff("v1", "v2").to_dict()
    assert from_files["examples"] == from_versions["examples"]
    assert from_files["pairing"] == from_versions["pairing"]
    assert from_files["from"]["content_hash"] == from_versions["from"]["content_hash"]
