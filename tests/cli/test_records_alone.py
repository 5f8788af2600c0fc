"""A diff in a clone without objects: what the records know is said, and no more."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import dslineage as library
from tests.cli.conftest import Dslineage

PAIRS = (("v1", "v2"), ("v2", "v3"), ("v3", "v4"))
HINT = "dslineage fetch"


@pytest.fixture
def clone(support: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo as git clones it: records and pointers, and no objects."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(support), str(folder)], check=True)
    monkeypatch.chdir(folder)
    return folder


def whole(support: Path, *refs: str) -> dict[str, Any]:
    return library.Repository.open(support).diff(*refs).to_dict()


@pytest.mark.parametrize("refs", PAIRS, ids=" ".join)
def test_of_parent_and_child_all_counts_and_figures_are_those_of_the_whole_diff(
    clone: Path, support: Path, dslineage: Dslineage, refs: Sequence[str]
) -> None:
    ran = dslineage("diff", *refs, "--json")
    assert ran.code == 0
    assert ran.json["known"] == "records"
    expected = whole(support, *refs)
    named = ("from", "to", "identical", "reordered", "examples", "edits", "schema_changes")
    for name in (*named, "media_changed"):
        assert ran.json[name] == expected[name], name
    moves = {one["metric"]: one for one in expected["metrics"]}
    assert {one["metric"] for one in ran.json["metrics"]} == set(moves)
    for one in ran.json["metrics"]:
        same = ("id", "comparable", "from", "to", "delta", "better", "unit", "kind")
        assert [one[name] for name in same] == [moves[one["metric"]][name] for name in same]


def test_status_says_how_the_data_comes_here(clone: Path, dslineage: Dslineage) -> None:
    (clone / "support.jsonl").unlink(missing_ok=True)
    ran = dslineage("status")
    assert "missing" in ran.out
    assert ran.out.endswith("hint: dslineage pull\n")


def test_what_only_examples_tell_is_null(clone: Path, dslineage: Dslineage) -> None:
    document = dslineage("diff", "v2", "v3", "--json").json
    assert [document[name] for name in ("bytes_only", "pairing", "related")] == [None] * 3
    (moved,) = [one for one in document["metrics"] if one["metric"] == "bad_chars"]
    assert [moved[name] for name in ("added", "removed", "edited", "moved")] == [None] * 4
    assert moved["affected"] == {"from": 6, "to": 0, "added": None, "removed": None, "edited": None}
    (mixed,) = [one for one in document["metrics"] if one["metric"] == "script_mix"]
    assert mixed["labels"] == [{"label": "Latin", "examples": [288, 288]}]
    assert "rows" not in document
    assert "random_change" not in str(document)


def test_people_are_told_what_it_rests_on_and_how_objects_come_here(
    clone: Path, support: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("diff", "v2", "v3")
    assert ran.code == 0
    assert ran.out.startswith("support  v2 → v3  from records alone\n")
    assert "bad_chars    ↓ better  76.3 ppm → 0.0 ppm  −76.3 ppm" in ran.out
    assert "  ~ 105 edited\n" in ran.out
    assert "edits      prompt 2 · response 103 · formatting 5 · encoding 5" in ran.out
    assert "the examples are not here" in ran.out
    assert ran.out.endswith(f"next: {HINT}\n")
    remote = ("remote", "add", "--local", "store", str(support.parent / "objects"))
    for command in (
        ("-C", str(support), *remote),
        ("-C", str(support), "push"),
        remote,
        ("fetch",),
    ):
        assert dslineage(*command).code == 0
    assert dslineage("diff", "v2", "v3", "--json").json == whole(support, "v2", "v3")


@pytest.mark.parametrize(
    "options",
    [
        ["--rows"],
        ["--why", "bad_chars"],
        ["--by", "source"],
        ["--kind", "response"],
        ["--key", "id"],
        ["--format", "csv"],
        ["--format", "html"],
    ],
    ids=" ".join,
)
def test_what_needs_the_examples_is_an_error_that_says_how_to_get_them(
    clone: Path, dslineage: Dslineage, options: list[str]
) -> None:
    ran = dslineage("diff", "v2", "v3", *options)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("error: missing object")
    assert f"hint: {HINT}" in ran.err


def test_of_versions_that_are_no_parent_and_child_figures_are_known_and_counts_are_not(
    clone: Path, support: Path, dslineage: Dslineage
) -> None:
    for refs in (("v1", "v3"), ("v2", "v1")):
        document = dslineage("diff", *refs, "--json").json
        sizes = whole(support, *refs)["examples"]
        assert document["examples"] == dict.fromkeys(sizes) | {
            name: sizes[name] for name in ("from", "to")
        }
        unknown = ("reordered", "edits", "schema_changes", "media_changed")
        assert [document[name] for name in unknown] == [None] * 4
        expected = {one["metric"]: one["delta"] for one in whole(support, *refs)["metrics"]}
        assert {one["metric"]: one["delta"] for one in document["metrics"]} == expected
    assert "how many examples changed is not known" in dslineage("diff", "v1", "v3").out


def test_equal_content_has_no_changes_whatever_its_versions(
    clone: Path, dslineage: Dslineage
) -> None:
    same = dslineage("diff", "v2", "v2", "--json", "--exit-code")
    assert (same.code, same.json["identical"], same.json["examples"]["edited"]) == (0, True, 0)
    assert "the same 288 examples" in dslineage("diff", "v2", "v2").out
    assert dslineage("diff", "v2", "v3", "--exit-code").code == 1


def test_metrics_can_be_named_or_left_out(clone: Path, dslineage: Dslineage) -> None:
    named = dslineage("diff", "v2", "v3", "--metric", "refusal", "--json").json["metrics"]
    assert [one["metric"] for one in named] == ["refusal"]
    assert dslineage("diff", "v2", "v3", "--no-metrics", "--json").json["metrics"] == []
    wrong = dslineage("diff", "v2", "v3", "--metric", "refusals")
    assert wrong.code == 2
    assert "'refusals' is no metric of which a record has a figure" in wrong.err


def test_a_version_that_was_not_measured_is_said_to_be_so(
    clone: Path, dslineage: Dslineage
) -> None:
    for path in clone.glob(".dslineage/records/measurement/support/v2-*.json"):
        path.unlink()
    moves = dslineage("diff", "v2", "v3", "--json").json["metrics"]
    assert {one["reason"] for one in moves} == {"v2 was not measured"}
    assert "not comparable: v2 was not measured" in dslineage("diff", "v2", "v3").out


def test_a_working_file_has_no_records_to_compare(
    clone: Path, support: Path, dslineage: Dslineage
) -> None:
    shutil.copy(support / "support.jsonl", clone)
    ran = dslineage("diff", "v1")
    assert ran.code == 4
    assert f"hint: {HINT}" in ran.err
