"""Broken data files: `add` says what is wrong and where, and writes nothing at all.

The files and what is said about them are those of `tests/formats` and `tests/tables`.
"""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import BadDataError, UsageError
from dslineage.formats.base import Limits
from dslineage.versions import digesting
from dslineage.versions.options import ReadOptions
from tests.formats.malformed import CASES, Case
from tests.tables.malformed import CASES as TABLES
from tests.versions.support import Bench

ROW = b'{"prompt":"a","completion":"b"}\n'

WHOLE_FILE = {
    "array-root",
    "blank-file",
    "blank-header",
    "duplicate-header",
    "empty-file",
    "gzip-corrupt",
    "gzip-trailing-garbage",
    "gzip-truncated",
    "html-page",
    "invalid-utf8",
    "lfs-pointer",
    "merge-markers",
    "no-array",
    "no-records",
    "object-root",
    "one-column",
    "pretty-printed",
    "two-values",
    "utf16",
    "utf32",
    "wrong-suffix",
}


@pytest.fixture
def busy(bench: Bench) -> Bench:
    """A repository that has a version, a draft, and something of the user's in the index."""
    bench.commit("good.jsonl", ROW)
    bench.add("good.jsonl", ROW + ROW)
    bench.put("notes.txt", b"staged")
    bench.git("add", "notes.txt")
    return bench


def refusal(
    bench: Bench, path: Path, name: str | None = None, **options: Any
) -> BadDataError | UsageError | None:
    try:
        bench.repo.add([path], name=name, options=bench.reading(**options))
    except (BadDataError, UsageError) as error:
        return error
    return None


def said(error: BadDataError, file: str) -> tuple[str, ...]:
    """The faults as `line:column path: code message`."""
    return tuple(str(fault).split(f"{file}:", 1)[1] for fault in error.faults)


def test_a_broken_text_file_is_refused_with_every_fault_and_nothing_is_written(
    busy: Bench,
) -> None:
    wrong: list[tuple[str, object]] = []
    for case in (case for case in CASES if case.expected.faults):
        busy.put(f"{case.id}/{case.file}", case.data)
        before = busy.listing()
        error = refusal(busy, busy.root / case.id / case.file)
        if not isinstance(error, BadDataError) or said(error, case.file) != case.expected.faults:
            wrong.append((case.id, error))
        if busy.listing() != before:
            wrong.append((case.id, "something was written"))
    assert wrong == []


def test_an_odd_text_file_is_recorded_and_comes_back(busy: Bench) -> None:
    for case in (case for case in CASES if not case.expected.faults):
        busy.put(f"{case.id}/{case.file}", case.data)
        done = busy.repo.add([busy.root / case.id / case.file], name=case.id)
        assert done.version.record.examples == case.expected.records, case.id
        assert busy.restored(done.version) == case.data, case.id
        assert len(done.notices) >= len(case.expected.notes), case.id


def test_bad_records_can_be_put_aside_and_whole_files_cannot(busy: Bench) -> None:
    refused = set()
    for case in (case for case in CASES if case.expected.faults):
        busy.put(f"{case.id}/{case.file}", case.data)
        before = busy.listing()
        error = refusal(busy, busy.root / case.id / case.file, name=case.id, quarantine=True)
        if error is None:
            assert_put_aside(busy, case)
        else:
            refused.add(error.kind)
            assert busy.listing() == before, case.id
            assert "--quarantine" not in error.hint, case.id
    assert refused == WHOLE_FILE


def assert_put_aside(bench: Bench, case: Case) -> None:
    info = bench.repo.show(f"{case.id}@latest")
    assert info.record.examples == case.expected.records, case.id
    assert info.record.quarantined == len(case.expected.faults), case.id
    assert info.record.quarantine_hash is not None
    assert bench.restored(info) == case.data, case.id


@pytest.mark.parametrize(
    "case", [case for case in CASES if "merge-markers" in case.id], ids=lambda case: case.id
)
def test_merge_markers_are_never_put_aside(busy: Bench, case: Case) -> None:
    busy.put(case.file, case.data)
    before = busy.listing()
    with pytest.raises(BadDataError) as caught:
        busy.add(case.file, quarantine=True)
    assert caught.value.kind == "merge-markers"
    assert {fault.code for fault in caught.value.faults} == {"merge-markers"}
    assert "--quarantine" not in caught.value.hint
    assert busy.listing() == before


def test_a_broken_table_is_refused_and_nothing_is_written(busy: Bench, tmp_path: Path) -> None:
    for case in TABLES:
        folder = busy.root / case.id
        folder.mkdir()
        path = case.write(folder)
        before = busy.listing()
        error = refusal(busy, path, name="table", limits=case.limits)
        assert error is not None, case.id
        assert isinstance(error, BadDataError) or error.kind in {"symlink", "no-data"}, case.id
        assert busy.listing() == before, case.id
        shutil.rmtree(folder)


def test_one_bad_file_of_several_stops_them_all(busy: Bench) -> None:
    paths = [busy.put("many/a.jsonl", ROW), busy.put("many/b.jsonl", b'{"a":\n')]
    before = busy.listing()
    with pytest.raises(BadDataError, match=r"b\.jsonl"):
        busy.repo.add(paths, name="many")
    assert busy.listing() == before


def test_the_first_twenty_faults_are_shown_and_the_rest_counted(busy: Bench) -> None:
    busy.put("bad.jsonl", ROW + b"{oops}\n" * 50)
    with pytest.raises(BadDataError) as caught:
        busy.add("bad.jsonl")
    lines = caught.value.message.splitlines()
    assert lines[0].startswith("bad.jsonl has 50 bad records; nothing was recorded")
    assert lines[-1] == "  … and 30 more"
    assert len(lines) == 22
    assert [fault.line for fault in caught.value.faults] == list(range(2, 52))


@pytest.mark.parametrize(
    "line",
    [
        lambda number: b"{oops}\n",
        lambda number: b'{"a":%d,}\n' % number,
        lambda number: b"\xff%d\n" % number,
    ],
    ids=["one fault, often", "many faults of rows", "many faults of bytes"],
)
def test_a_file_of_faults_fits_memory(busy: Bench, line: Callable[[int], bytes]) -> None:
    busy.put("bad.jsonl", ROW + b"".join(line(number) for number in range(30_000)))
    tracemalloc.start()
    with pytest.raises(BadDataError) as caught:
        busy.add("bad.jsonl", limits=Limits(faults=1000), workers=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(caught.value.faults) == 1000
    assert caught.value.message.startswith("bad.jsonl has at least 1,000 bad records")
    assert caught.value.message.endswith("  … and at least 980 more")
    assert peak < 40 << 20


def test_what_is_put_aside_is_kept_as_columns(busy: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the first 10,000, a bad record costs no objects: its bytes, and some."""
    monkeypatch.setattr(digesting, "TASK_BYTES", 1 << 16)

    def peak(count: int) -> int:
        lines = b"".join(b'{"a":%d,}\n' % number for number in range(count))
        busy.put(f"bad{count}.jsonl", ROW + lines)
        tracemalloc.start()
        busy.repo.add(
            [busy.root / f"bad{count}.jsonl"],
            options=ReadOptions(quarantine=True, workers=1, chunk_bytes=1 << 16),
            measure=False,
        )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert (peak(70_000) - peak(20_000)) / 50_000 < 1000


def test_an_unresolved_merge_behind_many_bad_records_is_not_put_aside(busy: Bench) -> None:
    data = ROW + b"{oops}\n" * 12_000 + b"<<<<<<< HEAD\n" + ROW + b"=======\n>>>>>>> x\n"
    with pytest.raises(BadDataError) as caught:
        busy.add("bad.jsonl", data, quarantine=True)
    assert caught.value.kind == "merge-markers"


def test_a_file_of_nothing_but_bad_records_can_be_put_aside(busy: Bench) -> None:
    data = b"{oops}\n" * 3
    info = busy.add("bad.jsonl", data, quarantine=True)
    assert (info.record.examples, info.record.quarantined) == (0, 3)
    assert busy.restored(info) == data


def test_the_spans_put_aside_may_change_between_versions(busy: Bench) -> None:
    first = busy.commit("bad.jsonl", ROW + b"{oops}\n", quarantine=True)
    second = busy.commit("bad.jsonl", ROW + b"{other}\n", quarantine=True)
    assert first.record.content_hash == second.record.content_hash
    assert first.record.quarantine_hash != second.record.quarantine_hash
    assert second.record.label == "v2"
    assert busy.problems() == []
