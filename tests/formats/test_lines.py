"""Offsets as lines and columns."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from dslineage.formats.lines import Place, locate


def place_of(data: bytes, offset: int) -> Place:
    before = data[:offset]
    ends = [end.end() for end in re.finditer(rb"\r\n|\r|\n", data) if end.end() <= offset]
    start = ends[-1] if ends else 0
    return Place(len(ends) + 1, len(before[start:].decode().removeprefix("\ufeff")) + 1)


@given(
    text=st.text(st.sampled_from("a\r\n\u2028é🙂"), max_size=40),
    bom=st.sampled_from(["", "\ufeff"]),
    picks=st.lists(st.integers(0, 40), max_size=6),
    chunk=st.integers(1, 12),
)
def test_lines_end_as_editors_see_them_and_columns_count_characters(
    text: str, bom: str, picks: list[int], chunk: int
) -> None:
    data = (bom + text).encode()
    offsets = [len((bom + text[:pick]).encode()) for pick in picks]
    with TemporaryDirectory() as folder:
        path = Path(folder, "text")
        path.write_bytes(data)
        assert locate(path, offsets, chunk=chunk) == [place_of(data, at) for at in offsets]


def test_the_start_of_a_file_with_a_byte_order_mark_is_its_first_column(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xef\xbb\xbfab")

    assert locate(path, [0, 3, 4, 5]) == [Place(1, 1), Place(1, 1), Place(1, 2), Place(1, 3)]


def test_an_empty_file_has_a_first_place(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"")

    assert locate(path, [0]) == [Place(1, 1)]


def test_bytes_that_are_not_utf8_count_one_column_each(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a\xff\xfeb")

    assert locate(path, [3]) == [Place(1, 4)]
