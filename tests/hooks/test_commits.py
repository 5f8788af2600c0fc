"""`pre-commit` under every form of `git commit`: what it stops, and what it only says."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from dslineage import Repository
from dslineage.versions.git import Git
from dslineage_hooks.pre_commit import pre_commit
from tests.hooks.work import DATA, ONE, POINTER, TWO, Work, lines


def test_a_commit_without_data_sets_says_nothing(work: Work) -> None:
    work.write("README", "hello")
    work.git("add", "README")
    assert "dslineage" not in work.git("commit", "-m", "readme").said


def test_a_version_and_its_record_go_through_and_the_message_says_what_changed(work: Work) -> None:
    work.add(TWO)
    ran = work.git("commit", "-qm", "more")
    assert ran.said == ""
    assert work.message() == "more\n\ntrain v1 → v2: 1 added (4 examples)"


def test_a_changed_data_set_that_was_not_added_is_named_and_stops_nothing(work: Work) -> None:
    work.write(DATA, TWO)
    work.write("README", "hello")
    work.git("add", "README")
    ran = work.git("commit", "-qm", "readme")
    assert "train has changed since v1" in ran.said
    assert "dslineage add data/train.jsonl" in ran.said


def test_a_pointer_without_its_record_is_stopped(work: Work) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    before = work.staged()
    ran = work.tried("commit", "-qm", "half")
    assert ran.code == 1
    assert f"git add -f -- {record.path}" in ran.said
    assert work.staged() == before
    assert work.read() == TWO
    work.git("add", "-f", "--", record.path)
    work.git("commit", "-qm", "whole")


def test_no_verify_and_the_variable_go_on_all_the_same(work: Work) -> None:
    for words, env in ((["--no-verify"], {}), ([], {"DSLINEAGE_SKIP": "1"})):
        record = work.add(lines("x", *words))
        work.git("rm", "-q", "--cached", "--", record.path)
        work.git("commit", "-qm", "half", *words, env=env)
        work.git("add", "-A")
        work.git("commit", "-qm", "rest")


def test_commit_of_a_path_is_judged_by_the_index_that_git_makes_for_it(work: Work) -> None:
    record = work.add(TWO)
    ran = work.tried("commit", "-qm", "pointer alone", "--", POINTER)
    assert ran.code == 1
    assert "is not committed with it" in ran.said
    measured = ["--", POINTER, record.path]
    work.git("commit", "-qm", "both", *measured)


def test_commit_all_is_judged_by_the_index_that_git_makes_for_it(work: Work) -> None:
    work.write(POINTER, work.read(POINTER).replace(b'"examples": 3', b'"examples": 30'))
    assert work.git("diff", "--cached").said == ""
    ran = work.tried("commit", "-qam", "all")
    assert ran.code == 1
    assert "says something else than the record" in ran.said


def test_partial_staging_is_judged_as_staged(work: Work) -> None:
    whole = work.read(POINTER)
    work.write(POINTER, whole.replace(b'"examples": 3', b'"examples": 30'))
    work.git("add", POINTER)
    work.write(POINTER, whole)
    assert work.tried("commit", "-qm", "staged is wrong").code == 1
    work.git("add", POINTER)
    work.write(POINTER, whole.replace(b'"examples": 3', b'"examples": 30'))
    work.git("commit", "-q", "--allow-empty", "-m", "staged is right")


def test_amend_keeps_its_message(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    work.add(lines("a"))
    work.git("commit", "-q", "--amend", "--no-edit")
    assert work.message() == "more\n\ntrain v1 → v2: 1 added (4 examples)"


def test_an_edited_record_is_stopped(work: Work) -> None:
    (record,) = (work.root / ".dslineage/records/dataset/train").iterdir()
    record.write_bytes(record.read_bytes().replace(b'"message": ""', b'"message": "better"'))
    ran = work.tried("commit", "-qam", "edit")
    assert ran.code == 1
    assert "was edited" in ran.said


def test_merge_markers_in_a_pointer_are_stopped(work: Work) -> None:
    work.write(POINTER, b"<<<<<<< ours\n" + work.read(POINTER) + b"=======\n>>>>>>> theirs\n")
    ran = work.tried("commit", "-qam", "merged")
    assert ran.code == 1
    assert "merge markers" in ran.said


def test_ignored_data_by_force_is_stopped(work: Work) -> None:
    work.git("add", "-f", DATA)
    ran = work.tried("commit", "-qm", "raw")
    assert ran.code == 1
    assert f"git rm --cached -- {DATA}" in ran.said
    work.git("rm", "-q", "--cached", "--", DATA)
    work.git("commit", "-q", "--allow-empty", "-m", "fine")


def test_data_that_git_tracks_must_be_what_the_pointer_says(work: Work) -> None:
    work.write("eval.jsonl", ONE)
    work.git("add", "eval.jsonl")
    work.git("commit", "-qm", "eval")
    work.add(ONE, "eval.jsonl")
    work.git("commit", "-qm", "versioned")
    work.write("eval.jsonl", TWO)
    ran = work.tried("commit", "-qam", "data alone")
    assert ran.code == 1
    assert "dslineage add eval.jsonl" in ran.said
    work.add(TWO, "eval.jsonl")
    work.git("commit", "-qam", "with its version")


def test_data_in_git_lfs_is_compared_by_its_digest(work: Work) -> None:
    work.write("eval.jsonl", ONE)
    work.git("add", "eval.jsonl")
    digest = work.add(ONE, "eval.jsonl").files[0].sha256.hex
    lfs = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(ONE)}\n"
    for text, code in ((lfs, 0), (lfs.replace(digest[:8], "0" * 8), 1)):
        work.write("lfs", text)
        blob = work.git("hash-object", "-w", "lfs").said.strip()
        work.git("update-index", "--cacheinfo", f"100644,{blob},eval.jsonl")
        assert work.tried("commit", "-qm", "lfs").code == code


def test_the_gates_judge_the_staged_version(work: Work) -> None:
    work.write("dslineage.toml", '[[gates]]\nmetric = "exact_dup"\nmax = "10%"\nreason = "r"\n')
    work.git("add", "dslineage.toml")
    work.add(lines("a"), measure=True)
    work.git("commit", "-qm", "fine")
    twice = json.dumps({"prompt": "Q?", "response": "same"}).encode() + b"\n"
    work.add(twice * 9, measure=True)
    ran = work.tried("commit", "-qm", "duplicates")
    assert ran.code == 1
    assert "the gate exact_dup max 10% fails" in ran.said


def test_what_was_not_measured_is_said_and_stops_nothing(work: Work) -> None:
    work.write("dslineage.toml", '[[gates]]\nmetric = "target_words"\nmin = 1\nreason = "r"\n')
    work.git("add", "dslineage.toml")
    work.add(TWO)
    ran = work.git("commit", "-qm", "unmeasured")
    assert "cannot be judged" in ran.said


@pytest.mark.parametrize(
    "name",
    [
        "with space.jsonl",
        "quo'te\".jsonl",
        "-dash.jsonl",
        "new\nline.jsonl",
        "ünï.jsonl",
        unicodedata.normalize("NFD", "ünï.jsonl"),
        "[glob]*?.jsonl",
        ":(top)magic.jsonl",
        "a" * 230 + ".jsonl",
        "deep/" * 60 + "deep.jsonl",
    ],
    ids=lambda name: ascii(name)[:20],
)
def test_odd_names_are_judged_like_any_other(work: Work, name: str) -> None:
    work.write(name, ONE)
    work.git("--literal-pathspecs", "add", "--", name)
    made = Repository.open(work.root).add(f"./{name}", name="odd", measure=False)
    work.git("commit", "-qm", "odd")
    assert made.version.record.dataset == "odd"
    work.write(name, TWO)
    ran = work.tried("commit", "-qam", "changed")
    assert ran.code == 1
    assert "is not what the pointer of odd says" in ran.said
    assert "--name odd" in ran.said


def test_a_moved_data_set_is_whole(work: Work) -> None:
    work.git("mv", POINTER, "train.jsonl.dsl.json")
    (work.root / DATA).rename(work.root / "train.jsonl")
    ran = work.git("commit", "-qm", "moved")
    assert "train" not in work.message().removeprefix("moved")
    assert "fault" not in ran.said


def test_the_first_commit_of_a_repository_is_judged(tmp_path: Path) -> None:
    work = Work(tmp_path / "fresh")
    subprocess.run(["git", "init", "-q", str(work.root)], check=True)
    Repository.init(work.root)
    work.install()
    record = work.add(ONE)
    work.git("rm", "-q", "--cached", "--", record.path)
    assert work.tried("commit", "-qm", "first").code == 1
    work.git("add", "-f", "--", record.path)
    work.git("commit", "-qm", "first")
    assert work.message() == "first\n\ntrain v1: 3 examples"


def test_a_repository_of_sha_256_is_like_any_other(tmp_path: Path) -> None:
    work = Work(tmp_path / "wide")
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(work.root)], check=True)
    Repository.init(work.root)
    work.install()
    work.add(ONE)
    work.git("commit", "-qm", "first")
    work.add(TWO)
    work.git("commit", "-qm", "more")
    assert "are not v1" in work.git("checkout", "-q", "HEAD~1").said


def test_a_commit_from_a_subfolder_or_by_variables_is_the_same(work: Work) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    assert work.tried("-C", "data", "commit", "-qm", "half").code == 1
    by_variables = {"GIT_DIR": str(work.root / ".git"), "GIT_WORK_TREE": str(work.root)}
    assert work.tried("commit", "-qm", "half", env=by_variables).code == 1
    work.git("add", "-f", "--", record.path)
    work.git("-C", "data", "commit", "-qm", "whole", env=by_variables)
    assert work.message().startswith("whole\n\ntrain v1 → v2")


def test_lines_that_git_ends_otherwise_are_the_same_data(work: Work) -> None:
    work.git("config", "core.autocrlf", "true")
    dos = ONE.replace(b"\n", b"\r\n")
    work.write("eval.jsonl", dos)
    work.git("add", "eval.jsonl")
    work.add(dos, "eval.jsonl")
    work.git("commit", "-qm", "eval")
    assert work.git("cat-file", "-s", "HEAD:eval.jsonl").said.strip() == str(len(ONE))


@pytest.mark.parametrize(
    ("attributes", "data", "why"),
    [
        ("*.jsonl filter=rot", ONE, "filter=rot"),
        ("*.jsonl text", ONE.replace(b"\n", b"\r\n", 1), "mixed line ends"),
    ],
)
def test_data_that_git_changes_on_its_way_in_is_not_compared(
    work: Work, attributes: str, data: bytes, why: str
) -> None:
    work.git("config", "filter.rot.clean", "tr a-z b-za")
    work.write(".gitattributes", f"{work.read('.gitattributes').decode()}{attributes}\n")
    work.write("eval.jsonl", data)
    work.git("add", "eval.jsonl", ".gitattributes")
    work.add(data, "eval.jsonl")
    assert f"({why})" in work.git("commit", "-qm", "eval").said


def test_data_of_an_older_version_is_not_called_a_change(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-qm", "more")
    work.write(DATA, ONE)
    ran = work.git("commit", "-q", "--allow-empty", "-m", "none")
    assert "the data files of train are v1, and not v2, which belongs here" in ran.said
    assert "dslineage checkout train@latest; or, if that is meant, dslineage add" in ran.said


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "2>&1 | true"])
def test_a_fault_stops_the_commit_where_nobody_can_be_told(work: Work, closed: str) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    before = work.head()
    work.shell(f"git commit -qm half {closed} || true")
    assert work.head() == before


@pytest.mark.parametrize("option", ["--literal-pathspecs", "--glob-pathspecs", "--icase-pathspecs"])
def test_how_git_is_told_to_read_paths_is_not_how_the_hook_reads_them(
    work: Work, option: str
) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    assert "is not committed with it" in work.tried(option, "commit", "-qm", "half").said


def test_data_that_cannot_be_read_hides_no_fault(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dslineage_hooks.pre_commit.state_of", refuse)
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    found = pre_commit(Git(work.root), "2026-01-02")
    assert [(one.kind, one.blocks) for one in found] == [
        ("missing-record", True),
        ("unread-data", False),
    ]


def test_an_interpreter_that_somebody_else_set_up_is_not_in_the_way(work: Work) -> None:
    record = work.add(TWO)
    work.git("rm", "-q", "--cached", "--", record.path)
    ran = work.tried("commit", "-qm", "half", env={"PYTHONHOME": "/nowhere"})
    assert "is not committed with it" in ran.said


def test_a_copied_folder_with_its_pointer_is_stopped(work: Work) -> None:
    shutil.copytree(work.root / "data", work.root / "backup")
    work.git("add", "backup")
    ran = work.tried("commit", "-qm", "backup")
    assert ran.code == 1
    assert "two pointers name the data set train" in ran.said
    work.git("rm", "-q", "--cached", "--", "backup/train.jsonl.dsl.json")
    work.git("commit", "-q", "--allow-empty", "-m", "none")
