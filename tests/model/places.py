"""A second work tree, a clone with objects of its own, and a remote for both."""

from __future__ import annotations

import subprocess

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.branches import Branches
from tests.model.machine import CRASH, SITES, Site
from tests.model.naive import Common, examples
from tests.versions.support import Bench


class Places(Branches):
    """Work trees come and go, and objects move between repositories."""

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
        erased = set(main.common.erased)
        common = Common(branches, dict(main.common.tags), erased=erased, key=not erased)
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
        if self.mute(site):
            return
        files = {self.versions[id_].data for id_ in site.tree.versions}
        result = self.run(site.repo.remotes.push, crash)
        self.remote |= files & site.common.held
        self.remote_key |= bool(site.tree.denied)
        assert bool(result.partly) == bool(files - site.common.held)

    @rule(name=SITES, crash=CRASH)
    def pull(self, name: str, crash: int) -> None:
        site = self.at(name)
        if site.tree.path != self.versions[site.tree.current].path:
            return
        if self.mute(site) and not self.remote_key:
            return
        site.common.key |= bool(site.tree.denied)
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
