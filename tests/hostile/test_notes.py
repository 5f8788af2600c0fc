"""Notes in folders that somebody else can write: what they say is checked before it is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dslineage.errors import IntegrityError
from dslineage.merging.undoing import Begun, Undo
from dslineage.store.lock import Holder, exclusive, holder
from dslineage.training.recorder import Recorder
from dslineage.training.runfile import RUN_FILE, RunStart
from tests.versions.support import Bench


@pytest.mark.parametrize(
    "said",
    [
        {"paths": ["../precious"]},
        {"paths": [".git/config"]},
        {"paths": ["/etc/passwd"]},
        {"paths": [7]},
        {"paths": {"a/../../precious": 1}},
        {"conflict_file": "../precious"},
        {"conflict_file": None},
        {"dataset": ["train"]},
    ],
    ids=str,
)
def test_a_note_of_a_merge_puts_nothing_back_outside(tmp_path: Path, said: dict[str, Any]) -> None:
    """A file of which there is no copy is one that the merge made, and is removed."""
    bench = Bench.make(tmp_path / "repo")
    bench.put("../precious", b"precious")
    undo = Undo(bench.repo.git)
    undo.keep(Begun("train", "step:1", "train.conflicts.jsonl", ("train.jsonl",)))
    [note] = (bench.root / ".git").rglob("merge-undo.json")
    note.write_text(json.dumps(json.loads(note.read_bytes()) | said))
    with pytest.raises(IntegrityError) as caught:
        undo.begun()
    assert caught.value.kind == "damaged-note"
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize(
    "said", [{"id": "x; rm -rf ~"}, {"id": 7}, {"pid": "1"}, {"pid": -1}, {"host": None}], ids=str
)
def test_a_note_of_a_lock_that_nobody_wrote_names_nobody(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    """Its id is pasted into a shell: `dslineage unlock --id …`."""
    path = tmp_path / "lock"
    note = path.with_name("lock.holder")
    with exclusive(path):
        document = json.loads(str(note.readlink()))
    assert Holder.parse(json.dumps(document)) is not None
    note.symlink_to(json.dumps(document | said))
    assert holder(path) is None


@pytest.mark.parametrize(
    "left", [b"[" * 100_000, b'{"start_hash": "x:../../../evil"}', b'{"start_hash": 7}', b"\xff"]
)
def test_whatever_stands_in_the_place_of_a_run_file_makes_room(tmp_path: Path, left: bytes) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / RUN_FILE).write_bytes(left)
    recorder = Recorder.of(out, RunStart("2026-01-02T03:04:05Z", "dslineage", ()))
    recorder.write()
    assert recorder.path.read_bytes() == recorder.run.to_bytes()
    assert (out / "dslineage-run-damaged.json").read_bytes() == left
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
