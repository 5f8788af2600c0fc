"""Where nothing pairs but a field could, the diff names it."""

from __future__ import annotations

from tests.diff.chat import compared

ROWS = [{"sku": f"A-{n}", "price": n, "stock": 7, "text": f"word{n} " * 9} for n in range(40)]
CHANGED = [
    {"sku": row["sku"], "price": n + 1000, "stock": 9, "text": f"other{n} " * 9}
    for n, row in enumerate(ROWS)
]


def said(before: list[dict[str, object]], after: list[dict[str, object]]) -> list[str]:
    return [one for one in compared(before, after).notices if "--key" in one]


def test_a_field_that_is_unique_on_both_sides_is_named_with_the_option() -> None:
    (notice,) = said(ROWS, CHANGED)
    assert notice.startswith("nothing was paired; 'sku' is unique on both sides, and 40 of its")
    assert notice.endswith("add --key sku")
    result = compared(ROWS, CHANGED, named="sku")
    assert (result.edited, result.removed, result.added) == (40, 0, 0)
    assert not [one for one in result.notices if "--key" in one]


def test_nothing_is_said_where_no_field_could_pair() -> None:
    others = [row | {"sku": f"B-{n}"} for n, row in enumerate(CHANGED)]
    twice = [row | {"sku": "A-1"} for row in CHANGED]
    for after in (others, twice, CHANGED[:5], []):
        assert said(ROWS, after) == []
