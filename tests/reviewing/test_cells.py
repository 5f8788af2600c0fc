"""Laws of cells and of new texts in raw records."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dslineage.canonical.rows import Row
from dslineage.canonical.strict import parse_record
from dslineage.formats.base import Limits
from dslineage.formats.delimited import Delimited
from dslineage.reviewing.cells import LIMIT, armed, cell_of, defused, text_of, units
from dslineage.reviewing.leaves import leaves, name_of, with_texts
from dslineage.reviewing.mangling import mangle
from dslineage.reviewing.splicing import cells_spliced, json_spliced

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30) | st.text(
    "=+-@'\t\r\n \"\\,;<≤é1", max_size=12
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
EXAMPLES = st.dictionaries(TEXTS, VALUES, max_size=4)


def in_common(one: bytes, other: bytes) -> int:
    """How many bytes two byte strings begin with alike."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@given(TEXTS)
def test_a_defused_text_is_run_by_no_spreadsheet_and_comes_back(text: str) -> None:
    cell = defused(text)
    assert armed(cell) == text
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@given(TEXTS)
def test_an_untouched_cell_means_the_text_it_was_written_of(text: str) -> None:
    cell = cell_of(text)
    assert units(cell.text) <= LIMIT
    if cell.held:
        assert text_of(cell.text, text) == text


@given(EXAMPLES, TEXTS, st.booleans(), st.booleans(), st.data())
def test_a_new_text_in_a_raw_record_changes_that_text_and_no_other(
    example: dict[str, Any], new: str, ascii_only: bool, spaced: bool, data: st.DataObject
) -> None:
    raw = json.dumps(
        example,
        ensure_ascii=ascii_only,
        separators=(" , ", " : ") if spaced else (",", ":"),
    ).encode()
    parsed = parse_record(raw)
    assert isinstance(parsed, dict)
    found = leaves(parsed)
    assume(found)
    path = data.draw(st.sampled_from(sorted(found, key=str)))
    spliced = json_spliced(raw, {path: new})
    assert parse_record(spliced) == with_texts(parsed, {path: new})
    token = len(json.dumps(found[path], ensure_ascii=ascii_only).encode())
    assert in_common(raw, spliced) + in_common(raw[::-1], spliced[::-1]) >= len(raw) - token
    assert len({name_of(one) for one in found}) == len(found)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS, st.data())
def test_a_new_cell_in_a_raw_record_changes_that_cell_and_no_other(
    cells: list[str], new: str, data: st.DataObject
) -> None:
    raw = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells).encode()
    place = data.draw(st.integers(0, len(cells) - 1))
    names = tuple(str(number) for number in range(len(cells)))
    (row,) = Delimited("csv", ",", names).parse([cells_spliced(raw, ",", {place: new})], Limits())
    assert isinstance(row, Row)
    assert list(row.value.values()) == [*cells[:place], new, *cells[place + 1 :]]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("4", "5"), ("4", 5), ("hello", "hello world"), ("don't", "don’t do it"), ("1-2", "1-3"),
        ("2024-02-01", "2024-02-02"), ("a cat", "a dog"), ("May", "June"), ("", "new"),
        ("wrong 😀", "wrong"), ("a b", "ab"), ("2+2=5", "2+2=4"), ("true", "false"),
        ("$5", "$6"), ("version 1.0", "version 1.00"),
    ],
)  # fmt: skip
def test_what_a_person_does_is_not_taken_for_a_program(before: str, now: Any) -> None:
    assert mangle(before, now) == ""
