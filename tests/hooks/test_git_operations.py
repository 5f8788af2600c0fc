"""Every operation of git, with the hooks: the table is `operations.txt`.

Each row is run a second time without hooks: they changed neither the index nor a file of the work
tree, nor what was committed.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dslineage_hooks.shim import HOOKS
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work, environment, lines

OTHER = lines("a", "b", "x", "y")
KINDS = {
    "missing-record": "the record of train (v.) is not committed with it",
    "conflicted-pointer": "has merge markers",
    "stale": r"the data files of train are not (v.), which is\s+what belongs here",
    "other": r"the data files of train are (v.), and not (v.), which belongs here",
    "not-added": "train has changed since (v.)",
}
_SHELL = """\
plain() { git -c core.hooksPath=/dev/null "$@"; }
stand_on() { plain checkout -q "$1"; cp "../$1" data/train.jsonl; }
"""


class Row(NamedTuple):
    """An operation, what is staged when it begins, its script, and what is there after it."""

    operation: str
    added: bool
    script: str
    after: str


def _rows() -> Iterator[Row]:
    text = (Path(__file__).parent / "operations.txt").read_text()
    for block in filter(str.strip, text.split("\n\n")[1:]):
        operation, script, *after = block.strip().split("\n    ")
        name, staged, _ = operation.partition(", v2 added")
        yield Row(name, bool(staged), script, "\n".join(after))


ROWS = list(_rows())


@functools.cache
def _template(start: str) -> Path:
    """Made once in each process. Beside the work tree is the data of each branch."""
    folder = Path(tempfile.mkdtemp(prefix="dslineage-test-"))
    atexit.register(shutil.rmtree, folder)
    if start == "added":
        shutil.copytree(_template("branches"), folder, symlinks=True, dirs_exist_ok=True)
        Work(folder / "work").add(TWO)
        return folder
    work = Work.make(folder / "work")
    work.write("notes", "notes\n")
    work.git("add", "notes")
    work.git("commit", "-qm", "notes")
    work.branch("more", TWO)
    work.branch("other", OTHER)
    work.git("checkout", "-qb", "aside")
    work.write("aside", "aside\n")
    work.git("add", "aside")
    work.git("commit", "-qm", "aside")
    work.git("checkout", "-q", "main")
    for branch, data in {"main": ONE, "aside": ONE, "more": TWO, "other": OTHER}.items():
        (folder / branch).write_bytes(data)
    for hook in HOOKS:
        script = work.root / ".git/hooks" / hook
        script.write_text(f'#!/bin/sh\necho {hook} >> "$HOOKS_RAN"\n')
        script.chmod(0o755)
    work.install()
    return folder


def _run(row: Row, folder: Path, setting: str) -> tuple[Work, int, str]:
    """Run a row in a copy of its own; `setting` is a setting of git."""
    shutil.copytree(_template("added" if row.added else "branches"), folder, symlinks=True)
    work = Work(folder / "work")
    work.git("update-index", "-q", "--refresh")
    key, _, value = setting.partition("=")
    done = subprocess.run(
        ["sh", "-ec", _SHELL + row.script],
        cwd=work.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=environment()
        | {"HOOKS_RAN": str(folder / "ran")}
        | {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": value},
    )
    return work, done.returncode, done.stdout


def _after(work: Work, code: int, said: str) -> str:
    log = work.root.parent / "ran"
    ran = " ".join(log.read_text().split()) if log.exists() else "none"
    pointer = (work.root / POINTER).read_bytes() if (work.root / POINTER).exists() else b""
    head = work.tried("cat-file", "blob", f"HEAD:{POINTER}").said.encode()
    records = (work.root / ".dslineage/records/dataset/train").glob("v*.json")
    labels = sorted(path.name.partition("-")[0] for path in records)
    return (
        f"exit {code}; hooks: {ran}; said: {_said(said)}\n"
        f"data {_data(work.root / DATA)}, pointer {_pointer(pointer)}, HEAD {_pointer(head)}, "
        f"records {' '.join(labels) or 'none'}"
    )


def _said(text: str) -> str:
    """The kinds of what was named, each with the version that belongs there."""
    found = []
    for kind, words in KINDS.items():
        found += [" ".join([kind, *one.groups()]) for one in re.finditer(words, text)]
    assert len(found) == len(re.findall("^(fault|note): ", text, re.MULTILINE)), text
    return ", ".join(found) or "nothing"


def _data(path: Path) -> str:
    known = {None: "none", ONE: "v1", TWO: "v2", OTHER: "v2'"}
    return known.get(path.read_bytes() if path.exists() else None, "unsaved")


def _pointer(data: bytes) -> str:
    if b"<<<<" in data:
        return "conflict"
    try:
        document = json.loads(data)
    except ValueError:
        return "none"
    other = document["files"][0]["sha256"].endswith(hashlib.sha256(OTHER).hexdigest())
    return f"{document['version']}" + ("'" if other else "")


def _state(work: Work) -> dict[str, bytes]:
    """The index, what is committed, and every file of the work tree."""
    files = {
        str(path.relative_to(work.root)): path.read_bytes()
        for path in work.root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(work.root).parts
    }
    return files | {
        "index": work.staged().encode(),
        "HEAD": work.tried("rev-parse", "HEAD^{tree}").said.encode(),
    }


def _caches_lie(work: Work) -> bool:
    """Whether the cache of file hashes has another hash of a file that did not change since."""
    cache = work.root / ".git/dslineage/cache/files.json"
    for name, (size, mtime, _, inode, digest, _) in json.loads(cache.read_bytes()).items():
        path = Path(name)
        if path.exists() and path.is_relative_to(work.root):
            found = path.stat()
            if (found.st_size, found.st_mtime_ns, found.st_ino) == (size, mtime, inode):
                return bool(hashlib.sha256(path.read_bytes()).hexdigest() != digest)
    return False


@pytest.mark.parametrize("row", ROWS, ids=[row.operation for row in ROWS])
def test_with_hooks(row: Row, tmp_path: Path) -> None:
    work, code, said = _run(row, tmp_path / "with", "x.none=")
    assert _after(work, code, said) == row.after
    assert not _caches_lie(work)
    if "hooks: none" in row.after:
        return
    without, plainly, _ = _run(row, tmp_path / "without", "core.hooksPath=/dev/null")
    if code == plainly:
        assert _state(work) == _state(without)
    else:
        assert "missing-record" in row.after or "conflicted-pointer" in row.after
