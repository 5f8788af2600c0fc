"""What always holds, whatever was done."""

from __future__ import annotations

import json

import pytest
from hypothesis.stateful import invariant

from dslineage.errors import IntegrityError
from dslineage.versions.restoring import restored
from tests.forgetting.hunt import where
from tests.model.endings import Endings


class Laws(Endings):
    """The repositories are what the model says."""

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
