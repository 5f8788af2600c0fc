"""Forgotten examples in what Git LFS and DVC keep, and the models that saw them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from dslineage.elsewhere.search import search
from dslineage.lineage.modeladd import Declared
from tests.dvcfiles.project import Project, run_dvc
from tests.elsewhere.places import OTHERS, SECRET, found, lines, tracked, wanted
from tests.versions.support import Bench


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
def test_objects_of_git_lfs_are_found_and_its_server_is_named(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    bench.git("lfs", "install", "--local")
    bench.git("lfs", "track", "*.jsonl")
    before = tracked(bench, "train.jsonl", lines(*OTHERS, SECRET))
    tracked(bench, "train.jsonl", lines(*OTHERS))

    known, server = [one for one in search(bench.repo, wanted(before)) if one.kind == "lfs"]
    assert known.where.endswith(before.record.files[0].sha256.hex)
    assert known.removal.startswith(f"rm {bench.root}/.git/lfs/objects/")
    assert (server.certainty, server.remains) == ("unknown", False)
    assert [one.kind for one in found(bench, wanted(before))] == ["lfs"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    pytest.importorskip("dvc", reason="dvc is not installed")
    bench = Project.make(tmp_path / "work")
    run_dvc(bench.root, "init", "-q")
    run_dvc(bench.root, "remote", "add", "-q", "-d", "storage", str(tmp_path / "storage"))
    return Project(bench.root)


def test_objects_of_dvc_are_found_in_its_cache_and_on_its_remote(project: Project) -> None:
    data = lines(*OTHERS, SECRET)
    project.kept("data/train.jsonl", data)
    before = project.record("data/train.jsonl").version
    project.dvc("push", "-q")
    project.record("data/train.jsonl", lines(*OTHERS))
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    sought = wanted(before)

    cached, remote = found(project, sought)
    assert cached.where == f"{project.root}/.dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"
    assert remote.where.endswith(f"/storage/files/md5/{md5[:2]}/{md5[2:]}")
    assert "dvc gc" in remote.removal

    subprocess.run(cached.removal, shell=True, check=True)
    assert found(project, sought) == [remote], "a .dvc file in the history names it"

    shutil.rmtree(project.root.parent / "storage")
    assert found(project, sought) == []


def test_a_remote_that_cannot_be_asked_is_listed(project: Project) -> None:
    project.kept("data/train.jsonl", lines(SECRET))
    before = project.record("data/train.jsonl").version
    project.dvc("remote", "add", "away", "ssh://nobody@127.0.0.1:1/data")

    away = [one for one in search(project.repo, wanted(before)) if one.kind == "dvc-remote"]
    assert [(one.where, one.certainty) for one in away] == [
        ("ssh://nobody@127.0.0.1:1/data", "unknown")
    ]


def test_models_that_saw_it_are_named_and_are_not_to_be_removed(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    before = tracked(bench, "train.jsonl", lines(*OTHERS, SECRET))
    bench.put("model/model.safetensors", (2).to_bytes(8, "little") + b"{}")
    bench.repo.provenance.add_model("model", Declared(name="helper", trained_on=("train@v1",)))

    model = next(one for one in search(bench.repo, wanted(before)) if one.kind == "model")
    assert (model.where, model.remains) == ("helper@final", False)
    assert "dslineage claim add helper@final --decision" in model.removal
