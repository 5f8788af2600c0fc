"""No space left, or a disk that fails: one error that says so, and the next run works.

Each call of a command that needs room fails once, as on a disk that was full for a moment; and from
each on, as on one that stays full. A file system that is really full is tried, too.
"""

from __future__ import annotations

import errno
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import ResourceError
from dslineage.store import repacking
from dslineage.store.files import resource_errors
from tests.crashes.faults import NEEDS_SPACE, OUTCOMES, failing, run
from tests.crashes.harness import ALL, Trial
from tests.crashes.ptrace import Call
from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
ONE = b'{"prompt":"a","completion":"b"}\n'
TWO = ONE + b'{"prompt":"c","completion":"d"}\n'
NAMES = [
    "add", "add of a file kept whole", "apply", "checkout", "claim add", "commit", "gc",
    "hooks install", "init", "pull",
]  # fmt: skip
SAMPLE = 3
SYNCS = frozenset({"fsync", "fdatasync"})


@pytest.mark.parametrize("stays", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_at_any_call_loses_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    monkeypatch.setattr(repacking, "MANY", 2)
    ended = refused(name, tmp_path, errno.ENOSPC, NEEDS_SPACE, stays=stays)
    told = {"fine", "ResourceError"}
    assert [one for one in ended if one[1] not in told and not is_of_git(one[0])] == []


@pytest.mark.parametrize("name", ["add", "pull"])
def test_a_disk_that_fails_to_write_through_ends_the_command(name: str, tmp_path: Path) -> None:
    for call, outcome in refused(name, tmp_path, errno.EIO, SYNCS, stays=False):
        assert outcome == "ResourceError", call


def refused(
    name: str, folder: Path, code: int, names: frozenset[str], *, stays: bool
) -> list[tuple[Call, str]]:
    """How a command ends whose calls fail, each in its turn; what holds afterwards is checked."""
    trial = Trial.of(name, folder)
    trace = [call for call in trial.trace if call.name in names]
    numbers = list(range(1, len(trace) + 1))
    if not ALL:
        numbers = sorted(random.Random(name).sample(numbers, min(SAMPLE, len(numbers))))
    outcomes = []
    found = {}
    for number in numbers:
        world = trial.start.copy(folder / "full")
        status = run(partial(trial.command.run, world), failing(number, code, names, stays=stays))
        outcome = OUTCOMES.get(status, str(status))
        outcomes.append((trace[number - 1], outcome))
        if wrong := [*trial.wrong(world), *trial.unfinished(world)]:
            found[f"{number} {trace[number - 1]} {outcome}"] = wrong
        shutil.rmtree(world.root)
    assert found == {}
    return outcomes


def is_of_git(call: Call) -> bool:
    """Whether a program of git's makes a call, which does not always say why it failed."""
    return "/.git/objects/" in call.about or ".dslineage-" in call.about


def on_a_small_disk(program: str, folder: Path, megabytes: int) -> list[dict[str, Any]]:
    """What a program of these tests tells, line by line, with a folder on a disk of its own."""
    words = [sys.executable, "-m", f"tests.crashes.{program}", str(folder)]
    mount = f"mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs {shlex.quote(str(folder))}"
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount} || exit 77; exec {shlex.join(words)}"],
        cwd=PROJECT,
        capture_output=True,
        check=False,
    )
    if done.returncode in {1, 77} and not done.stdout:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.decode().strip()}")
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_command_that_has_no_room_says_how_much_it_needs_and_how_much_is_free(
    tmp_path: Path,
) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    found = {one["command"]: one for one in on_a_small_disk("tight", tmp_path, 24)}
    there = rf"bytes are needed in {tmp_path}/world\S*, where [\d,]+ are free"
    said = {
        "add": f"about 868,890 {there} now",
        "adopt": f"disk: 868,890 {there}; nothing was written",
        "checkout": f"disk: 868,890 {there}; nothing was written",
        "export": f"about 866,890 {there} now",
        "fetch": r"[\d,]+ bytes are to be fetched, and [\d,]+ are free",
        "gc": rf"up to [\d,]+ {there} now",
        "merge": rf"about 2,60\d,\d+ {there} now",
        "push": r"[\d,]+ bytes are free; .* are left \([\d,]+ bytes\)",
    }
    assert found.keys() == said.keys()
    for name, one in found.items():
        assert one["kind"] == ("remote-full" if name == "push" else "enospc"), one
        assert re.search(said[name], one["said"]), one
        assert one["problems"] == [], one
        assert one["same"] or name in {"fetch", "gc", "push"}, one


def test_a_file_system_that_is_full_stops_an_add_and_loses_nothing(tmp_path: Path) -> None:
    found = on_a_small_disk("filling", tmp_path, 8)
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


def test_a_disk_that_says_no_size_of_itself_is_not_taken_for_a_full_one(tmp_path: Path) -> None:
    assert on_a_small_disk("unbounded", tmp_path, 0) == [{"said": 0, "fits": True}]


def test_what_the_machine_refuses_is_said_with_its_number_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught, resource_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "x"))
    assert caught.value.kind == "enospc"
    free = shutil.disk_usage(tmp_path).free
    assert f"{tmp_path}/x (errno 28)" in caught.value.message
    assert " bytes are free" in caught.value.message
    assert free > 0
    assert "versions recorded before are whole" in caught.value.message
    assert caught.value.hint


def test_a_folder_of_objects_that_cannot_be_made_refuses_an_add(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.commit("train.jsonl", ONE)
    bench.put("train.jsonl", TWO)
    (bench.objects / "tmp").rmdir()
    (bench.objects / "tmp").write_bytes(b"in the way")
    with pytest.raises(ResourceError, match=r"file exists|not a directory"):
        bench.add("train.jsonl")
    assert bench.labels("train") == ["v1"]
