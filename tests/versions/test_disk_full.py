"""No space left: the error says so, what was recorded is whole, and the next `add` works."""

from __future__ import annotations

import errno
import json
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from dslineage.errors import ResourceError
from dslineage.store.files import resource_errors
from tests.versions.faults import OUTCOMES, failing_at, run, steps
from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
THREE = TWO + b'{"prompt":"e","completion":"f"}\n'
NEEDS_SPACE = frozenset({"openat", "fsync", "mkdir", "rename"})


def test_a_full_disk_stops_an_add_and_loses_nothing(tmp_path: Path) -> None:
    program = shlex.join([sys.executable, "-m", "tests.versions.filling", str(tmp_path)])
    mount = f"mount -t tmpfs -o size=8m,mode=700 tmpfs {shlex.quote(str(tmp_path))}"
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount} || exit 77; exec {program}"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if done.returncode in {1, 77} and not done.stdout:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.decode().strip()}")
    assert done.returncode == 0, done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for one in found:
        assert one["error"] in {"ResourceError enospc", ""}, one
        assert (one["data"], one["old"], one["new"]) == (True, True, True), one
        assert (one["problems"], one["left"], one["next"]) == ([], [], "v2"), one
        assert one["labels"] in (["v1"], ["v1", "v2"]), one
        kinds = sorted(path.split("/")[2] for path in one["staged"] if "/records/" in path)
        assert kinds in (["dataset"], ["dataset", "measurement"]), one
        assert len(one["staged"]) == len(kinds) + 1, one
    failed = [one for one in found if one["error"]]
    assert len(failed) >= 5, found
    assert found[-1]["error"] == "", found[-1]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_a_disk_that_refuses_from_some_call_on_loses_nothing(tmp_path: Path, code: int) -> None:
    start = Bench.make(tmp_path / "start")
    start.commit("train.jsonl", ONE)
    start.add("train.jsonl", TWO)
    start.put("train.jsonl", THREE)
    whole = start.copy(tmp_path / "whole")
    trace = steps(partial(whole.add, "train.jsonl"))
    expected = whole.pointer("train.jsonl")

    outcomes = []
    for step in range(1, len(trace) + 1, 6):
        bench = start.copy(tmp_path / "full")
        hook = failing_at(step, code, calls=NEEDS_SPACE)
        status = run(partial(bench.add, "train.jsonl"), hook)
        outcomes.append(OUTCOMES[status])
        assert (bench.root / "train.jsonl").read_bytes() == THREE
        assert bench.problems() == [], trace[step - 1]
        for info in bench.repo.log().versions:
            assert bench.restored(info) in {ONE, TWO, THREE}, trace[step - 1]
        bench.add("train.jsonl")
        assert bench.pointer("train.jsonl") == expected, trace[step - 1]
        assert bench.labels("train") == ["v1", "v2"], trace[step - 1]
        shutil.rmtree(bench.root)
    assert set(outcomes) <= {"fine", "ResourceError"}
    assert outcomes.count("ResourceError") >= 8


def test_what_the_machine_refuses_is_said_with_its_number_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught, resource_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "x"))
    assert caught.value.kind == "enospc"
    assert f"{tmp_path}/x (errno 28)" in caught.value.message
    assert "versions recorded before are whole" in caught.value.message
    assert caught.value.hint


def test_a_read_only_repository_refuses_an_add_and_says_why(bench: Bench) -> None:
    bench.commit("train.jsonl", ONE)
    bench.put("train.jsonl", TWO)
    (bench.objects / "tmp").rmdir()
    (bench.objects / "tmp").write_bytes(b"in the way")
    with pytest.raises(ResourceError, match=r"file exists|not a directory"):
        bench.add("train.jsonl")
    assert bench.labels("train") == ["v1"]
