"""Real versions of real data sets, with the counts that are known of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from dslineage.adapters.base import Adapter
from dslineage.adapters.detect import detect, detect_key
from dslineage.adapters.fields import Fields
from dslineage.diff.result import DiffResult, SchemaChange
from tests.diff.chat import compared, counts

TOOLFORMER = "toolformer/toolformer-{}.json"
PROMPTS = {
    "r03": "prompts/prompts-r03-93de120f.csv",
    "r04": "prompts/prompts-r04-94deb7a7.csv",
    "r05": "prompts/prompts-r05-c7a6a114.csv",
}


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        examples: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return examples
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def toolformer(data: Path, before: str, after: str) -> DiffResult:
    first, second = (read(data / TOOLFORMER.format(name)) for name in (before, after))
    return compared(first, second, detect(first[:1000]).adapter)


def test_texts_repaired_on_the_way_are_edits_of_the_encoding(shared_data: Path) -> None:
    result = toolformer(shared_data, "dedupe-only", "similarity-0.9")
    assert counts(result) == (5942, 17, 1714, 0)
    assert result.edits["encoding"] == 17
    assert not result.reordered


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("similarity-0.9", "similarity-0.8", (4643, 0, 1316, 66)),
        ("similarity-0.8", "similarity-0.7", (3371, 0, 1338, 116)),
        ("similarity-0.7", "similarity-0.6", (2245, 0, 1242, 151)),
    ],
)
def test_texts_admitted_again_are_added_and_not_edited(
    shared_data: Path, before: str, after: str, expected: tuple[int, int, int, int]
) -> None:
    result = toolformer(shared_data, before, after)
    assert counts(result) == expected
    assert result.related > 0


@pytest.mark.parametrize("adapter", ["detected", "fields"])
def test_an_added_column_does_not_hide_which_prompts_were_edited(
    shared_data: Path, adapter: str
) -> None:
    before, after = (read(shared_data / PROMPTS[name]) for name in ("r03", "r04"))
    chosen: Adapter = detect(before).adapter if adapter == "detected" else Fields()
    for key in (None, "act"):
        result = compared(before, after, chosen, key=key)
        assert counts(result) == (139, 37, 0, 36)
        assert result.schema_changes == (SchemaChange("added", "for_devs", 212),)
        pairs = [row for row in result.rows or () if row.before and row.after]
        retitled = [row for row in pairs if row.before["act"] != row.after["act"]]  # type: ignore[index]
        reworded = [row for row in retitled if row.before["prompt"] != row.after["prompt"]]  # type: ignore[index]
        assert (len(retitled), len(reworded)) == (19, 1)


def test_two_added_columns_and_a_title_that_repeats_hide_no_rows(shared_data: Path) -> None:
    before, after = (read(shared_data / PROMPTS[name]) for name in ("r04", "r05"))
    adapter = detect(before).adapter
    assert detect_key(before, adapter) == detect_key(after, adapter) == "act"
    result = compared(before, after, adapter, key="act")
    assert counts(result) == (204, 4, 4, 149)
    assert [change.field for change in result.schema_changes] == ["contributor", "type"]
    back = compared(after, before, adapter, key="act")
    assert counts(back) == (204, 4, 149, 4)
