"""Writing examples: six formats, whole files or none, and what a spreadsheet may do with them."""

from __future__ import annotations

import errno
import json
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dslineage.canonical.rows import Row
from dslineage.errors import BadDataError, ResourceError, UsageError
from dslineage.formats.writers import FORMATS, write_examples
from tests.formats.reading import read
from tests.tables.files import canonical, read_table
from tests.tables.strategies import EXAMPLES, TEXT

ODD: list[dict[str, Any]] = [
    {"b": 'say "hi"', "a": "é, \u2028 😀", "n": 2**80},
    {"a": "two\nlines", "x": [1, None, {}], "t": True},
]


def _write(path: Path, examples: list[dict[str, Any]], **options: Any) -> tuple[str, ...]:
    """Write a file of the format that its suffix names; the notices."""
    return write_examples(path, lambda: iter(examples), path.suffix[1:], **options).notices


def test_jsonl_keeps_text_numbers_and_the_order_of_members(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert _write(path, ODD) == ()
    assert path.read_text(encoding="utf-8") == (
        '{"b":"say \\"hi\\"","a":"é, \u2028 😀","n":1208925819614629174706176}\n'
        '{"a":"two\\nlines","x":[1,null,{}],"t":true}\n'
    )


def test_a_json_array_has_one_example_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    _write(path, [{"a": 1}, {"a": 2}])
    assert path.read_text() == '[\n{"a":1},\n{"a":2}\n]\n'
    _write(path, [])
    assert path.read_text() == "[]\n"


@given(examples=EXAMPLES.filter(bool), name=st.sampled_from(["jsonl", "json"]))
@settings(deadline=None)
def test_json_examples_come_back_the_same(
    examples: list[dict[str, Any]], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / f"a.{name}"
    _write(path, examples)
    assert [row.canonical.decode() for row in _rows(path)] == canonical(examples)


def test_csv_has_strings_as_they_are_and_everything_else_as_json(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert _write(path, ODD) == (
        "4 cells are empty since the example has no such field",
        "3 cells are no text, and hold JSON",
    )
    assert path.read_bytes().decode() == (
        "b,a,n,x,t\n"
        '"say ""hi""","é, \u2028 😀",1208925819614629174706176,,\n'
        ',"two\nlines",,"[1,null,{}]",true\n'
    )


CELLS = TEXT.filter(lambda text: "\0" not in text)


@given(
    rows=st.lists(st.fixed_dictionaries({"a": CELLS, " b,\t": CELLS}), min_size=1, max_size=4)
    | st.lists(st.fixed_dictionaries({"only": CELLS}), min_size=1, max_size=4),
    name=st.sampled_from(["csv", "tsv"]),
)
@settings(deadline=None)
def test_cells_of_text_come_back_the_same(
    rows: list[dict[str, str]], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / f"a.{name}"
    assert _write(path, rows) == ()
    assert [row.value for row in _rows(path)] == rows


def test_formulas_are_kept_unless_a_spreadsheet_is_to_be_kept_safe(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    examples = [{"a": text} for text in ("=1+1", "+1", "-1", "@x", "\tx", "plain", "a=b")]
    _write(path, examples)
    assert path.read_text() == "a\n=1+1\n+1\n-1\n@x\n\tx\nplain\na=b\n"
    notices = _write(path, examples, neutralise=True)
    assert notices == ("5 cells have a ' in front so that no spreadsheet runs them",)
    assert path.read_text() == "a\n'=1+1\n'+1\n'-1\n'@x\n'\tx\nplain\na=b\n"


@pytest.mark.parametrize("name", FORMATS)
def test_chosen_columns_come_alone_and_in_their_order(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    _write(
        path, [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "", "c": "6"}], columns=["c", "a"]
    )
    back = read_table(path) if name in ("parquet", "arrow") else [row.value for row in _rows(path)]
    assert [list(example.items()) for example in back] == [
        [("c", "3"), ("a", "1")],
        [("c", "6"), ("a", "4")],
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_column_that_no_example_has_is_refused_and_the_old_file_stays(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{name}"
    path.write_text("old")
    with pytest.raises(UsageError, match="no example has a field 'mesages'") as caught:
        _write(path, [{"messages": "x"}], columns=["mesages"])
    assert caught.value.hint == "fields: messages"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


NO_JSON = [float("nan"), float("inf"), "\ud800", {1: 2}, object(), b"x"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "value", NO_JSON, ids=["nan", "inf", "surrogate", "key", "object", "bytes"]
)
def test_what_is_no_json_is_refused_and_nothing_is_written(
    value: Any, name: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{name}"
    with pytest.raises(BadDataError):
        _write(path, [{"a": 1}, {"a": value}])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("example", "kind"),
    [({"a": "x\0y"}, "nul-byte"), ({}, "no-header"), ({"": "x"}, "no-header")],
    ids=["nul", "no-fields", "no-name"],
)
def test_csv_refuses_what_it_cannot_hold(
    example: dict[str, str], kind: str, tmp_path: Path
) -> None:
    with pytest.raises(BadDataError) as caught:
        _write(tmp_path / "a.csv", [example])
    assert caught.value.kind == kind


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown format 'xml'"):
        _write(tmp_path / "a.xml", [])


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_leaves_the_old_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    path.write_text("old")

    def examples() -> Iterator[dict[str, Any]]:
        yield {"a": 1}
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ResourceError) as caught:
        write_examples(path, examples, name)
    assert re.sub(r"[0-9,]+ bytes", "N bytes", caught.value.message) == (
        f"{path} was not written: No space left on device (errno 28), N bytes are free; "
        "what stood there is untouched"
    )
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "old"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="No such file or directory"):
        _write(tmp_path / "missing" / "a.jsonl", [{"a": 1}])


@pytest.mark.parametrize("name", FORMATS)
def test_examples_stream_through_without_being_held(name: str, tmp_path: Path) -> None:
    def examples() -> Iterator[dict[str, Any]]:
        return ({"id": row, "text": f"{row:07d}" * 300} for row in range(8000))

    write_examples(tmp_path / f"a.{name}", lambda: iter([{"id": 0}]), name)  # imports hold memory
    tracemalloc.start()
    write_examples(tmp_path / f"a.{name}", examples, name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


def _rows(path: Path) -> list[Row]:
    """The rows of a text file, by the readers of the library."""
    reading = read(path, path.parent)
    assert reading.faults == []
    return reading.rows


def test_what_json_itself_reads_is_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    _write(path, ODD)
    assert json.loads(path.read_text(encoding="utf-8")) == ODD


def test_a_file_may_have_a_long_name_in_any_script_and_keeps_its_permissions(
    tmp_path: Path,
) -> None:
    path = tmp_path / ("長" * 80 + ".jsonl")
    _write(path, [{"a": 1}])
    path.chmod(0o600)
    _write(path, [{"a": 2}])
    assert path.read_bytes() == b'{"a":2}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ResourceError, match="was not written"):
        _write(tmp_path / "nowhere" / "a.jsonl", [{"a": 1}])
