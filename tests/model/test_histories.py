"""Anything that people do to a data set, in any order and place, beside a naive model of it.

There are a repository, a second work tree of it, a clone with objects of its own, and a remote.
What can be done stands in the chapters `files`, `versions`, `branches`, `places` and `endings`, of
which each knows those before it; what then holds, in `laws`; the model is `naive`. `make model`
looks further.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from dslineage.store import repacking
from tests.model.laws import Laws
from tests.model.machine import FILES, PLACES, Site
from tests.model.naive import Common, Tree
from tests.versions.support import Bench


class Histories(Laws):
    """Each begins with a repository of one version."""

    @initialize(lines=FILES, many=st.sampled_from([1, 3, 50]))
    def start(self, lines: list[bytes], many: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(repacking, "MANY", many)
        self.names = iter(f"name{number}" for number in range(10_000))
        self.versions, self.entries, self.remote = {}, {}, set()
        self.remote_key = False
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


DEEP = settings.get_current_profile_name() == "deep"
TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=150 if DEEP else 6, stateful_step_count=60 if DEEP else 25, deadline=None
)
