"""Histories as git really has them: moves, links, odd commits, and clones that are not whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dslineage.errors import UsageError
from dslineage.repository import Repository
from tests.versions.histories import History, lines

ONE = lines(*"abcdefgh")
TWO = lines(*"abcdefgx")
THREE = lines(*"abcdefyx")


@pytest.fixture
def repo(tmp_path: Path) -> History:
    return History.make(tmp_path / "work")


def paths(repo: History, name: str) -> list[str]:
    """Where the states of a file stood."""
    return [one.state.path for one in repo.adopt(name).states]


def test_a_file_that_is_renamed_and_edited_at_once_keeps_its_history(repo: History) -> None:
    repo.commit("one", {"first.jsonl": ONE})
    repo.bench.git("mv", "first.jsonl", "train.jsonl")
    repo.commit("renamed and edited", {"train.jsonl": TWO})
    assert paths(repo, "train.jsonl") == ["first.jsonl", "train.jsonl"]


def test_a_file_keeps_its_history_when_its_folder_moves_or_its_name_changes_case(
    repo: History,
) -> None:
    repo.commit("one", {"old/deep/Train.jsonl": ONE, "old/deep/other.jsonl": THREE})
    repo.bench.git("mv", "old", "new")
    repo.end("moved")
    repo.bench.git("mv", "new/deep/Train.jsonl", "new/deep/train.jsonl")
    repo.end("renamed")
    repo.commit("two", {"new/deep/train.jsonl": TWO})
    assert paths(repo, "new/deep/train.jsonl") == ["old/deep/Train.jsonl", "new/deep/train.jsonl"]
    assert repo.messages("train") == ["one", "two"]


def test_a_file_that_was_away_for_a_while_has_one_history(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.git("rm", "-q", "train.jsonl")
    repo.end("gone")
    repo.commit("back", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "two"]


def test_a_file_that_is_gone_can_be_adopted_and_brought_back(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.git("rm", "-q", "train.jsonl")
    repo.end("gone")
    result = repo.adopt("train.jsonl")
    assert result.notices == ("train.jsonl is not in the work tree: dslineage checkout train",)
    repo.bench.repo.checkout("train")
    assert (repo.root / "train.jsonl").read_bytes() == ONE


def test_a_change_of_mode_is_no_version(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    (repo.root / "train.jsonl").chmod(0o755)
    repo.commit("executable", {})
    repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one"]


def test_a_symbolic_link_is_no_state_and_is_not_followed(repo: History) -> None:
    path = repo.root / "train.jsonl"
    repo.commit("one", {"train.jsonl": ONE, "shards/a.jsonl": ONE})
    path.unlink()
    path.symlink_to("other.jsonl")
    (repo.root / "shards/b.jsonl").symlink_to("a.jsonl")
    repo.commit("a link", {"other.jsonl": THREE})
    path.unlink()
    (repo.root / "shards/b.jsonl").unlink()
    repo.commit("two", {"train.jsonl": TWO, "shards/b.jsonl": TWO})
    for name, link in (("train.jsonl", "train.jsonl"), ("shards", "b.jsonl")):
        (skipped,) = repo.adopt(name).skipped
        assert skipped.problem == f"{link} was a symbolic link"
    assert repo.messages("train") == repo.messages("shards") == ["one", "two"]


def test_a_merge_without_conflict_is_the_version_that_it_brought(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.git("switch", "-qc", "side")
    repo.commit("two on the side", {"train.jsonl": TWO})
    repo.commit("three on the side", {"train.jsonl": THREE})
    repo.bench.git("switch", "-q", "main")
    repo.commit("elsewhere", {"notes.txt": b"x"})
    repo.bench.git("merge", "-q", "--no-ff", "-m", "merge side", "side")
    repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "merge side"]


@pytest.mark.parametrize(
    ("who", "author", "date"),
    [
        ("Åsa 愛 <å@x.org> 1700000000 +1345", "Åsa 愛 <å@x.org>", "2023-11-14T22:13:20Z"),
        ("Ada <a@x> -86400 -1200", "Ada <a@x>", "1969-12-31T00:00:00Z"),
        ("Ada <a@x> 99999999999999 +1400", "Ada <a@x>", "9999-12-31T23:59:59Z"),
        (" <> 0 +0000", "<>", "1970-01-01T00:00:00Z"),
        ("Ada <a@x> sometime", "Ada <a@x>", "1970-01-01T00:00:00Z"),
    ],
)
def test_whatever_a_commit_says_of_its_author_and_date_is_read(
    repo: History, who: str, author: str, date: str
) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    tree = repo.bench.git("write-tree").strip()
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n wsB\n -----END PGP SIGNATURE-----\n"
    raw = f"tree {tree}\nauthor {who}\ncommitter C <c@x> 1 +0000\n{signature}\nsaid\n\nmore\n"
    making = ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    done = subprocess.run(
        making, cwd=repo.root, input=raw.encode(), capture_output=True, check=True
    )
    repo.bench.git("reset", "-q", "--hard", done.stdout.decode().strip())
    repo.bench.git("config", "log.showSignature", "true")
    (version,) = repo.adopt("train.jsonl").made
    record = version.record
    assert (record.author, record.created_at, record.message) == (author, date, "said")


def test_a_message_in_another_encoding_is_read_as_what_it_says(repo: History) -> None:
    repo.bench.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.bench.put("train.jsonl", ONE)
    repo.bench.git("add", "-A")
    message = repo.bench.put(".git/message", "café".encode("latin-1"))
    repo.bench.git("commit", "-qF", str(message))
    assert [info.record.message for info in repo.adopt("train.jsonl").made] == ["café"]


def test_paths_are_those_of_the_folder_that_one_is_in(repo: History) -> None:
    repo.commit("one", {"a/b/train.jsonl": ONE})
    (version,) = Repository.open(repo.root / "a" / "b").adopt("train.jsonl", measure=False).made
    assert version.record.files[0].path == "train.jsonl"
    assert (repo.root / "a/b/train.jsonl.dsl.json").exists()


def test_the_history_of_a_submodule_is_its_own(repo: History, tmp_path: Path) -> None:
    inner = History.make(tmp_path / "inner")
    inner.commit("one", {"train.jsonl": ONE})
    allowed = ["-c", "protocol.file.allow=always"]
    repo.bench.git(*allowed, "submodule", "add", "-q", str(inner.root), "sub")
    repo.end("sub")
    for path in ("sub/train.jsonl", "sub"):
        with pytest.raises(UsageError, match="sub is a git repository of its own"):
            repo.adopt(path)
    within = History(type(repo.bench)(repo.root / "sub"))
    assert len(within.adopt("train.jsonl").made) == 1


def test_in_a_partial_clone_git_fetches_the_states(repo: History, tmp_path: Path) -> None:
    repo.bench.git("config", "uploadpack.allowFilter", "true")
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    address = repo.root.as_uri()
    for name in ("here", "alone"):
        repo.bench.git("clone", "-q", "--filter=blob:none", address, str(tmp_path / name))
    here = History(type(repo.bench)(tmp_path / "here"))
    assert [info.record.message for info in here.adopt("train.jsonl").made] == ["one", "two"]
    os.rename(repo.root, tmp_path / "unplugged")  # noqa: PTH104
    alone = History(type(repo.bench)(tmp_path / "alone"))
    with pytest.raises(UsageError, match="could not fetch"):
        alone.adopt("train.jsonl")
    assert not (alone.root / ".dslineage").exists()


def test_what_is_added_after_adoption_goes_on_with_the_line(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.adopt("train.jsonl")
    assert repo.bench.add("train.jsonl", THREE).record.label == "v3"
    assert repo.is_chain("train")
    assert repo.adopt("train.jsonl").made == ()


def test_an_adopted_history_tells_its_lineage(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.adopt("train.jsonl")
    change = repo.bench.repo.diff("train@v1", "train@v2")
    assert (change.edited, change.added, change.removed) == (1, 0, 0)
