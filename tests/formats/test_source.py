"""Opening a file: its format from its name, from an option, or from its first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import UsageError
from dslineage.formats.delimited import Delimited
from dslineage.formats.json_array import JsonArray
from dslineage.formats.jsonl import JsonLines
from dslineage.formats.source import open_text
from tests.formats.malformed import gzip_of
from tests.formats.reading import LIMITS, read, scan

SHARED_COUNTS = {
    "codealpaca/code_alpaca_2k.json": 2_017,
    "gsm8k/test.jsonl": 1_319,
    "gsm8k/train.jsonl": 7_473,
    "llamafactory/alpaca_en_demo.json": 999,
    "llamafactory/alpaca_zh_demo.json": 1_000,
    "llamafactory/c4_demo.jsonl": 300,
    "llamafactory/dpo_en_demo.json": 300,
    "llamafactory/glaive_toolcall_en_demo.json": 300,
    "llamafactory/identity.json": 91,
    "llamafactory/kto_en_demo.json": 300,
    "llamafactory/mllm_demo.json": 6,
    "llamafactory/reason_tool_use_demo_50.jsonl": 50,
    "llamafactory/v1_dpo_demo.jsonl": 10,
    "llamafactory/v1_sft_demo.jsonl": 500,
    "prompts/prompts-r01-def06dca.csv": 107,
    "prompts/prompts-r02-f8fef2d0.csv": 143,
    "prompts/prompts-r03-93de120f.csv": 176,
    "prompts/prompts-r04-94deb7a7.csv": 212,
    "prompts/prompts-r05-c7a6a114.csv": 357,
    "prompts/prompts-r06-f2782fa4.csv": 414,
    "prompts/prompts-r07-c43fb757.csv": 458,
    "prompts/prompts-r08-6e18e224.csv": 662,
    "selfinstruct_seed_tasks.jsonl": 175,
    "t0/t0-train.jsonl": 36_878,
    "toolformer/toolformer-dedupe-only.json": 7_673,
    "toolformer/toolformer-similarity-0.9.json": 5_959,
    "toolformer/toolformer-similarity-0.8.json": 4_709,
    "toolformer/toolformer-similarity-0.7.json": 3_487,
    "toolformer/toolformer-similarity-0.6.json": 2_396,
}


@pytest.mark.parametrize(
    ("file", "data", "form"),
    [
        ("train.jsonl", b'{"a":1}', JsonLines()),
        ("train.NDJSON", b'{"a":1}', JsonLines()),
        ("train.json", b'[{"a":1}]', JsonArray()),
        ("train.csv", b"a,b\n1,2", Delimited("csv", ",", ("a", "b"))),
        ("train.tsv", b"a\tb\n1\t2", Delimited("tsv", "\t", ("a", "b"))),
        ("train.tsv.gz", gzip_of(b"a\tb\n1\t2"), Delimited("tsv", "\t", ("a", "b"))),
        ("train.data", b' {"a":1}', JsonLines()),
        ("train", b'\n[{"a":1}]', JsonArray()),
        ("train.bin", gzip_of(b'{"a":1}'), JsonLines()),
    ],
)
def test_the_format_is_told_from_the_name_and_else_from_the_content(
    file: str, data: bytes, form: object, tmp_path: Path
) -> None:
    path = tmp_path / file
    path.write_bytes(data)

    assert open_text(path, limits=LIMITS, spill=tmp_path).format == form


def test_an_option_outweighs_the_name(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_bytes(b'{"a":1}\n{"a":2}\n')

    assert read(path, tmp_path).hint == "--format jsonl"
    assert len(read(path, tmp_path, name="jsonl").rows) == 2


def test_a_delimiter_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"a;b\n1;2\n")

    source = open_text(path, limits=LIMITS, spill=tmp_path, delimiter=";")

    assert source.format == Delimited("csv", ";", ("a", "b"))


def test_a_delimiter_that_was_named_is_not_doubted(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"a;b\n1;2\n")

    source = open_text(path, limits=LIMITS, spill=tmp_path, delimiter=",")

    assert source.format == Delimited("csv", ",", ("a;b",))


def test_an_unknown_format_asks_for_the_option(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello\n")

    with pytest.raises(UsageError, match="cannot tell the format") as caught:
        open_text(path, limits=LIMITS, spill=tmp_path)

    assert caught.value.hint == "--format jsonl|json|csv|tsv"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "xlsx"}, "no text format is called 'xlsx'"),
        ({"delimiter": ","}, "has no delimiter"),
        ({"name": "csv", "delimiter": ",,"}, "one ASCII character"),
        ({"name": "csv", "delimiter": '"'}, "one ASCII character"),
        ({"name": "csv", "delimiter": ""}, "one ASCII character"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(
    options: dict[str, str], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b'{"a":1}\n')

    with pytest.raises(UsageError, match=message):
        open_text(
            path,
            limits=LIMITS,
            spill=tmp_path,
            name=options.get("name"),
            delimiter=options.get("delimiter"),
        )


def test_rows_that_are_arrays_are_no_array_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"[1]\n[2]\n")

    source = open_text(path, limits=LIMITS, spill=tmp_path)

    assert len(scan(source.format, path).spans) == 2


def test_a_first_record_longer_than_what_is_looked_at_is_no_pretty_printing(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b'{"a":[' + b"1," * (1 << 20) + b"1]}\n")

    assert len(read(path, tmp_path).rows) == 1


def test_a_column_may_be_called_like_the_magic_bytes_of_a_format(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"PAR1,BZh\n1,2\n")

    assert len(read(path, tmp_path).rows) == 1


@pytest.mark.parametrize("name", SHARED_COUNTS)
def test_every_record_of_the_shared_files_is_found(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / name

    source = open_text(path, limits=LIMITS, spill=tmp_path)

    assert len(scan(source.format, path).spans) == SHARED_COUNTS[name]
