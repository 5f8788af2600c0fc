"""Forgotten examples in git: in history, stashes, reflogs, indexes and what nothing refers to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dslineage.elsewhere.place import Place
from dslineage.elsewhere.search import search
from tests.elsewhere.places import OTHERS, SECRET, found, lines, tracked, wanted
from tests.versions.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench.make(tmp_path / "work")
    bench.put("README.md", b"# Data\n")
    bench.git("add", "-A")
    bench.git("commit", "-qm", "first")
    return bench


def removal(place: Place, *words: str) -> bool:
    return all(word in place.removal for word in words)


def test_a_file_is_found_in_the_history_of_every_branch_under_each_of_its_names(
    bench: Bench,
) -> None:
    info = tracked(bench, "train.jsonl", lines(*OTHERS, SECRET))
    bench.git("checkout", "-qb", "side")
    bench.put("odd name's.txt", lines(SECRET))
    bench.git("add", "-A")
    bench.git("commit", "-qm", "a copy")
    bench.git("checkout", "-q", "main")
    tracked(bench, "train.jsonl", lines(*OTHERS))

    seen = found(bench, wanted(info))
    shown = [place.where.partition(":")[0] for place in seen]
    assert shown == ["odd name's.txt in the history", "train.jsonl in the history"]
    blob = bench.git("rev-parse", "side:odd name's.txt").strip()
    assert removal(seen[0], "git filter-repo", "--strip-blobs-with-ids", blob)


def test_the_command_removes_it_from_a_clone_and_keeps_all_else(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if shutil.which("git-filter-repo") is None:
        pytest.skip("git-filter-repo is not installed: pip install git-filter-repo")
    info = tracked(bench, "train.jsonl", lines(*OTHERS, SECRET))
    tracked(bench, "train.jsonl", lines(*OTHERS))
    (place,) = found(bench, wanted(info))
    bench.git("clone", "-q", "--no-local", ".", "../clone")

    clone = Bench(tmp_path / "clone")
    subprocess.run(["bash", "-c", place.removal], cwd=clone.root, check=True, capture_output=True)

    assert found(clone, wanted(info)) == []
    assert (clone.root / "train.jsonl").read_bytes() == lines(*OTHERS)


def test_what_only_a_stash_an_index_or_a_reflog_has_is_found_there(
    bench: Bench, tmp_path: Path
) -> None:
    tracked(bench, "train.jsonl", lines(*OTHERS))
    bench.put("train.jsonl", lines(*OTHERS, SECRET))
    bench.git("stash", "-q")
    bench.put("dropped.txt", b"1. " + lines(SECRET))
    bench.git("add", "dropped.txt")
    bench.git("commit", "-qm", "a mistake")
    bench.git("reset", "-q", "--hard", "HEAD~1")
    bench.put("staged.txt", b"2. " + lines(SECRET))
    bench.git("add", "staged.txt")
    bench.git("worktree", "add", "-q", "../other")
    (bench.root / "../other/elsewhere.txt").write_bytes(b"3. " + lines(SECRET))
    bench.git("-C", "../other", "add", "elsewhere.txt")
    (bench.root / "../other/elsewhere.txt").unlink()
    bench.put("gone.txt", b"4. " + lines(SECRET))
    bench.git("hash-object", "-w", "gone.txt")
    (bench.root / "gone.txt").unlink()
    (bench.root / "staged.txt").unlink()

    shown = (one.where.replace(str(tmp_path), "") for one in found(bench, wanted()))
    assert [re.sub(r": [0-9a-f]{8}$", "", one) for one in shown] == [
        "dropped.txt in a reflog",
        "elsewhere.txt, staged in /other",
        "objects that no branch or tag has",
        "staged.txt, staged in /work",
        "train.jsonl in a stash",
    ]


def test_large_blobs_replaced_ones_and_messages_are_looked_into(bench: Bench) -> None:
    tracked(bench, "train.jsonl", lines(*OTHERS))
    bench.put("long.txt", b"x" * 5_000_000 + lines(SECRET) + b"y" * 5_000_000)
    bench.git("add", "-A")
    bench.git("commit", "-qm", f"As {SECRET['completion']}")
    clean = bench.git("hash-object", "-w", "README.md").strip()
    bench.git("replace", bench.git("rev-parse", "HEAD:long.txt").strip(), clean)
    (bench.root / "long.txt").unlink()

    blob, message = found(bench, wanted())
    assert blob.where.startswith("long.txt in the history")
    assert message.where.startswith("what the commit")
    assert removal(message, "--replace-message")


def test_a_repository_without_the_example_has_no_place(bench: Bench) -> None:
    tracked(bench, "train.jsonl", lines(*OTHERS))

    assert found(bench, wanted()) == []


def test_what_git_cannot_read_is_no_place_without_it(bench: Bench) -> None:
    tracked(bench, "train.jsonl", lines(*OTHERS))
    blob = bench.git("rev-parse", "HEAD:train.jsonl").strip()
    path = bench.root / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(b"damaged")

    unread = [one for one in search(bench.repo, wanted()) if one.kind == "git"]
    assert [(one.where, one.certainty, one.removal) for one in unread] == [
        ("git's objects", "unknown", "git fsck")
    ]
