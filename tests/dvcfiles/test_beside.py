"""What is known of `.dvc` files and `dvc.lock` without DVC."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from dslineage.dvcfiles import following
from dslineage.errors import UsageError
from tests.dvcfiles.project import Project
from tests.versions.histories import lines

ONE = lines("a", "b", "c")
SAME_SIZE = lines("a", "b", "d")
LONGER = lines("a", "b", "d", "e")
DATA = "data/train.jsonl"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A repository on a machine that has no DVC."""
    monkeypatch.setattr(following, "_program", list)
    return Project(Project.make(tmp_path / "work").root)


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def dvc_file(name: str, data: bytes, *, kind: str = "  hash: md5\n", suffix: str = "") -> bytes:
    size = "" if suffix else f"  size: {len(data)}\n"
    return f"outs:\n- md5: {md5(data)}{suffix}\n{size}{kind}  path: {name}\n".encode()


def differing(project: Project) -> tuple[str, ...]:
    return project.status().dvc_differs


@pytest.mark.parametrize("other", [SAME_SIZE, LONGER])
def test_status_says_where_a_dvc_file_names_other_data(project: Project, other: bytes) -> None:
    project.record(DATA, ONE)
    project.put(f"{DATA}.dvc", dvc_file("train.jsonl", ONE))
    assert differing(project) == ()
    project.put(f"{DATA}.dvc", dvc_file("train.jsonl", other))
    assert differing(project) == (f"{DATA}.dvc",)


def test_what_was_found_out_once_is_known_without_the_data(project: Project) -> None:
    project.record(DATA, ONE)
    project.put(f"{DATA}.dvc", dvc_file("train.jsonl", SAME_SIZE))
    path = project.root / DATA
    path.unlink()
    assert differing(project) == (), "without the data nobody can tell"
    path.write_bytes(ONE)
    assert differing(project) == (f"{DATA}.dvc",)
    path.unlink()
    assert differing(project) == (f"{DATA}.dvc",)
    (project.objects / "cache" / "dvc.json").write_bytes(b"[]")
    assert differing(project) == ()


def test_texts_that_dvc_2_hashed_with_other_line_ends_agree(project: Project) -> None:
    windows = ONE.replace(b"\n", b"\r\n")
    project.record(DATA, windows)
    text = dvc_file("train.jsonl", ONE, kind="").replace(b"  size", b"  isexec: false\n  size")
    project.put(f"{DATA}.dvc", text.replace(str(len(ONE)).encode(), str(len(windows)).encode()))
    assert differing(project) == ()
    project.put(f"{DATA}.dvc", (project.root / f"{DATA}.dvc").read_bytes() + b"  hash: md5\n")
    assert differing(project) == (f"{DATA}.dvc",)


@pytest.mark.parametrize("damage", [b"<<<<<<< HEAD\nouts:\n", b"outs: []\n", b"\xff\n", b"- 1\n"])
def test_a_dvc_file_that_cannot_be_read_differs(project: Project, damage: bytes) -> None:
    project.record(DATA, ONE)
    project.put(f"{DATA}.dvc", damage)
    assert differing(project) == (f"{DATA}.dvc",)


def test_a_dvc_file_that_swells_when_it_is_printed_is_not_printed(project: Project) -> None:
    levels = [f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}, *l{n - 1}, *l{n - 1}]" for n in range(1, 40)]
    bomb = "\n".join(["l0: &l0 [x]", *levels, "outs:", "- md5: *l39", "  path: *l39", ""])
    project.record(DATA, ONE)
    project.put(f"{DATA}.dvc", bomb.encode())
    assert differing(project) == (f"{DATA}.dvc",)
    project.put("dvc.lock", b"data/train.jsonl\n" + bomb.encode())
    assert project.record(DATA).unchanged


def test_a_dvc_file_of_another_output_says_nothing_of_the_data(project: Project) -> None:
    project.record(DATA, ONE)
    project.put(f"{DATA}.dvc", dvc_file("elsewhere.jsonl", LONGER))
    assert differing(project) == ()


def test_what_dvc_imported_is_left_as_it_is(project: Project) -> None:
    project.record(DATA, ONE)
    text = b"frozen: true\ndeps:\n- path: train.jsonl\n  repo:\n    url: ../other\n"
    project.put(f"{DATA}.dvc", text + dvc_file("train.jsonl", ONE))
    (_, notice) = project.record(DATA, SAME_SIZE).notices
    assert notice == (
        "data/train.jsonl.dvc is an import of DVC's, and is left as it is: "
        "dvc remove data/train.jsonl.dvc; dvc add data/train.jsonl"
    )
    assert differing(project) == ()


def test_a_folder_is_compared_file_by_file_with_the_list_in_the_cache_of_dvc(
    project: Project,
) -> None:
    project.put("shards/a.jsonl", ONE)
    project.put("shards/notes.txt", b"x")
    project.record("shards")

    def keep(files: dict[str, bytes]) -> None:
        listing = [{"md5": md5(data), "relpath": name} for name, data in files.items()]
        data = json.dumps(listing).encode()
        project.put(f".dvc/cache/files/md5/{md5(data)[:2]}/{md5(data)[2:]}.dir", data)
        project.put("shards.dvc", dvc_file("shards", data, suffix=".dir"))

    keep({"a.jsonl": ONE, "notes.txt": b"x"})
    assert differing(project) == ()
    keep({"a.jsonl": SAME_SIZE, "notes.txt": b"x"})
    assert differing(project) == ("shards.dvc",)
    keep({"a.jsonl": ONE, "b.jsonl": LONGER})
    assert differing(project) == ("shards.dvc",)
    keep({"notes.txt": b"x"})
    assert differing(project) == ("shards.dvc",)
    shutil.rmtree(project.root / ".dvc/cache")
    assert differing(project) == (), "without the list nobody can tell"


def lock(path: str, data: bytes, suffix: str = "") -> bytes:
    return f"""schema: '2.0'
stages:
  clean:
    cmd: python clean.py
    outs:
    - path: {path}
      hash: md5
      md5: {md5(data)}{suffix}
      size: {len(data)}
""".encode()


def test_what_a_stage_of_dvc_made_is_not_ours_to_change_which_is_said(project: Project) -> None:
    project.put("dvc.lock", lock(DATA, ONE))
    before = (project.root / "dvc.lock").read_bytes()
    assert project.record(DATA, ONE).notices == ()
    (_, notice) = project.record(DATA, SAME_SIZE).notices
    assert notice == (
        "dvc.lock has other data for data/train.jsonl, which stage clean makes; "
        "dslineage does not change it: dvc repro, or dvc commit"
    )
    assert (project.root / "dvc.lock").read_bytes() == before


def test_no_pointer_stands_in_a_folder_that_a_stage_of_dvc_makes(project: Project) -> None:
    project.put("dvc.lock", lock("data", b"[]", ".dir"))
    with pytest.raises(UsageError, match=r"stand in data, .* \(dvc.lock\)") as refused:
        project.record(DATA, ONE)
    assert refused.value.hint == "dslineage add data"
    assert not (project.root / f"{DATA}.dsl.json").exists()
    assert project.record("data").version.record.examples == 3
