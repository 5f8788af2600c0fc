"""What a scan says of each file, and what it passes over."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dslineage
from dslineage.errors import NotFoundError
from dslineage.formats.base import Limits
from dslineage.scanning.result import ScannedFile, ScanResult
from dslineage.versions.options import Progress
from tests.scan.folders import answers, chats, put


def by_path(result: ScanResult) -> dict[str, ScannedFile]:
    return {file.path: file for file in result.files}


def test_each_file_has_its_format_schema_examples_and_repeats(tmp_path: Path) -> None:
    put(tmp_path / "chat.jsonl", chats(1, 2, 3, 3))
    put(tmp_path / "deep" / "qa.jsonl", answers(1, 2))
    (tmp_path / "table.csv").write_text("prompt,response\na,b\n")
    found = by_path(dslineage.scan(tmp_path))
    assert list(found) == ["chat.jsonl", "deep/qa.jsonl", "table.csv"]
    chat = found["chat.jsonl"]
    assert (chat.format, chat.schema) == ("jsonl", "messages")
    assert (chat.examples, chat.unique, chat.repeats, chat.prompts) == (4, 3, 1, 3)
    assert found["table.csv"].format == "csv"
    assert found["deep/qa.jsonl"].saw.endswith("in 2 of 2 examples")


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    put(tmp_path / "good.jsonl", answers(1))
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "page.json").write_text("<!doctype html><html></html>")
    (tmp_path / "pointer.csv").write_text("version https://git-lfs.github.com/spec/v1\noid x\n")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 99)[:-9])
    (tmp_path / "no.parquet").write_bytes(b"PAR1 no footer")
    (tmp_path / "wrapped.json").write_text('{"version": 1,\n "data": [{"text": "x"}]}\n')
    found = by_path(dslineage.scan(tmp_path))
    assert found["good.jsonl"].examples == 1
    problems = {path: file.problem for path, file in found.items() if not file.readable}
    assert "empty" in problems.pop("empty.jsonl")
    assert "HTML" in problems.pop("page.json")
    assert "Git LFS pointer" in problems.pop("pointer.csv")
    assert problems.pop("cut.jsonl.gz")
    assert "no footer" in problems.pop("no.parquet")
    assert "not an array" in problems.pop("wrapped.json")
    assert not problems
    assert found["wrapped.json"].hint.startswith("jq -c")


def test_bad_lines_are_counted_with_the_place_of_the_first_few(tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in answers(*range(8))]
    for number in (1, 3, 5, 6):
        lines[number] = '{"prompt": '
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "some.jsonl").write_text("\n".join(lines) + "\n")
    (file,) = dslineage.scan(tmp_path).files
    assert (file.examples, file.bad, file.problem) == (4, 4, "")
    assert [(fault.file, fault.line) for fault in file.faults] == [
        ("sub/some.jsonl", 2),
        ("sub/some.jsonl", 4),
        ("sub/some.jsonl", 6),
    ]


def test_ragged_rows_of_a_real_file_are_named(shared_data: Path) -> None:
    (file,) = dslineage.scan(shared_data / "prompts" / "prompts-r02-f8fef2d0.csv").files
    assert (file.examples, file.bad) == (140, 3)
    assert [fault.line for fault in file.faults] == [142, 143, 144]
    assert {fault.code for fault in file.faults} == {"ragged-row"}


def test_what_was_accepted_but_is_worth_saying_is_said_of_the_file(shared_data: Path) -> None:
    (file,) = dslineage.scan(shared_data / "prompts" / "prompts-r04-94deb7a7.csv").files
    assert file.notices == ("lines end with CR LF (212 times)",)


def test_repeats_of_a_real_file_are_counted(shared_data: Path) -> None:
    (file,) = dslineage.scan(shared_data / "t0").files
    assert (file.examples, file.repeats) == (36_878, 884)


def test_files_that_hold_no_data_are_counted_by_suffix(tmp_path: Path) -> None:
    put(tmp_path / "train.jsonl", answers(1))
    for name in ("README.md", "notes.txt", "more.txt", "run.py", "Makefile"):
        (tmp_path / name).write_text("x")
    (tmp_path / "tokenizer.json").write_text('{"model": {"vocab": {"a": 1}}}')
    (tmp_path / "dataset_info.json").write_text("{}")
    result = dslineage.scan(tmp_path)
    assert [file.path for file in result.files] == ["train.jsonl"]
    assert result.other == {"": 1, ".json": 2, ".md": 1, ".py": 1, ".txt": 2}


def test_hidden_folders_packages_and_links_are_not_entered(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for folder in (".git", ".cache", "env", "node_modules", "__pycache__"):
        put(data / folder / "x.jsonl", answers(1))
    put(data / ".hidden.jsonl", answers(1))
    put(tmp_path / "outside.jsonl", answers(1))
    (data / "env" / "pyvenv.cfg").touch()
    (data / "link.jsonl").symlink_to(tmp_path / "outside.jsonl")
    (data / "loop").symlink_to(data)
    result = dslineage.scan(data)
    assert result.files == ()
    assert result.links == 2
    assert sorted(result.skipped) == ["__pycache__", "env", "node_modules"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert dslineage.scan(tmp_path).other == {".jsonl": 1}


def test_copies_that_were_set_aside_are_read_by_their_real_suffix(tmp_path: Path) -> None:
    for name in ("train.jsonl.bak", "train.jsonl~", "train.jsonl.1"):
        put(tmp_path / name, answers(1, 2))
    (tmp_path / "table.csv.old").write_text("prompt\nx\n")
    found = by_path(dslineage.scan(tmp_path))
    assert {path: file.format for path, file in found.items()} == {
        "table.csv.old": "csv",
        "train.jsonl.1": "jsonl",
        "train.jsonl.bak": "jsonl",
        "train.jsonl~": "jsonl",
    }


def test_shards_are_one_set_and_a_missing_one_is_said(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / f"train-0000{number}-of-00003.jsonl", answers(number))
    put(tmp_path / "val-00000-of-00002.jsonl", answers(9))
    whole, broken = dslineage.scan(tmp_path).files
    assert (whole.path, whole.examples, len(whole.files)) == ("train-*-of-00003.jsonl", 3, 3)
    assert broken.path == "val-*-of-00002.jsonl"
    assert "val-00001-of-00002.jsonl" in broken.problem


def test_a_recorded_data_set_is_marked(git_repo: Path) -> None:
    from dslineage.repository import Repository

    put(git_repo / "train.jsonl", answers(1))
    put(git_repo / "other.jsonl", answers(2))
    Repository.open(git_repo).add(["train.jsonl"])
    found = by_path(dslineage.scan(git_repo))
    assert {path: file.recorded for path, file in found.items()} == {
        "other.jsonl": False,
        "train.jsonl": True,
    }


def test_more_files_than_a_process_may_open_are_scanned(tmp_path: Path) -> None:
    for number in range(150):
        put(tmp_path / f"part{number}.jsonl", answers(number))
    code = (
        "import resource, sys, dslineage\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))\n"
        "result = dslineage.scan(sys.argv[1])\n"
        "print(result.examples, [file.problem for file in result.files if file.problem])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "150 []\n"


def test_columns_are_read_as_a_dataset_info_beside_them_says(shared_data: Path) -> None:
    (file,) = dslineage.scan(shared_data / "llamafactory" / "identity.json").files
    assert file.schema == "llamafactory"


def test_a_limit_makes_a_bad_line_and_no_crash(tmp_path: Path) -> None:
    put(tmp_path / "long.jsonl", [{"text": "x" * 5000}, {"text": "y"}])
    (file,) = dslineage.scan(tmp_path, limits=Limits(record_bytes=1000)).files
    assert (file.examples, file.bad) == (1, 1)


def test_nothing_is_written_and_no_repository_is_needed(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", answers(1))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"prompt\nx\n"))

    def state() -> list[tuple[str, int]]:
        paths = [tmp_path, *tmp_path.rglob("*")]
        return sorted((str(path), path.stat().st_mtime_ns) for path in paths)

    before = state()
    assert sum(file.examples for file in dslineage.scan(tmp_path).files) == 2
    assert state() == before


def test_the_result_does_not_depend_on_workers_and_is_a_json_document(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", answers(*range(50)))
    put(tmp_path / "b.jsonl", answers(*range(20, 70)))
    one, two = (dslineage.scan(tmp_path, workers=workers) for workers in (1, 2))
    assert one == two
    document = json.loads(json.dumps(one.to_dict()))
    assert document["schema"] == "dslineage.scan/1"
    assert document["overlaps"] == [
        {"first": "a.jsonl", "second": "b.jsonl", "examples": 30, "prompts": 30}
    ]


def test_progress_counts_bytes_up_to_the_total(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        put(tmp_path / name, answers(1))
    seen: list[Progress] = []
    dslineage.scan(tmp_path, report=seen.append)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert seen[-1].done == seen[-1].total == sum(p.stat().st_size for p in tmp_path.iterdir())


def test_an_empty_folder_has_nothing_and_an_absent_one_is_an_error(tmp_path: Path) -> None:
    result = dslineage.scan(tmp_path)
    assert (result.files, result.next, result.examples) == ((), (), 0)
    with pytest.raises(NotFoundError, match="no folder"):
        dslineage.scan(tmp_path / "absent")


def test_two_hundred_small_files_and_a_copy_of_each_are_compared(tmp_path: Path) -> None:
    for number in range(100):
        put(tmp_path / f"part{number}.jsonl", answers(number, number + 1000))
        put(tmp_path / "copies" / f"part{number}.jsonl", answers(number, number + 1000))
    result = dslineage.scan(tmp_path)
    assert len(result.files) == 200
    assert len(result.overlaps) == 100
    assert {overlap.examples for overlap in result.overlaps} == {2}
    assert len(result.versions) == 100


def test_a_folder_that_cannot_be_entered_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may enter every folder")
    (tmp_path / "locked").mkdir(mode=0)
    assert "Permission" in dslineage.scan(tmp_path).skipped["locked"]


def test_compressed_files_and_tables_are_compared_with_plain_ones(
    tmp_path: Path, shared_data: Path
) -> None:
    plain = shared_data / "toolformer" / "toolformer-similarity-0.6.json"
    shutil.copyfile(plain, tmp_path / "plain.json")
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(plain.read_bytes()))
    result = dslineage.scan(tmp_path)
    assert result.overlap("plain.json", "packed.json.gz").examples == 2396
