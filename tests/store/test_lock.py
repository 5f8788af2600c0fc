"""The lock of writers: it ends with its process, and nothing else on its machine ends it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dslineage.errors import LockedError, NotFoundError
from dslineage.repository import Repository
from dslineage.store import lock
from dslineage.store.lock import Holder, exclusive, holder, unlock
from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from dslineage.store.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
TRY = """
import sys
from pathlib import Path
from dslineage.errors import LockedError
from dslineage.store.lock import exclusive
try:
    with exclusive(Path(sys.argv[1]), wait_seconds=0.1):
        sys.exit(0)
except LockedError as error:
    print(error.message)
    sys.exit(5)
"""
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount-proc", "--pid", "--fork",
             "--kill-child"]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench.make(tmp_path / "work")


@contextmanager
def held(path: Path, *wrapper: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds a lock until it is killed, behind the words of `wrapper`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [*wrapper, sys.executable, "-c", HOLD, str(path)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def tried(path: Path, *wrapper: str) -> str:
    """What a process that wants the lock is told, empty where it gets it."""
    command = [*wrapper, sys.executable, "-c", TRY, str(path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == (5 if done.stdout else 0), done.stderr
    return done.stdout


def another_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Go to a machine that shares the folder, but not the locks of the kernel."""
    for name, text in (("BOOT", "b" * 32), ("MACHINE", "c" * 32)):
        (tmp_path / name).write_text(text + "\n")
        monkeypatch.setattr(lock, name, tmp_path / name)
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    monkeypatch.setattr("fcntl.lockf", lambda *_: None)
    monkeypatch.setattr("fcntl.flock", lambda *_: None)


def test_who_has_to_wait_is_told_for_whom(bench: Bench) -> None:
    bench.put("train.jsonl", b'{"prompt":"a","completion":"b"}\n')
    with held(bench.objects / "lock") as process:
        with pytest.raises(LockedError) as caught:
            Repository.open(bench.root, lock_seconds=0.2).add([bench.root / "train.jsonl"])
        state = bench.repo.lock_state()
    assert f"process {process.pid} on " in caught.value.message
    assert "wait until it has finished" in caught.value.hint
    assert state.here
    assert state.holder is not None
    assert state.holder.pid == process.pid
    assert bench.repo.log().versions == ()
    assert bench.add("train.jsonl").record.label == "v1"
    assert bench.repo.lock_state().holder is None


def test_a_lock_ends_with_its_holder_however_that_ends(path: Path) -> None:
    with held(path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert holder(path), "its note is still there"
        assert tried(path) == ""
    assert holder(path) is None


def test_a_stopped_holder_keeps_its_lock(path: Path) -> None:
    with held(path) as process:
        os.kill(process.pid, signal.SIGSTOP)
        assert f"process {process.pid} " in tried(path)


def test_another_process_with_the_number_of_a_holder_that_is_gone_holds_nothing(path: Path) -> None:
    """This process is alive, and its number is in the note: it was used again."""
    left = Holder.here()
    path.with_name("lock.holder").symlink_to(left.to_bytes().decode())
    assert holder(path) == left
    assert tried(path) == ""


@pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine makes no process namespaces for its users",
)
def test_the_first_process_of_each_container_has_one_number_and_locks_of_its_own(
    path: Path,
) -> None:
    with held(path, *NAMESPACE):
        found = holder(path)
        assert found is not None
        assert found.pid == 1
        assert "process 1 on " in tried(path, *NAMESPACE)
        assert "process 1 on " in tried(path)
    assert tried(path, *NAMESPACE) == ""


def test_a_thread_that_gives_up_waiting_does_not_end_the_lock(path: Path) -> None:
    caught: list[str] = []

    def wait() -> None:
        with pytest.raises(LockedError) as error, exclusive(path, wait_seconds=0.05):
            pass
        caught.append(error.value.message)

    with exclusive(path):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        assert tried(path)
    assert caught[0].startswith("another thread of this process is writing")


def test_a_holder_of_another_machine_is_waited_for_and_never_thrown_out_for_its_age(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.objects / "lock"
    with held(path) as process, monkeypatch.context() as patch:
        another_machine(patch, tmp_path)
        os.utime(path.with_name("lock.holder"), (0, 0), follow_symlinks=False)
        with pytest.raises(LockedError) as caught, exclusive(path, wait_seconds=0.1):
            pass
        assert caught.value.kind == "locked-elsewhere"
        assert f"process {process.pid} on " in caught.value.message
        state = bench.repo.lock_state()
        assert state.holder is not None
        assert not state.here
        assert f"dslineage unlock --id {state.holder.id}" in caught.value.hint

        with pytest.raises(NotFoundError):
            bench.repo.unlock("0" * 16)
        assert bench.repo.unlock(state.holder.id).ended
        with exclusive(path, wait_seconds=0.1):
            assert str(holder(path)) == f"process {os.getpid()} on elsewhere"


def test_of_two_machines_that_see_no_locks_of_each_other_one_has_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_machine(monkeypatch, tmp_path)
    with exclusive(path):
        assert "process" in tried(path)
    assert tried(path) == ""


def test_a_holder_that_runs_on_this_machine_is_not_thrown_out(path: Path) -> None:
    with held(path):
        found = holder(path)
        assert found is not None
        with pytest.raises(LockedError):
            unlock(path, found.id)
        assert holder(path) == found


def test_a_machine_that_was_started_again_takes_over_what_it_left(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_machine(monkeypatch, tmp_path)
    path.with_name("lock.holder").symlink_to(Holder.here().to_bytes().decode())
    (tmp_path / "BOOT").write_text("d" * 32)
    with exclusive(path, wait_seconds=0.1):
        pass


def test_a_note_that_names_nobody_is_a_person_s_to_take_away(path: Path) -> None:
    note = path.with_name("lock.holder")
    note.symlink_to("[]")
    with pytest.raises(LockedError) as caught, exclusive(path, wait_seconds=0.1):
        pass
    assert caught.value.hint.endswith(f"rm {note}")
    note.unlink()
    with exclusive(path, wait_seconds=0.1):
        pass


def test_where_there_are_no_links_the_kernel_decides(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refused)
    with exclusive(path):
        assert tried(path).startswith("another process is writing")


def test_what_another_machine_is_making_is_not_swept(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.commit("train.jsonl", b'{"prompt":"a","completion":"b"}\n')
    making = bench.objects / "tmp" / ("1" * 16)
    making.mkdir()
    owner = making.with_suffix(".owner")
    with monkeypatch.context() as patch:
        another_machine(patch, tmp_path)
        owner.write_bytes(Holder.here().to_bytes())
    bench.add("train.jsonl", b'{"prompt":"c","completion":"d"}\n')
    assert making.exists()
    owner.write_bytes(Holder.here().to_bytes())
    bench.repo.add([bench.root / "train.jsonl"])
    assert not making.exists()
    assert not owner.exists()
