"""What differs between two mixtures: amounts, versions, and what the data sets share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from dslineage.contrast.mixtures import MixtureDiff
from dslineage_cli.main import main
from tests.lineage.stepping import chat, lines
from tests.versions.support import Bench

HEAD = 'name = "blend"\nseed = 7\n'


def data(ref: str, **said: Any) -> str:
    rest = "".join(f"{name} = {value}\n" for name, value in said.items())
    return f'[[data]]\nref = "{ref}"\n{rest}'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench.make(tmp_path_factory.mktemp("mixtures") / "work")
    rows = [chat(number) for number in range(20)]
    bench.commit("old.jsonl", lines(rows))
    rows[3] = chat(3, "I cannot answer that, sorry.")
    bench.commit("old.jsonl", lines(rows[:-2]))
    # Three of them are in both; two more show a model the same under another id.
    copies = [{**chat(number), "id": f"copy-{number}"} for number in (5, 6)]
    bench.commit("new.jsonl", lines([*rows[:3], *copies, *map(chat, range(50, 55))]))
    bench.put(
        "a.toml", (HEAD + data("old@v1", weight=3, cap=10) + data("new@v1", weight=1)).encode()
    )
    bench.put("b.toml", (HEAD + data("old@v2", weight=1) + data("new@v1", weight=1)).encode())
    return bench


def diff(bench: Bench, before: str, after: str) -> MixtureDiff:
    found = bench.repo.provenance.contrast(before, after)
    assert isinstance(found, MixtureDiff)
    return found


def test_weights_come_with_what_they_come_to(made: Bench) -> None:
    found = diff(made, "a.toml", "b.toml")
    old, new = found.changes
    assert old.before is not None
    assert old.after is not None
    assert new.before is not None
    assert new.after is not None
    assert [(part.drawn, part.share) for part in (old.before, old.after)] == [
        (10, 10 / 13),
        (10, 0.5),
    ]
    assert (new.before.drawn, new.after.drawn) == (3, 10)
    assert (old.change, new.change) == ("version", "amount")


def test_a_changed_version_comes_with_the_counts_of_its_own_diff(made: Bench) -> None:
    counts = diff(made, "a.toml", "b.toml").changes[0].counts
    assert counts is not None
    assert (counts.unchanged, counts.edited, counts.removed, counts.added) == (17, 1, 2, 0)


def test_examples_and_conversations_that_two_data_sets_share_are_counted(made: Bench) -> None:
    found = diff(made, "a.toml", "b.toml")
    assert found.from_.shared is not None
    assert found.to.shared is not None
    (older,), (newer,) = found.from_.shared, found.to.shared
    assert (older.one, older.other) == ("old@v1", "new@v1")
    assert (older.examples, older.conversations) == (3, 5)
    assert (newer.examples, newer.conversations) == (3, 5)


def test_a_data_set_that_came_or_went_is_told_so_and_a_mixture_equals_itself(made: Bench) -> None:
    made.put("c.toml", (HEAD + data("new@v1")).encode())
    there = {one.dataset: one.change for one in diff(made, "a.toml", "c.toml").changes}
    back = {one.dataset: one.change for one in diff(made, "c.toml", "a.toml").changes}
    assert there == {"old": "removed", "new": "rules"}
    assert back == {"old": "added", "new": "rules"}
    same = diff(made, "a.toml", "a.toml")
    assert not same.differs
    assert {one.change for one in same.changes} == {"same"}


def test_the_command_compares_files_and_records(
    made: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["mixture", "add", "a.toml"]) == 0
    capsys.readouterr()
    assert main(["diff", "mixture:blend", "b.toml", "--exit-code"]) == 1
    text = capsys.readouterr().out
    assert "changed       old  v1 → v2  10      76.9% → 50.0%" in text
    assert "old@v1 → old@v2: 2 removed, 1 edited, 17 unchanged" in text
    assert "old@v1 with new@v1  3 and 5" in text
    assert main(["diff", "a.toml", "b.toml", "--format", "md"]) == 0
    assert "3 / 5" in capsys.readouterr().out
    assert main(["diff", "a.toml", "a.toml", "--exit-code"]) == 0


def test_without_the_objects_it_says_what_is_not_known(made: Bench, tmp_path: Path) -> None:
    clone = made.copy(tmp_path / "clone")
    shutil.rmtree(clone.objects / "packs")
    found = diff(clone, "a.toml", "b.toml")
    assert found.from_.shared is None
    assert "what the data sets share is not known" in found.notices[0]
    assert found.changes[0].counts is not None
