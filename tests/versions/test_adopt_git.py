"""What git kept of a data file becomes its versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import NotFoundError, UsageError
from dslineage.records import StepRecord
from dslineage.versions.ledger import Ledger
from tests.versions.histories import History, lines

ONE = lines("a", "b", "c")
TWO = lines("a", "b", "d")
THREE = lines("a", "e", "d")
EXAMPLES = [107, 140, 176, 212, 357, 414, 458, 662]


@pytest.fixture
def repo(tmp_path: Path) -> History:
    return History.make(tmp_path / "work")


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> History:
    """The eight revisions as commits, none of them adopted."""
    made = History.make(tmp_path_factory.mktemp("prompts") / "work")
    for day, file in enumerate(sorted((shared_data / "prompts").glob("*.csv")), 1):
        author = f"Author {day} <{day}@x.org>"
        message = f"revision {day}\n\nAnd why."
        made.commit(message, {"data/prompts.csv": file.read_bytes()}, author=author, day=day)
    return made


def step_of(repo: History, version: str) -> StepRecord:
    work = repo.bench.repo
    step = Ledger(work.catalog).step_of(work.show(version).record)
    assert step is not None
    return step


def test_eight_revisions_are_eight_versions_with_counts_dates_and_authors(
    prompts: History, tmp_path: Path
) -> None:
    repo = History(prompts.bench.copy(tmp_path / "copy"))
    result = repo.adopt("data/prompts.csv", measure=True)
    records = [info.record for info in result.made]
    assert [record.examples for record in records] == EXAMPLES
    assert [record.label for record in records] == [f"v{n}" for n in range(1, 9)]
    assert [record.author for record in records] == [f"Author {n} <{n}@x.org>" for n in range(1, 9)]
    assert [record.created_at for record in records] == [
        f"2023-01-0{n}T10:00:00Z" for n in range(1, 9)
    ]
    assert [record.message for record in records] == [f"revision {n}" for n in range(1, 9)]
    assert repo.is_chain("prompts")
    assert [record.quarantined for record in records] == [0, 3, 0, 0, 0, 0, 0, 0]
    places = [(fault.file, fault.line, fault.code) for fault in result.states[1].faults]
    assert places == [("data/prompts.csv", line, "ragged-row") for line in (142, 143, 144)]
    shown = repo.bench.repo.log("prompts", metric="prompt_words").versions
    words = [round(info.metrics["prompt_words"]["value"], 1) for info in reversed(shown)]
    assert words == [75.9, 78.5, 81.3, 82.8, 109.5, 121.2, 127.0, 137.8]
    for state, info in zip(result.states, result.made, strict=True):
        then = repo.bench.raw_git("cat-file", "blob", f"{state.state.commit}:data/prompts.csv")
        assert repo.bench.restored(info) == then
    assert repo.bench.problems() == []


def test_the_step_of_a_version_names_the_commit_and_all_that_it_said(
    prompts: History, tmp_path: Path
) -> None:
    repo = History(prompts.bench.copy(tmp_path / "copy"))
    repo.adopt("data/prompts.csv")
    step = step_of(repo, "prompts@v7")
    assert step.operation == "adopt"
    assert step.imported_from == "git"
    assert step.parameters == {"path": "data/prompts.csv"}
    assert step.code
    assert step.code.commit == repo.bench.git("rev-parse", "HEAD~1").strip()
    assert step.message == "revision 7\n\nAnd why."


def test_records_are_staged_nothing_is_committed_and_the_file_is_the_last_version(
    repo: History,
) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    head = repo.commit("two", {"train.jsonl": TWO})
    before = (repo.root / "train.jsonl").stat()
    result = repo.adopt("train.jsonl")
    assert repo.bench.git("rev-parse", "HEAD").strip() == head
    assert (repo.root / "train.jsonl").stat() == before
    staged = repo.bench.git("diff", "--cached", "--name-only").split()
    assert len([name for name in staged if name.startswith(".dslineage/records/dataset/")]) == 2
    assert len([name for name in staged if name.startswith(".dslineage/records/step/")]) == 2
    assert staged[-1] == "train.jsonl.dsl.json"
    assert len(staged) == 5
    assert repo.bench.git("diff", "--name-only") == ""
    assert repo.bench.pointer("train.jsonl").version == "v2"
    assert [status.state for status in repo.bench.repo.status().datasets] == ["clean"]
    assert result.notices == ()


def test_adopting_again_takes_only_what_is_new(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.adopt("train.jsonl")
    listing = repo.bench.files()
    assert repo.adopt("train.jsonl").made == ()
    assert repo.bench.files() == listing
    repo.end("versions")
    assert repo.adopt("train.jsonl").made == ()
    repo.commit("three", {"train.jsonl": THREE})
    assert [info.record.label for info in repo.adopt("train.jsonl").made] == ["v3"]
    assert repo.messages("train") == ["one", "two", "three"]
    assert repo.is_chain("train")


def test_versions_that_add_made_in_between_are_not_made_again(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.adopt("train.jsonl")
    repo.end("versions")
    repo.bench.put("train.jsonl", TWO)
    repo.bench.repo.commit("two, with dslineage", measure=False)
    assert repo.adopt("train.jsonl").made == ()
    repo.commit("three, without", {"train.jsonl": THREE})
    repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "two, with dslineage", "three, without"]
    assert repo.is_chain("train")


def test_whoever_adopts_a_history_makes_the_same_records(repo: History, tmp_path: Path) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    other = History(repo.bench.copy(tmp_path / "other"))
    ids = [info.record.id for info in repo.adopt("train.jsonl").made]
    other.bench.git("config", "user.name", "Somebody Else")
    assert [info.record.id for info in other.adopt("train.jsonl").made] == ids


def test_a_state_that_comes_back_is_a_version_again(repo: History) -> None:
    for message, data in (("one", ONE), ("two", TWO), ("back", ONE)):
        repo.commit(message, {"train.jsonl": data})
    first, _, third = (info.record for info in repo.adopt("train.jsonl").made)
    assert first.content_hash == third.content_hash
    assert repo.adopt("train.jsonl").made == ()
    assert repo.messages("train") == ["one", "two", "back"]


def test_renames_are_followed_and_copies_are_not(repo: History) -> None:
    repo.commit("one", {"old/first.jsonl": ONE})
    repo.commit("two", {"old/first.jsonl": TWO})
    (repo.root / "data").mkdir()
    repo.bench.git("mv", "old/first.jsonl", "data/train.jsonl")
    repo.end("moved")
    repo.commit("three", {"data/train.jsonl": THREE})
    repo.commit("a copy", {"data/copy.jsonl": THREE + lines("x")})
    result = repo.adopt("data/train.jsonl")
    assert repo.messages("train") == ["one", "two", "three"]
    assert [one.state.path for one in result.states][:2] == ["old/first.jsonl"] * 2
    assert {info.record.files[0].path for info in result.made} == {"train.jsonl"}
    repo.adopt("data/copy.jsonl")
    assert repo.messages("copy") == ["a copy"]


def test_a_rename_to_another_format_keeps_what_each_state_was(repo: History) -> None:
    csv = "question,answer\n" + "".join(f"what is {n},{n}\n" for n in range(30))
    repo.commit("as csv", {"train.csv": csv.encode()})
    repo.bench.git("mv", "train.csv", "train.tsv")
    repo.end("renamed")
    repo.commit("as tsv", {"train.tsv": csv.replace(",", "\t").encode()})
    formats = [
        (info.record.files[0].path, info.record.format, info.record.examples)
        for info in repo.adopt("train.tsv").made
    ]
    assert formats == [("train.csv", "csv", 30), ("train.tsv", "tsv", 30)]


def test_a_merge_counts_as_what_it_brought_and_the_other_side_is_no_ancestor(
    repo: History,
) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.git("checkout", "-qb", "side")
    repo.commit("draft on the side", {"train.jsonl": lines("a", "zzz", "c")})
    repo.commit("done on the side", {"train.jsonl": lines("a", "b2", "c")})
    repo.bench.git("checkout", "-q", "main")
    repo.commit("on main", {"train.jsonl": lines("a", "b", "c", "more")})
    repo.bench.git("merge", "-q", "--no-commit", "-X", "theirs", "side")
    repo.end("merge side")
    result = repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "on main", "merge side"]
    assert result.made[-1].record.examples == 4
    assert repo.is_chain("train")


def test_a_state_that_cannot_be_read_is_listed_and_the_rest_goes_on(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    conflict = b"<<<<<<< HEAD\n" + ONE + b"=======\n" + TWO + b">>>>>>> side\n"
    repo.commit("conflicted", {"train.jsonl": conflict})
    repo.commit("a page", {"train.jsonl": b"<!doctype html><html>404</html>\n"})
    repo.commit("nonsense", {"train.jsonl": b"nothing\nat all\n"})
    repo.commit("cut short", {"train.jsonl": TWO + b'{"prompt": "question 3", "compl'})
    repo.commit("two", {"train.jsonl": TWO})
    result = repo.adopt("train.jsonl")
    assert repo.messages("train") == ["one", "cut short", "two"]
    skipped = {one.state.subject: one.problem for one in result.skipped}
    assert list(skipped) == ["conflicted", "a page", "nonsense"]
    assert "HTML" in repr(result.skipped[1].faults)
    assert skipped["nonsense"] == "none of its 2 records can be read"
    assert [one.faults[0].line for one in result.states if one.state.subject == "cut short"] == [4]
    assert repo.adopt("train.jsonl").made == ()


def test_a_file_that_no_commit_has_is_an_error_that_says_add(repo: History) -> None:
    repo.bench.put("train.jsonl", ONE)
    with pytest.raises(NotFoundError) as before_the_first_commit:
        repo.adopt("train.jsonl")
    assert before_the_first_commit.value.hint == "dslineage add train.jsonl"
    repo.commit("one", {"other.jsonl": ONE})
    repo.bench.put("new.jsonl", TWO)
    with pytest.raises(NotFoundError, match="there is no history to adopt"):
        repo.adopt("new.jsonl")
    assert not (repo.root / ".dslineage").exists()


def test_a_folder_of_shards_has_a_history_too(repo: History) -> None:
    repo.commit(
        "one", {"shards/a.jsonl": ONE, "shards/b.jsonl": lines("x"), "shards/README.md": b"r"}
    )
    repo.commit("words", {"shards/README.md": b"better"})
    repo.bench.git("rm", "-q", "shards/b.jsonl")
    repo.commit("two", {"shards/c.jsonl": lines("y", "z"), "shards/a.jsonl": TWO})
    result = repo.adopt("shards")
    assert [info.record.examples for info in result.made] == [4, 5]
    assert [[entry.path for entry in info.record.files] for info in result.made] == [
        ["shards/a.jsonl", "shards/b.jsonl"],
        ["shards/a.jsonl", "shards/c.jsonl"],
    ]
    assert [one.state.subject for one in result.states if one.version is None] == ["words"]
    assert repo.bench.pointer("shards").version == "v2"
    assert [status.state for status in repo.bench.repo.status().datasets] == ["clean"]
    assert not (repo.root / ".gitignore").exists()
    assert repo.adopt("shards").made == ()


def test_a_data_set_that_began_later_says_that_older_states_cannot_come_before_it(
    repo: History,
) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.bench.repo.add([repo.root / "train.jsonl"], measure=False)
    result = repo.adopt("train.jsonl")
    assert result.made == ()
    (notice,) = result.notices
    assert notice.startswith("1 older state is no version: train began later")
    repo.bench.git("rm", "-qf", "train.jsonl.dsl.json")
    repo.adopt("train.jsonl", name="train-2")
    assert repo.messages("train-2") == ["one", "two"]


def test_a_draft_of_unsaved_work_stands_in_the_way(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.add("train.jsonl", TWO)
    with pytest.raises(UsageError, match="versions cannot be put before others") as refused:
        repo.adopt("train.jsonl")
    assert refused.value.hint.endswith("dslineage adopt train.jsonl --as ANOTHER")


def test_new_commits_go_on_from_the_last_version_only(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    repo.adopt("train.jsonl")
    repo.end("versions")
    repo.commit("three", {"train.jsonl": THREE})
    repo.bench.repo.checkout("train@v1", force=True)
    with pytest.raises(UsageError, match="the current version of train is v1") as refused:
        repo.adopt("train.jsonl")
    assert refused.value.hint == "dslineage checkout train@v2"


def test_unsaved_work_is_left_alone_and_named(repo: History) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.bench.put("train.jsonl", TWO)
    result = repo.adopt("train.jsonl")
    assert result.notices == ("train.jsonl is not as in v1 any more: dslineage add train.jsonl",)
    assert (repo.root / "train.jsonl").read_bytes() == TWO
    assert repo.bench.git("diff", "--name-only").split() == ["train.jsonl"]
    assert repo.bench.add("train.jsonl").record.label == "v2"


def test_a_shallow_clone_says_that_its_history_is_cut(repo: History, tmp_path: Path) -> None:
    repo.commit("one", {"train.jsonl": ONE})
    repo.commit("two", {"train.jsonl": TWO})
    address = repo.root.as_uri()
    repo.bench.git("clone", "-q", "--depth=1", address, str(tmp_path / "shallow"))
    shallow = History(type(repo.bench)(tmp_path / "shallow"))
    result = shallow.adopt("train.jsonl")
    assert [info.record.message for info in result.made] == ["two"]
    assert "git fetch --unshallow" in result.notices[0]


def test_odd_names_and_messages_are_read_as_they_are(repo: History) -> None:
    name = "odd names/a \"b\"\n'c' -ü.jsonl"
    repo.commit("\x01 a\ttab\n\n\n\x02", {name: ONE}, author="A \x01 B <a@b>")
    repo.commit("two", {name: TWO})
    result = repo.adopt(name, name="odd")
    assert [info.record.message for info in result.made] == ["\x01 a tab", "two"]
    assert result.made[0].record.author == "A \x01 B <a@b>"
