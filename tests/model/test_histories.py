"""Anything that people do to a data set, in any order and place, beside a naive model of it.

There are a repository, a second work tree of it, a clone with objects of its own, and a remote.
`make model` looks further.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from docs import verify_content_hash as verifier
from dslineage.errors import BadDataError, IntegrityError, UsageError
from dslineage.records import DatasetRecord, FileEntry
from dslineage.repository import Repository
from dslineage.store import repacking
from dslineage.versions.restoring import restored
from tests.crashes.faults import killed_at
from tests.forgetting.hunt import where
from tests.model.naive import (
    LINES,
    Common,
    Made,
    Tree,
    bases,
    content_hash,
    examples,
    merged,
    next_number,
)
from tests.model.reaching import reachable
from tests.versions.support import Bench

PLACES = ("train.jsonl", "moved.jsonl")
FILES = st.lists(st.sampled_from(LINES), min_size=1, max_size=14)
ENDS = st.sampled_from([b"\n", b"", b"\r\n", b"\n\n"])
SITES = st.sampled_from(["main", "side", "clone"])
CRASH = st.one_of(st.just(0), st.integers(1, 150))
"""At which of its effects a command is killed before it is run again; 0: at none."""


@dataclass
class Site:
    """A work tree: its branch, what its index has, and its data file. A repository stays open."""

    bench: Bench
    common: Common
    branch: str
    tree: Tree
    data: bytes | None
    repo: Repository

    @property
    def head(self) -> Tree:
        return self.common.branches[self.branch]

    @property
    def file(self) -> Path:
        return self.bench.root / self.tree.path


class Histories(RuleBasedStateMachine):
    """`versions` are all that were ever recorded, by id."""

    @initialize(lines=FILES, many=st.sampled_from([1, 3, 50]))
    def start(self, lines: list[bytes], many: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(repacking, "MANY", many)
        self.names = iter(f"name{number}" for number in range(10_000))
        self.versions: dict[str, Made] = {}
        self.entries: dict[bytes, FileEntry] = {}
        self.remote: set[bytes] = set()
        top = Path(self.folder.name)
        bench = Bench.make(top / "main")
        bench.put(".gitignore", b"".join(b"/%s\n" % name.encode() for name in PLACES))
        self.storage = top / "storage"
        bench.repo.remotes.add("storage", str(self.storage))
        bench.git("add", "-A")
        nothing = Tree(frozenset(), "", PLACES[0])
        site = Site(bench, Common({"main": nothing}), "main", nothing, None, bench.repo)
        self.sites = {"main": site}
        self.here = site
        self.write("main", lines, b"\n")
        self.add("main", 0)
        self.commit("main")

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.patch.undo()
            self.folder.cleanup()

    # What happens to files

    @rule(name=SITES, lines=FILES, end=ENDS)
    def write(self, name: str, lines: list[bytes], end: bytes) -> None:
        site = self.at(name)
        site.data = b"\n".join(lines) + end
        site.file.write_bytes(site.data)

    @rule(name=SITES, lines=FILES, seed=st.integers(0, 99))
    def edit(self, name: str, lines: list[bytes], seed: int) -> None:
        """Leave some examples out, put others in, and mix them."""
        site = self.at(name)
        kept = [line for line in (site.data or b"").splitlines() if line]
        random.Random(seed).shuffle(kept)
        self.write(name, [*kept[: len(kept) * 3 // 4], *lines[:3]], b"\n")

    @rule(name=SITES)
    def lose_the_file(self, name: str) -> None:
        site = self.at(name)
        site.file.unlink(missing_ok=True)
        site.data = None

    @rule(name=SITES, views=st.booleans())
    def lose_what_can_be_computed_again(self, name: str, views: bool) -> None:
        objects = self.objects(self.at(name))
        shutil.rmtree(objects / "cache", ignore_errors=True)
        if views:
            shutil.rmtree(objects / "views", ignore_errors=True)

    @rule(name=SITES)
    def open_again(self, name: str) -> None:
        site = self.at(name)
        site.repo = site.bench.repo

    # Versions

    @rule(name=SITES, crash=CRASH)
    def add(self, name: str, crash: int) -> None:
        site = self.at(name)
        if site.data is None:
            return
        if self.tainted(site):
            if not site.tree.denied.isdisjoint(examples(site.data)):
                with pytest.raises((BadDataError, IntegrityError)) as caught:
                    site.repo.add([site.file], measure=False)
                assert caught.value.kind in {"forgotten", "missing-key"}
            return
        draft = self.draft(site)
        before = (site.tree.current,) if site.tree.current else ()
        parents = self.versions[draft].parents if draft else before
        same = [
            id_ for id_ in (*before, *(parents if draft and len(parents) == 1 else ()))
            if self.versions[id_][1:3] == (site.tree.path, site.data)
        ]  # fmt: skip
        result = self.run(lambda: site.repo.add([site.file], measure=False), crash)
        record = result.version.record
        assert result.unchanged == bool(same) or crash
        visible = site.tree.versions | site.head.versions
        if same:
            assert record.id == same[0]
        else:
            number = next_number(self.versions, visible - {draft})
            self.know(record, Made(number, site.tree.path, site.data, parents))
        gone = {draft} - {record.id}
        versions = (site.tree.versions - gone) | {record.id}
        site.tree = site.tree._replace(versions=versions, current=record.id)
        site.common.held.add(site.data)

    @rule(name=SITES, amend=st.booleans())
    def commit_with_git(self, name: str, amend: bool) -> None:
        site = self.at(name)
        site.bench.git("commit", "-q", "--allow-empty", "-m", "work", *["--amend"] * amend)
        self.committed(site)

    @rule(name=SITES)
    def commit(self, name: str) -> None:
        site = self.at(name)
        if self.tainted(site):
            return
        if site.data is not None and site.data != self.versions[site.tree.current].data:
            self.add(name, 0)
        staged = bool(site.bench.git("diff", "--cached", "--name-only"))
        if not staged:
            with pytest.raises(UsageError, match="nothing to commit"):
                site.repo.commit("work", measure=False)
            return
        site.repo.commit("work", measure=False)
        self.committed(site)

    @rule(name=SITES, choice=st.randoms(use_true_random=False), crash=CRASH)
    def check_out(self, name: str, choice: random.Random, crash: int) -> None:
        site = self.at(name)
        here = [i for i in sorted(site.tree.versions) if self.versions[i].path == site.tree.path]
        if site.tree.current not in here:
            return
        id_ = choice.choice(here)
        wanted = self.versions[id_].data
        recorded = {self.versions[one].data for one in site.tree.versions} & site.common.held
        saved = site.data is None or site.data == wanted or site.data in recorded
        if wanted not in site.common.whole and site.data != wanted:
            with pytest.raises((IntegrityError, UsageError)):
                site.repo.checkout(id_)
            return
        if self.guarded(lambda: site.repo.checkout(id_), crash) is None:
            assert not saved
            return
        assert saved or site.data in self.entries
        site.tree = site.tree._replace(current=id_)
        site.data = wanted

    @rule(name=SITES, crash=CRASH)
    def move(self, name: str, crash: int) -> None:
        """Go on with a data set in a file of another name."""
        site = self.at(name)
        if site.data is None or self.tainted(site):
            return
        path = PLACES[site.tree.path == PLACES[0]]
        site.file.rename(site.bench.root / path)
        site.bench.git("mv", f"{site.tree.path}.dsl.json", f"{path}.dsl.json")
        site.tree = site.tree._replace(path=path)
        self.add(name, crash)

    @rule(name=SITES, choice=st.randoms(use_true_random=False))
    def diff(self, name: str, choice: random.Random) -> None:
        site = self.at(name)
        held = [i for i in sorted(site.tree.versions) if self.versions[i].data in site.common.held]
        if not held:
            return
        ids = [choice.choice(held) for _ in range(2)]
        found = site.repo.diff(*ids).to_dict()
        old, new = (examples(self.versions[id_].data) for id_ in ids)
        assert found["identical"] == (old == new)
        assert found["examples"] == {
            "from": old.total(),
            "to": new.total(),
            "unchanged": (old & new).total(),
            "edited": 0,
            "removed": (old - new).total(),
            "added": (new - old).total(),
        }

    @rule(
        name=SITES, choice=st.randoms(use_true_random=False), form=st.sampled_from(["jsonl", "csv"])
    )
    def export(self, name: str, choice: random.Random, form: str) -> None:
        site = self.at(name)
        whole = [
            i for i in sorted(site.tree.versions) if self.versions[i].data in site.common.whole
        ]
        if not whole:
            return
        id_ = choice.choice(whole)
        target = Path(self.folder.name) / f"out.{form}"
        site.repo.export(id_, output=target, force=True)
        digests = [verifier.digest(row) for row in verifier.rows(str(target))]
        assert verifier.content_hash(digests) == content_hash(self.versions[id_].data)

    # Branches

    @rule(name=SITES)
    def branch(self, name: str) -> None:
        site = self.at(name)
        new = next(self.names)
        site.bench.git("switch", "-q", "-c", new)
        site.common.branches[new] = site.head
        site.branch = new

    @rule(name=SITES)
    def tag(self, name: str) -> None:
        site = self.at(name)
        new = next(self.names)
        site.bench.git("tag", new)
        site.common.tags[new] = site.head

    @rule(name=SITES, choice=st.randoms(use_true_random=False))
    def switch(self, name: str, choice: random.Random) -> None:
        site = self.at(name)
        others = self.free_branches(site)
        if site.tree != site.head or not others:
            return
        new = choice.choice(others)
        if site.common.branches[new].path != site.tree.path:
            site.file.unlink(missing_ok=True)
            site.data = None
        site.bench.git("switch", "-q", new)
        site.branch, site.tree = new, site.common.branches[new]

    @rule(name=SITES, choice=st.randoms(use_true_random=False))
    def delete_a_branch(self, name: str, choice: random.Random) -> None:
        site = self.at(name)
        if others := self.free_branches(site):
            old = choice.choice(others)
            site.bench.git("branch", "-q", "-D", old)
            del site.common.branches[old]

    @rule(name=SITES, choice=st.randoms(use_true_random=False), crash=CRASH)
    def merge(self, name: str, choice: random.Random, crash: int) -> None:
        """Merge any branch, after all is committed."""
        self.settle(name)
        branches = self.at(name).common.branches
        self.merge_branch(name, choice.choice(sorted(branches)), crash)

    @rule(name=SITES, ours=FILES, theirs=FILES, crash=CRASH)
    def diverge_and_merge(
        self, name: str, ours: list[bytes], theirs: list[bytes], crash: int
    ) -> None:
        """Two people go on from one version, each on a branch."""
        self.settle(name)
        site = self.at(name)
        new = [next(self.names), next(self.names)]
        for branch in new:
            site.bench.git("branch", "-q", branch, site.branch)
            site.common.branches[branch] = site.head
        for branch, lines in zip(new, (theirs, ours), strict=True):
            site.bench.git("switch", "-q", branch)
            site.branch = branch
            site.tree = site.head
            self.edit(name, lines, len(lines))
            self.settle(name)
        self.merge_branch(name, new[0], crash)

    def settle(self, name: str) -> None:
        """Commit all that there is."""
        site = self.at(name)
        if site.data is None or self.tainted(site):
            clean = [line for line in LINES if site.common.erased.isdisjoint(examples(line))]
            self.write(name, clean[:3], b"\n")
        self.add(name, 0)
        self.commit_with_git(name, amend=False)

    def merge_branch(self, name: str, branch: str, crash: int) -> None:
        site = self.at(name)
        current, theirs = self.versions[site.tree.current], site.common.branches[branch]
        found = site.bench.git("merge-base", "--all", "HEAD", branch).split()
        old = bases(self.versions, site.tree.current, theirs.current)
        needed = {self.versions[i].data for i in (site.tree.current, theirs.current, *old)}
        paths = {site.tree.path, theirs.path, current.path, self.versions[theirs.current].path}
        if len(found) != 1 or len(paths) != 1 or not needed <= site.common.whole:
            return
        command = ["git", "merge", "-q", "--no-edit", branch]
        done = subprocess.run(command, cwd=site.bench.root, capture_output=True, check=False)
        versions = site.tree.versions | theirs.versions
        denied = site.tree.denied | theirs.denied
        if done.returncode == 0:
            pointer = site.bench.pointer(site.tree.path)
            assert pointer.id in {site.tree.current, theirs.current}
            site.tree = Tree(versions, pointer.id, site.tree.path, denied)
            self.committed(site)
            event("git merged")
            return
        ours = site.tree
        with suppress(UsageError):  # where a crash came after all was done
            self.run(lambda: site.repo.merge(measure=False), crash)
        id_ = site.bench.pointer(site.tree.path).id
        [record] = [one for one in site.repo.catalog.versions("train") if one.id == id_]
        site.data = site.file.read_bytes()
        number = next_number(self.versions, versions)
        made = Made(number, ours.path, site.data, (ours.current, theirs.current), merged=True)
        self.know(record, made)
        event(f"two versions were merged by {len(old)}")
        if len(old) == 1:
            base = self.versions[old.pop()]
            sides = (current.data, self.versions[theirs.current].data)
            assert examples(site.data) == merged(base.data, *sides)
        site.tree = Tree(versions | {id_}, id_, ours.path, denied)
        site.common.held.add(site.data)
        site.bench.git("commit", "-q", "--no-edit")
        self.committed(site)

    @rule(name=SITES)
    def stash(self, name: str) -> None:
        site = self.at(name)
        if site.tree != site.head:
            site.bench.git("stash", "push", "-q")
            site.common.stashes.append((site.head, site.tree))
            site.data = site.data if site.tree.path == site.head.path else None
            site.tree = site.head

    @rule(name=SITES)
    def reset(self, name: str) -> None:
        site = self.at(name)
        site.bench.git("reset", "-q", "--hard")
        site.data = site.data if site.tree.path == site.head.path else None
        site.tree = site.head

    @rule(name=SITES)
    def pop_a_stash(self, name: str) -> None:
        site = self.at(name)
        stashes = site.common.stashes
        if stashes and site.tree == site.head == stashes[-1][0]:
            site.bench.git("stash", "pop", "-q", "--index")
            site.tree = stashes.pop()[1]
            site.data = site.file.read_bytes() if site.file.exists() else None

    # Places

    @precondition(lambda self: "side" not in self.sites)
    @rule()
    def add_a_work_tree(self) -> None:
        main = self.sites["main"]
        bench = Bench(main.bench.root.parent / "side")
        new = next(self.names)
        main.bench.git("worktree", "add", "-q", "-b", new, str(bench.root))
        main.common.branches[new] = main.head
        site = Site(bench, main.common, new, main.head, None, bench.repo)
        self.sites["side"] = site

    @precondition(lambda self: "side" in self.sites)
    @rule()
    def remove_the_work_tree(self) -> None:
        side = self.sites.pop("side")
        self.at("main").bench.git("worktree", "remove", "--force", str(side.bench.root))

    @precondition(lambda self: "clone" not in self.sites)
    @rule(pulled=st.booleans())
    def clone(self, pulled: bool) -> None:
        if pulled:
            self.push("main", 0)
        main = self.sites["main"]
        root = main.bench.root.parent / "clone"
        subprocess.run(["git", "clone", "-q", str(main.bench.root), str(root)], check=True)
        branches = {main.branch: main.head}
        branches |= {f"origin/{name}": tree for name, tree in main.common.branches.items()}
        common = Common(branches, dict(main.common.tags), erased=set(main.common.erased))
        bench = Bench(root)
        self.sites["clone"] = Site(bench, common, main.branch, main.head, None, bench.repo)
        if pulled:
            self.pull("clone", 0)

    @precondition(lambda self: "clone" in self.sites)
    @rule()
    def fetch_with_git(self) -> None:
        main, clone = self.sites["main"].common, self.sites["clone"]
        clone.bench.git("fetch", "-q", "--prune", "origin")
        mine = {n: tree for n, tree in clone.common.branches.items() if "origin/" not in n}
        theirs = {f"origin/{name}": tree for name, tree in main.branches.items()}
        clone.common.branches = mine | theirs

    @precondition(lambda self: "clone" in self.sites)
    @rule()
    def push_with_git(self) -> None:
        main, clone = self.sites["main"].common, self.sites["clone"]
        new = next(self.names)
        clone.bench.git("push", "-q", "origin", f"HEAD:refs/heads/{new}")
        main.branches[new] = clone.common.branches[f"origin/{new}"] = clone.head

    @rule(name=SITES, crash=CRASH)
    def push(self, name: str, crash: int) -> None:
        site = self.at(name)
        files = {self.versions[id_].data for id_ in site.tree.versions}
        result = self.run(site.repo.remotes.push, crash)
        self.remote |= files & site.common.held
        assert bool(result.partly) == bool(files - site.common.held)

    @rule(name=SITES, crash=CRASH)
    def pull(self, name: str, crash: int) -> None:
        site = self.at(name)
        if site.tree.path != self.versions[site.tree.current].path:
            return
        files = {self.versions[id_].data for id_ in site.tree.versions}
        wanted = self.versions[site.tree.current].data
        recorded = {self.versions[one].data for one in site.tree.versions}
        arrived = files & self.remote
        if not site.common.erased.isdisjoint(examples(wanted)) and site.data != wanted:
            site.repo.remotes.fetch()
            site.common.held |= arrived
            return
        result = self.guarded(site.repo.remotes.pull, crash)
        site.common.held |= arrived
        if result is None:
            assert site.data not in recorded & site.common.held
            return
        lacking = files - site.common.held
        assert bool(result.fetched.lacking) == bool(lacking)
        if wanted not in lacking:
            site.data = wanted

    # What goes

    @precondition(lambda self: not self.here.common.erased)
    @rule(name=st.sampled_from(["main", "side"]), number=st.integers(0, 11), crash=CRASH)
    def forget(self, name: str, number: int, crash: int) -> None:
        """Forget an example; whoever has a clone makes a new one."""
        site = self.at(name)
        [example] = examples(LINES[2 * number])
        if clone := self.sites.pop("clone", None):
            shutil.rmtree(clone.bench.root)
        digest = verifier.sha256(example.encode()).hex()
        self.run(lambda: site.repo.forget(digest, delete=True), crash)
        site.tree = site.tree._replace(denied=site.tree.denied | {example})
        site.common.erased.add(example)
        event("an example was forgotten")

    @rule(name=SITES)
    def forget_the_past(self, name: str) -> None:
        """Let git lose all that is in no branch, tag or work tree."""
        site = self.at(name)
        site.bench.git("stash", "clear")
        site.bench.git("reflog", "expire", "--expire=now", "--all")
        site.common.stashes.clear()
        for one in self.sites.values():
            if one.common is site.common:
                own = Path(one.bench.git("rev-parse", "--absolute-git-dir").strip())
                (own / "ORIG_HEAD").unlink(missing_ok=True)
                (own / "FETCH_HEAD").unlink(missing_ok=True)

    @rule(name=SITES)
    def collect_what_is_old(self, name: str) -> None:
        assert not self.at(name).repo.gc(delete=True).dead, "all is young"

    @rule(name=SITES, crash=CRASH)
    def collect_everything(self, name: str, crash: int) -> None:
        site = self.at(name)
        trees = [one.bench for one in self.sites.values() if one.common is site.common]
        wanted = reachable(trees)
        self.run(lambda: site.repo.gc(delete=True, grace_days=0), crash)
        held = {data for data in site.common.held if self.sha(data) in wanted}
        layouts = {one.name.partition(".")[0] for one in site.repo.store.layouts_folder.glob("*")}
        assert layouts == {self.sha(data) for data in held}
        site.common.held = held
        assert not site.repo.gc(grace_days=0).dead

    # What always holds

    @invariant()
    def every_version_that_the_model_knows_is_there(self) -> None:
        for site in {id(one.common): one for one in self.sites.values()}.values():
            store = site.bench.repo.store
            for data in site.common.held:
                if data in site.common.whole:
                    assert b"".join(restored(store, self.entries[data])) == data
                else:
                    with pytest.raises(IntegrityError, match="forgotten"):
                        list(restored(store, self.entries[data]))

    @invariant()
    def what_was_forgotten_is_nowhere(self) -> None:
        folders = [*{self.objects(site) for site in self.sites.values()}, self.storage]
        for example in self.here.common.erased:
            assert where(json.loads(example)["prompt"].encode(), *folders) == []

    @invariant()
    def the_work_tree_is_that_of_the_model(self) -> None:
        site = self.here
        log = site.repo.log("train").versions
        numbers = [info.record.number for info in log]
        assert numbers == sorted(numbers, reverse=True)
        assert {info.record.id for info in log} == site.tree.versions
        assert {info.record.id for info in log if not info.draft} == site.head.versions
        assert site.bench.pointer(site.tree.path).id == site.tree.current
        assert (site.file.read_bytes() if site.file.exists() else None) == site.data

    @invariant()
    def verify_finds_what_is_missing_and_nothing_else(self) -> None:
        files = {self.versions[id_].data for id_ in self.here.tree.versions}
        assert bool(self.here.repo.verify().problems) == bool(files - self.here.common.held)

    @invariant()
    def a_tag_names_what_it_named(self) -> None:
        for tag, tree in list(self.here.common.tags.items())[-1:]:
            assert self.here.repo.show(tag).record.id == tree.current

    # The rest

    def at(self, name: str) -> Site:
        """Go to a work tree, or to the first one where that is not there."""
        self.here = self.sites.get(name, self.sites["main"])
        return self.here

    def tainted(self, site: Site) -> bool:
        """Whether the data file has an example that was forgotten."""
        return not site.common.erased.isdisjoint(examples(site.data or b""))

    def draft(self, site: Site) -> str:
        """The version that an add would replace, or an empty text."""
        id_ = site.tree.current
        if not id_ or id_ in site.head.versions or self.versions[id_].merged:
            return ""
        used = any(id_ in self.versions[one].parents for one in site.tree.versions)
        return "" if used else id_

    def know(self, record: DatasetRecord, made: Made) -> None:
        """Take in a new version, and see that its record says what is so."""
        assert (record.number, record.parents) == (made.number, made.parents)
        assert record.examples == examples(made.data).total()
        assert record.unique == len(examples(made.data))
        assert str(record.content_hash) == content_hash(made.data)
        assert self.versions.setdefault(record.id, made) == made
        self.entries.setdefault(made.data, record.files[0])

    def committed(self, site: Site) -> None:
        site.common.branches[site.branch] = site.tree

    def free_branches(self, site: Site) -> list[str]:
        used = {one.branch for one in self.sites.values() if one.common is site.common}
        return [one for one in sorted(site.common.branches.keys() - used) if "origin/" not in one]

    def run(self, action: Callable[[], Any], crash: int) -> Any:
        """Do something; before, where it is to crash, in a process that is killed on the way."""

        def refused_or_done() -> None:
            with suppress(UsageError):
                action()

        if crash:
            event(
                "a command was killed" if killed_at(refused_or_done, crash) else "it ended before"
            )
        return action()

    def guarded(self, action: Callable[[], Any], crash: int) -> Any:
        """The same; None where it would have written over data that is in no version."""
        try:
            return self.run(action, crash)
        except UsageError as error:
            if error.kind != "unsaved-changes":
                raise
            return None

    def sha(self, data: bytes) -> str:
        return self.entries[data].sha256.hex

    def objects(self, site: Site) -> Path:
        return site.repo.store.root


DEEP = settings.get_current_profile_name() == "deep"
TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=150 if DEEP else 6, stateful_step_count=60 if DEEP else 25, deadline=None
)
