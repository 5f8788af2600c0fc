"""Branches, tags and stashes; and merges of what two people did."""

from __future__ import annotations

import random
import subprocess
from contextlib import suppress

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import rule

from dslineage.errors import UsageError
from tests.model.machine import CRASH, FILES, SITES, Site
from tests.model.naive import LINES, Made, Tree, bases, examples, merged, next_number
from tests.model.versions import Versions


class Branches(Versions):
    """Git goes to and fro, and versions come together."""

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
        if self.mute(site, theirs):
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

    def free_branches(self, site: Site) -> list[str]:
        used = {one.branch for one in self.sites.values() if one.common is site.common}
        return [one for one in sorted(site.common.branches.keys() - used) if "origin/" not in one]
