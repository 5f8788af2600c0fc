"""Why a metric of categories moved: it has no figure of its own, but shares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Dslineage

LATIN = [{"instruction": f"Count to {n}.", "output": "One and so on."} for n in range(8)]
HAN = [{"instruction": f"数到{n}。", "output": "一，二，三。"} for n in range(2)]


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    for path, rows in zip(paths, (LATIN, [*LATIN, *HAN]), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return paths


def test_the_share_that_moved_most_stands_behind_the_name_and_examples_say_what_they_did_to_it(
    sides: tuple[Path, Path], dslineage: Dslineage
) -> None:
    lines = dslineage("diff", *sides, "--why", "script_mix").out.splitlines()
    moved, chance, other = lines[2:5]
    assert moved == "script_mix ·  Han 0.00% → 20.00% (0 → 2 examples)"
    assert chance.strip() == (
        "before, all examples were alike in this: a random change made of them moves nothing"
    )
    assert other == "    Latin 100.00% → 80.00% (8 → 8 examples)"
    assert "why script_mix  2 examples that moved the share of Han" in lines
    assert lines.count("      script_mix Han  +10.0 pp of Han") == 2
    page = dslineage("diff", *sides, "--why", "script_mix", "--format", "md").out
    assert "#### why script\\_mix: 2 examples that moved the share of Han" in page
    assert "Han, \\+10\\.0 pp of Han" in page


def test_where_no_share_moved_that_is_said(sides: tuple[Path, Path], dslineage: Dslineage) -> None:
    old, new = sides
    new.write_text("".join(old.read_text().splitlines(keepends=True)[:-1]))
    out = dslineage("diff", old, new, "--why", "script_mix").out
    assert "script_mix ·  the same shares on both sides\n" in out
    assert "why script_mix  no changed example moved it\n" in out
