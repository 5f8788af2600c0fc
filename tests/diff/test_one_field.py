"""Where one field is all that differs, the diff says so and how to compare without it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.files import diff_files

Row = dict[str, Any]


def rows(count: int = 20) -> list[Row]:
    return [
        {"id": f"{n * n + 7:x}-{n}", "prompt": f"What is {n} and {n}?", "completion": f"{2 * n}."}
        for n in range(count)
    ]


def notices(tmp_path: Path, before: Iterable[Row], after: Iterable[Row], **how: Any) -> str:
    paths = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for path, some in zip(paths, (before, after), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in some))
    return "\n".join(diff_files(*paths, options=DiffOptions(metrics=False, **how)).notices)


def test_ids_that_were_all_given_anew_are_one_line(tmp_path: Path) -> None:
    anew = [row | {"id": f"{n:08x}-new"} for n, row in enumerate(rows())]
    said = "only the field 'id' differs in all 20 edited examples: --ignore id compares without it"
    assert said in notices(tmp_path, rows(), anew)
    result = diff_files(
        tmp_path / "a.jsonl", tmp_path / "b.jsonl", options=DiffOptions(ignore=("id",))
    )
    assert (result.edited, result.unchanged) == (0, 20)


def test_so_is_a_date_of_export_under_ids_that_stay(tmp_path: Path) -> None:
    old, new = ([row | {"day": day} for row in rows()] for day in ("2026-01-01", "2026-02-01"))
    said = "only the field 'day' differs in all 20 edited examples: --ignore day"
    assert said in notices(tmp_path, old, new)
    assert said in notices(tmp_path, old, new, rows=True, samples=0)


@pytest.mark.parametrize(
    "changed",
    [
        lambda row: row | {"day": 2, "source": 2},
        lambda row: row | {"day": 2, "completion": "7."},
        lambda row: row | ({"day": 2} if row["day"] else {"source": 2}),
        lambda row: row | {"day": 2, "source": True if row["day"] else 1},
    ],
    ids=["two fields", "an answer too", "now this, now that", "a value equal to Python alone"],
)
def test_nothing_is_said_where_something_else_differs_too(
    tmp_path: Path, changed: Callable[[Row], Row]
) -> None:
    old = [row | {"day": n % 2, "source": 1} for n, row in enumerate(rows())]
    assert "only the field" not in notices(tmp_path, old, map(changed, old))


def test_a_few_edits_are_no_pattern(tmp_path: Path) -> None:
    old = [row | {"day": 1} for row in rows()]
    new = [row | {"day": 2} if n < 9 else row for n, row in enumerate(old)]
    assert "only the field" not in notices(tmp_path, old, new)
    new = [row | {"day": 2} if n < 10 else row for n, row in enumerate(old)]
    assert "in all 10 edited examples" in notices(tmp_path, old, new)
