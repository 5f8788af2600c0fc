"""The history that real DVC kept, in a clone that has none of its objects yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import NotFoundError
from tests.dvcfiles.project import Project
from tests.versions.histories import lines

ONE = lines("a", "b", "c")
TWO = lines("a", "b", "d")


def test_dvc_itself_brings_what_adopt_says_is_missing(project: Project, tmp_path: Path) -> None:
    for data in (ONE, TWO):
        project.put("shards/deep/a.jsonl", data)
        project.put("train.jsonl", data)
        project.dvc("add", "shards", "train.jsonl")
        project.git("add", "-A")
        project.git("commit", "-qm", "DVC keeps them")
    project.dvc("push", "--all-commits")
    clone = Project(tmp_path / "clone")
    project.git("clone", "-q", str(project.root), str(clone.root))
    for name in ("train.jsonl", "shards"):
        with pytest.raises(NotFoundError, match="2 of 2 states") as refused:
            clone.repo.adopt(name)
        assert refused.value.hint == "dvc fetch --all-commits"
    clone.dvc("fetch", "--all-commits")
    for name, file in (("train.jsonl", "train.jsonl"), ("shards", "shards/deep/a.jsonl")):
        made = clone.repo.adopt(name, measure=False).made
        assert [clone.restored(info) for info in made] == [ONE, TWO]
        assert made[1].record.files[0].path == file
    assert {one.dvc_differs for one in clone.repo.status().datasets} == {()}
