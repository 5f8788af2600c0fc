"""What goes: examples that are forgotten, a past that git loses, and garbage."""

from __future__ import annotations

import shutil
from pathlib import Path

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from docs import verify_content_hash as verifier
from tests.model.machine import CRASH, SITES
from tests.model.naive import LINES, examples
from tests.model.places import Places
from tests.model.reaching import reachable


class Endings(Places):
    """Nothing goes that something needs, and nothing stays that has to go."""

    @precondition(lambda self: not self.here.common.erased)
    @rule(name=st.sampled_from(["main", "side"]), number=st.integers(0, 11), crash=CRASH)
    def forget(self, name: str, number: int, crash: int) -> None:
        """Forget an example; whoever has a clone makes a new one."""
        site = self.at(name)
        [example] = examples(LINES[2 * number])
        if clone := self.sites.pop("clone", None):
            shutil.rmtree(clone.bench.root)
        digest = verifier.sha256(example.encode()).hex()
        result = self.run(lambda: site.repo.forget(digest, delete=True), crash)
        assert not any(remote.remains for remote in result.remotes)
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
