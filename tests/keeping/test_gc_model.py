"""Random histories beside a naive model: what can be reached is whole, and nothing else is left."""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from dslineage.records import FileEntry
from dslineage.store import repacking
from dslineage.versions.restoring import restored
from tests.model.reaching import reachable
from tests.versions.support import Bench

LINES = [b'{"prompt":"p%d","completion":"c"}\n' % number for number in range(12)]
FILES = st.lists(st.sampled_from(LINES), min_size=1, max_size=12)


class Histories(RuleBasedStateMachine):
    """One data set in a repository with branches, stashes and work trees."""

    @initialize(lines=FILES, many=st.sampled_from([1, 3, 50]))
    def start(self, lines: list[bytes], many: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(repacking, "MANY", many)
        self.bench = Bench.make(Path(self.folder.name) / "work")
        self.known: dict[str, bytes] = {}
        self.names = iter(f"name{number}" for number in range(1000))
        self.write(lines)
        self.commit()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.patch.undo()
            self.folder.cleanup()

    @rule(lines=FILES)
    def write(self, lines: list[bytes]) -> None:
        """Record a draft."""
        data = b"".join(lines)
        self.known[hashlib.sha256(data).hexdigest()] = data
        self.bench.put("train.jsonl", data)
        self.bench.repo.add([self.bench.root / "train.jsonl"], measure=False)

    @rule()
    def commit(self) -> None:
        self.git("commit", "-q", "--allow-empty", "-m", "work")

    @rule()
    def amend(self) -> None:
        self.git("commit", "-q", "--amend", "--allow-empty", "-m", "amended")

    @rule()
    def branch(self) -> None:
        self.git("branch", next(self.names))

    @rule()
    def tag(self) -> None:
        self.git("tag", "-a", "-m", "tag", next(self.names))

    @rule(choice=st.randoms(use_true_random=False), to=st.sampled_from(["switch", "detach"]))
    def go_elsewhere(self, choice: random.Random, to: str) -> None:
        self.git("reset", "-q", "--hard")
        self.git("clean", "-q", "-fd")
        branches = self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        elsewhere = [one for one in branches if self.git("worktree", "list").find(f"[{one}]") < 0]
        if elsewhere:
            detach = ["--detach"] if to == "detach" else []
            self.git("checkout", "-q", *detach, choice.choice(elsewhere))

    @rule(choice=st.randoms(use_true_random=False))
    def delete_a_branch(self, choice: random.Random) -> None:
        branches = self.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        used = self.git("worktree", "list")
        free = [one for one in branches if f"[{one}]" not in used]
        if free:
            self.git("branch", "-q", "-D", choice.choice(free))

    @rule()
    def reset(self) -> None:
        self.git("reset", "-q", "--hard", "HEAD")

    @rule()
    def unstage(self) -> None:
        self.git("reset", "-q")

    @rule(untracked=st.booleans())
    def stash(self, untracked: bool) -> None:
        self.git("stash", "push", "-q", *(["-u"] if untracked else []))

    @precondition(lambda self: self.git("stash", "list"))
    @rule()
    def drop_a_stash(self) -> None:
        self.git("stash", "drop", "-q")

    @rule()
    def add_a_work_tree(self) -> None:
        name = next(self.names)
        tree = Bench(self.bench.root.parent / name)
        self.git("worktree", "add", "-q", "-b", name, str(tree.root))
        data = LINES[int(name[4:]) % 12] * 3
        self.known[hashlib.sha256(data).hexdigest()] = data
        tree.put("train.jsonl", data)
        tree.repo.add([tree.root / "train.jsonl"], measure=False)

    @precondition(lambda self: len(self.trees()) > 1)
    @rule(commit=st.booleans())
    def remove_a_work_tree(self, commit: bool) -> None:
        tree = self.trees()[-1]
        if commit:
            tree.git("commit", "-q", "--allow-empty", "-m", "aside")
        self.git("worktree", "remove", "--force", str(tree.root))

    @rule()
    def forget_the_past(self) -> None:
        self.git("reflog", "expire", "--expire=now", "--all")
        (self.bench.root / ".git" / "ORIG_HEAD").unlink(missing_ok=True)

    @rule()
    def lose_the_cache(self) -> None:
        shutil.rmtree(self.bench.objects / "cache", ignore_errors=True)

    @rule()
    def collect_what_is_old(self) -> None:
        before = self.listing()
        result = self.bench.repo.gc(delete=True)
        assert not result.dead, "all is young"
        assert self.listing() >= before - set(result.superseded)

    @rule(tree=st.integers(0, 3))
    def collect_everything(self, tree: int) -> None:
        trees = self.trees()
        wanted = reachable(trees)
        repo = trees[tree % len(trees)].repo
        foretold = repo.gc(grace_days=0)
        before = self.listing()
        result = repo.gc(delete=True, grace_days=0)
        assert set(foretold.dead) <= set(result.dead) | self.listing(), "or made once more"
        assert not result.young
        assert before - self.listing() == set(result.dead) & before
        self.all_is_there_and_nothing_else(wanted)
        assert not repo.gc(grace_days=0).dead

    def all_is_there_and_nothing_else(self, wanted: dict[str, Any]) -> None:
        store = self.bench.repo.store
        for digits, file in wanted.items():
            assert b"".join(restored(store, FileEntry.from_dict(file))) == self.known[digits]
        layouts = [path.name for path in store.layouts_folder.iterdir()]
        assert {name.partition(".")[0] for name in layouts} == set(wanted)
        needed = {pack for name in layouts for pack in store.layout(name).packs}
        assert store.own_pack_names() == needed
        for tree in self.trees():
            assert tree.problems() == []

    def trees(self) -> list[Bench]:
        lines = self.git("worktree", "list", "--porcelain").splitlines()
        return [Bench(Path(line[9:])) for line in lines if line.startswith("worktree ")]

    def listing(self) -> set[str]:
        folders = ("packs", "views", "measures", "layouts", "blobs", "media", "links")
        return {
            f"{folder}/{path.name}"
            for folder in folders
            for path in (self.bench.objects / folder).iterdir()
        }

    def git(self, *arguments: str) -> str:
        return self.bench.git(*arguments)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=5, stateful_step_count=20, deadline=None)
