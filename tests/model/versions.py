"""Versions are made of files, files of versions; and versions are compared."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from docs import verify_content_hash as verifier
from dslineage.errors import BadDataError, IntegrityError, UsageError
from tests.model.files import Files
from tests.model.machine import CRASH, PLACES, SITES, Site
from tests.model.naive import Made, content_hash, examples, next_number


class Versions(Files):
    """A version is recorded where the file is another, and replaces a draft."""

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

    def draft(self, site: Site) -> str:
        """The version that an add would replace, or an empty text."""
        id_ = site.tree.current
        if not id_ or id_ in site.head.versions or self.versions[id_].merged:
            return ""
        used = any(id_ in self.versions[one].parents for one in site.tree.versions)
        return "" if used else id_
