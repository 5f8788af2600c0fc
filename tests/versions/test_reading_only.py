"""Commands that read write nothing but the cache, and work where nothing can be written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'

READERS: dict[str, Callable[[Bench], object]] = {
    "status": lambda bench: bench.repo.status(),
    "log": lambda bench: bench.repo.log(),
    "log of one": lambda bench: bench.repo.log("train"),
    "show": lambda bench: bench.repo.show("train@v1"),
    "diff of versions": lambda bench: bench.repo.diff("train@v1", "train@v2"),
    "diff with the working file": lambda bench: bench.repo.diff("train@v2"),
    "diff of a commit": lambda bench: bench.repo.diff("train@HEAD~1", "train"),
    "diff of a tracked file": lambda bench: bench.repo.diff("HEAD:plain.jsonl", "plain.jsonl"),
    "diff of files": lambda bench: bench.repo.diff("./train.jsonl", "./plain.jsonl"),
    "verify": lambda bench: bench.repo.verify(),
    "load": lambda bench: list(bench.repo.load("train@v1")),
}


@pytest.fixture
def history(bench: Bench) -> Bench:
    bench.put("plain.jsonl", ONE)
    bench.git("add", "plain.jsonl")
    bench.commit("train.jsonl", ONE)
    bench.commit("train.jsonl", TWO)
    bench.put("train.jsonl", ONE + TWO)
    return bench


@pytest.mark.parametrize("name", READERS)
def test_a_reading_command_writes_nothing_but_the_cache(history: Bench, name: str) -> None:
    shutil.rmtree(history.objects / "views")
    shutil.rmtree(history.objects / "cache")
    before = history.listing()
    READERS[name](history)
    assert history.listing() == before


@pytest.mark.parametrize("name", ["status", "log", "show", "verify", "diff of files"])
def test_a_reading_command_starts_where_no_object_was_ever_written(
    history: Bench, name: str, tmp_path: Path
) -> None:
    subprocess.run(["git", "clone", "-q", history.root, tmp_path / "clone"], check=True)
    clone = Bench(tmp_path / "clone")
    clone.put("train.jsonl", TWO)
    before = clone.listing(without="dslineage")
    READERS[name](clone)
    assert clone.listing(without="dslineage") == before


def test_reading_commands_work_on_a_read_only_file_system(history: Bench) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    shutil.rmtree(history.objects / "views")
    shutil.rmtree(history.objects / "cache")
    arguments = ["sh", str(history.root), sys.executable, "tests.versions.test_reading_only"]
    mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'{mount} || exit 77; exec "$2" -m "$3" "$1"', *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode in {1, 77} and "Traceback" not in done.stderr:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [*READERS, "add: ResourceError erofs"]


def _read_all(bench: Bench) -> None:
    from dslineage.errors import ResourceError

    for name, reader in READERS.items():
        reader(bench)
        print(name)
    try:
        bench.add("train.jsonl")
    except ResourceError as error:
        print(f"add: ResourceError {error.kind}")


if __name__ == "__main__":
    _read_all(Bench(Path(sys.argv[1])))


def test_a_view_that_was_computed_again_is_cached_under_its_own_name(history: Bench) -> None:
    kept = {path.name for path in (history.objects / "views").iterdir()}
    shutil.rmtree(history.objects / "views")
    shutil.rmtree(history.objects / "cache")
    history.repo.diff("train@v1", "train@v2")
    cached = {path.name for path in (history.objects / "cache" / "views").iterdir()}
    assert cached
    assert cached <= kept
