"""Several writers at once: nothing is lost, and who has to wait is told for whom."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dslineage.errors import DslineageError, LockedError, UsageError
from dslineage.versions import git
from dslineage.versions.options import Progress
from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]


def lines(first: int, count: int) -> bytes:
    return b"".join(
        b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(first, first + count)
    )


WORKER = """
import os, sys, time
from pathlib import Path
from dslineage.errors import DslineageError
from tests.versions.support import Bench
root, name, source, go = map(Path, sys.argv[1:])
while not go.exists():
    time.sleep(0.005)
os.replace(source, root / name)
try:
    print(Bench(root).add(str(name)).record.id)
except DslineageError as error:
    print(error.kind)
"""


def together(bench: Bench, names: list[str], data: list[bytes]) -> list[str]:
    """Write files and add them in processes that start at the same time: ids, or what was wrong."""
    go = bench.root / ".git/go"
    started = []
    for number, (name, part) in enumerate(zip(names, data, strict=True)):
        source = bench.put(f".git/source{number}", part)
        command = [sys.executable, "-c", WORKER, str(bench.root), name, str(source), str(go)]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True))
    time.sleep(0.5)
    go.touch()
    answers = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * len(started), answers
    return [out.strip() for out, _ in answers]


@pytest.mark.parametrize("count", [2, 8])
def test_different_data_sets_added_at_once_are_all_there(bench: Bench, count: int) -> None:
    names = [f"set{number}.jsonl" for number in range(count)]
    data = [lines(number * 50, 200) for number in range(count)]
    ids = together(bench, names, data)

    found = {info.record.id: info for info in bench.repo.log().versions}
    assert sorted(found) == sorted(ids)
    for id_, part in zip(ids, data, strict=True):
        assert bench.restored(found[id_]) == part
    assert bench.problems() == []
    staged = bench.git("diff", "--cached", "--name-only").split()
    for kind in ("dataset", "measurement"):
        assert len([name for name in staged if f"/records/{kind}/" in name]) == count
    assert len([name for name in staged if name.endswith(".dsl.json")]) == count
    assert sorted(bench.git("show", ":.gitignore").split()) == sorted(f"/{name}" for name in names)
    assert list((bench.objects / "tmp").iterdir()) == []


def test_one_data_set_added_at_once_in_two_work_trees_makes_two_versions(
    bench: Bench, tmp_path: Path
) -> None:
    bench.commit("train.jsonl", lines(0, 10))
    bench.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Bench(tmp_path / "side")
    side.repo.checkout()
    results: list[str] = []
    threads = [
        threading.Thread(
            target=lambda b=one, n=n: results.append(
                b.add("train.jsonl", lines(n, 99)).record.label
            )
        )
        for n, one in enumerate((bench, side))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["v2", "v2"]
    assert bench.problems() == side.problems() == []


def test_clones_that_share_a_folder_of_objects_add_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.commit("train.jsonl", lines(0, 10))
    clones = [Bench(tmp_path / f"clone{number}") for number in range(4)]
    for number, one in enumerate(clones):
        bench.git("clone", "-q", str(bench.root), str(one.root))
        one.objects.symlink_to(bench.objects)
        one.put("source", lines(number, 300))
    go = tmp_path / "go"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, one.root, "train.jsonl", one.root / "source", go],
            cwd=PROJECT,
        )
        for one in clones
    ]
    go.touch()
    assert [process.wait(timeout=120) for process in started] == [0] * len(clones)
    for number, one in enumerate(clones):
        assert one.restored(one.repo.show("train@latest")) == lines(number, 300)
        assert one.problems() == []
    for one in (bench, *clones):
        with pytest.raises(UsageError, match="another repository") as caught:
            one.repo.gc(delete=True)
        assert caught.value.kind == "shared-objects"
    (bench.objects / "shared").unlink()
    assert bench.repo.gc(delete=True).deleted


@pytest.mark.parametrize("count", [2, 8])
def test_one_data_set_added_at_once_with_different_content_keeps_the_last(
    bench: Bench, count: int
) -> None:
    first = bench.commit("train.jsonl", lines(0, 10))
    data = [lines(number * 50, 200) for number in range(1, count + 1)]

    answers = together(bench, ["train.jsonl"] * count, data)

    versions = bench.repo.log("train").versions
    assert [info.record.label for info in versions] == ["v2", "v1"]
    assert versions[0].record.id in answers
    assert versions[0].record.parents == (first.record.id,)
    assert bench.restored(versions[0]) in data
    assert bench.restored(first) == lines(0, 10)
    others = {answer for answer in answers if not answer.startswith("dataset:")}
    assert others <= {"changed-while-reading"}
    assert bench.problems() == []
    assert len(bench.git("ls-files", ".dslineage/records/dataset/train").split()) == 2


def test_readers_beside_a_writer_see_whole_versions(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(0, 50))
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            info = bench.repo.show("train@latest")
            try:
                if len(bench.restored(info)) != info.record.files[0].size:
                    wrong.append(info)
            except DslineageError as error:
                wrong.append(error)

    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        for number in range(1, 8):
            bench.add("train.jsonl", lines(number, 50 + number))
        stop.set()
        reading.result()
    assert wrong == []


def test_an_index_that_git_holds_for_a_moment_is_waited_for(bench: Bench) -> None:
    lock = bench.put(".git/index.lock", b"")
    timer = threading.Timer(0.3, lock.unlink)
    timer.start()
    info = bench.add("train.jsonl", lines(0, 3))
    timer.join()
    assert info.path in bench.git("diff", "--cached", "--name-only").split()


def test_an_index_that_stays_locked_is_an_error_and_the_next_add_stages(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_LOCK_SECONDS", 0.2)
    first = bench.commit("train.jsonl", lines(0, 3))
    lock = bench.put(".git/index.lock", b"")
    with pytest.raises(LockedError) as caught:
        bench.add("train.jsonl", lines(0, 4))
    assert caught.value.kind == "index-locked"
    assert "train v2" in caught.value.message
    assert "is recorded, but not staged" in caught.value.message
    assert str(lock) in caught.value.hint
    assert bench.problems() == []
    lock.unlink()

    again = bench.repo.add([bench.root / "train.jsonl"])

    assert again.unchanged
    assert again.version.record.parents == (first.record.id,)
    assert again.version.path in bench.git("diff", "--cached", "--name-only").split()


def test_a_data_file_that_changes_while_it_is_read_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.put("train.jsonl", lines(0, 100))
    before = bench.files()

    def growing(*_: object) -> None:
        with path.open("ab") as handle:
            handle.write(lines(100, 1))

    with pytest.raises(DslineageError) as caught:
        bench.repo.add([path], report=growing)
    assert caught.value.kind == "changed-while-reading"
    assert bench.files() - {".git/dslineage/format"} == before - {".git/dslineage/format"}


def test_a_data_file_that_is_torn_while_it_is_read_is_not_called_malformed(bench: Bench) -> None:
    path = bench.put("train.jsonl", lines(0, 100))
    rewrites = [lines(1000, 500), lines(5, 80)]

    def rewriting(progress: Progress) -> None:
        if progress.phase == "digesting" and rewrites:
            path.write_bytes(rewrites.pop())

    with pytest.raises(DslineageError) as caught:
        bench.repo.add([path], report=rewriting)
    assert caught.value.kind == "changed-while-reading"
    assert bench.repo.log().versions == ()
    assert bench.add("train.jsonl").record.examples in {80, 500}


def test_a_commit_made_while_an_add_runs_makes_the_draft_a_parent(bench: Bench) -> None:
    bench.commit("train.jsonl", lines(0, 3))
    draft = bench.add("train.jsonl", lines(0, 4))
    bench.put("train.jsonl", lines(0, 5))
    pending: list[Callable[[], object]] = [lambda: bench.git("commit", "-q", "-m", "meanwhile")]

    def commit(*_: object) -> None:
        while pending:
            pending.pop()()

    final = bench.repo.add([bench.root / "train.jsonl"], report=commit).version.record

    assert (final.label, final.parents) == ("v3", (draft.record.id,))
    assert (bench.root / draft.path).exists()


def test_workers_are_forked_before_any_thread_of_ours_runs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    beside: list[set[threading.Thread]] = []
    fork = os.fork

    def watched() -> int:
        beside.append(set(threading.enumerate()) - before)
        return fork()

    monkeypatch.setattr(os, "fork", watched)
    bench.add("train.jsonl", lines(0, 100), workers=2, chunk_bytes=64)
    assert len(beside) >= 2
    assert not any(beside)
