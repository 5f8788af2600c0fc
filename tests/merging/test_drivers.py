"""git shows and merges pointers by dslineage where its settings say so, and by itself elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dslineage.versions.git import Git
from dslineage_cli.driver import CRASHED
from dslineage_hooks.drivers import (
    DriverState,
    driver_state,
    install_drivers,
    settings,
    uninstall_drivers,
)
from tests.merging.conftest import Branches, lines, qa
from tests.versions.support import Bench

BASE = [qa(number) for number in range(6)]


def failing_git(bench: Bench, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=bench.root, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr.decode()


def test_git_diff_and_log_show_the_summary(branches: Branches) -> None:
    better = qa(3, completion="It costs 21 crowns, or 24 with the box.")
    bench = branches(BASE, [*BASE[1:3], better, *BASE[4:], qa(9)], BASE[:-1])
    plain = bench.git("diff", "HEAD~1", "--", "*.dsl.json")
    install_drivers(Git.find(bench.root))
    shown = bench.git("diff", "HEAD~1", "--", "*.dsl.json")
    assert '"schema"' not in shown
    for line in ("-train v1 (", "+train v2 (", "1 edited, 1 removed, 1 added (response 1)"):
        assert line in shown
    assert "1 edited, 1 removed, 1 added" in bench.git("log", "-p", "-1", "--", "*.dsl.json")
    assert bench.git("diff", "--no-textconv", "HEAD~1", "--", "*.dsl.json") == plain


def test_a_pointer_that_cannot_be_read_is_shown_as_it_is(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    install_drivers(Git.find(bench.root))
    bench.put("train.jsonl.dsl.json", b"no pointer\x1b[2J\n")
    assert "+no pointer␛[2J\n" in bench.git("diff", "--", "*.dsl.json")


def test_without_the_interpreter_git_works_as_ever(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    install_drivers(Git.find(bench.root), "/nowhere/python")
    assert '+  "version": "v2"' in bench.git("diff", "HEAD~1", "--", "*.dsl.json")
    failing_git(bench, "merge", "theirs")
    assert "<<<<<<<" in (bench.root / "train.jsonl.dsl.json").read_text()


def test_two_changes_stay_a_conflict_that_names_the_command(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    install_drivers(Git.find(bench.root))
    said = failing_git(bench, "merge", "theirs")
    assert "train was changed on both sides; next: dslineage merge" in said
    assert bench.repo.status().datasets[0].state == "conflicted"
    bench.repo.merge()
    bench.git("commit", "-qm", "merged")
    assert (bench.root / "train.jsonl").read_bytes() == lines(BASE[1:-1])
    assert bench.problems() == []


def test_the_same_change_on_both_sides_is_no_conflict(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], BASE[2:])
    record = bench.repo.show("train").record
    bench.git("switch", "-q", "theirs")
    bench.put("train.jsonl", lines(BASE[1:]))
    bench.repo.add([bench.root / "train.jsonl"], message="one came back")
    bench.git("commit", "-qm", "back")
    bench.git("switch", "-q", "main")
    install_drivers(Git.find(bench.root))
    bench.git("merge", "-q", "--no-edit", "theirs")
    assert bench.repo.show("train@latest").record.content_hash == record.content_hash
    assert bench.problems() == []


def test_a_rebase_stops_at_the_driver_and_goes_on(branches: Branches) -> None:
    bench = branches(BASE, BASE[1:], [*BASE, qa(40)])
    install_drivers(Git.find(bench.root))
    bench.git("switch", "-q", "theirs")
    assert "next: dslineage merge" in failing_git(bench, "rebase", "main")
    bench.put("train.jsonl", lines(BASE[1:]))
    bench.repo.merge()
    bench.git("-c", "core.editor=true", "rebase", "--continue")
    assert (bench.root / "train.jsonl").read_bytes() == lines([*BASE[1:], qa(40)])
    assert bench.problems() == []


def test_a_merged_version_meets_its_parent_again(branches: Branches) -> None:
    """A branch that was merged, cherry-picked and merged again: the older version gives way."""
    bench = branches(BASE, BASE[1:], BASE[:-1])
    install_drivers(Git.find(bench.root))
    failing_git(bench, "merge", "--squash", "theirs")
    bench.repo.merge()
    bench.git("commit", "-qm", "squashed")
    bench.git("merge", "-q", "--no-edit", "theirs")
    assert bench.repo.show("train@latest").record.label == "v3"
    assert bench.problems() == []


def test_settings_come_and_go(bench: Bench) -> None:
    before = (bench.root / ".git" / "config").read_bytes()
    git = Git.find(bench.root)
    assert set(install_drivers(git)) == set(settings("python"))
    assert install_drivers(git) == ()
    assert uninstall_drivers(git) == ("diff.dslineage", "merge.dslineage")
    assert uninstall_drivers(git) == ()
    assert (bench.root / ".git" / "config").read_bytes() == before


@pytest.mark.parametrize(
    "attributes", [b"", b"*.png binary\n", b"*.png binary", b"# \xff\r\n"], ids=repr
)
def test_an_older_repository_names_the_drivers_in_the_clone(
    branches: Branches, attributes: bytes
) -> None:
    bench = branches(BASE, BASE[1:], BASE[:-1])
    (bench.root / ".gitattributes").write_text("*.dsl.json text eol=lf\n")
    own = bench.root / ".git" / "info" / "attributes"
    if attributes:
        own.write_bytes(attributes)
    git = Git.find(bench.root)
    assert driver_state(git) == DriverState("absent", "absent")
    assert "info/attributes" in install_drivers(git)
    assert driver_state(git) == DriverState("set", "set")
    assert "+train v2 (" in bench.git("diff", "HEAD~1", "--", "*.dsl.json")
    assert driver_state(git, "/another/python") == DriverState("outdated", "set")
    uninstall_drivers(git)
    assert (own.read_bytes() if own.exists() else b"") == attributes


def test_another_driver_that_somebody_chose_stays(bench: Bench) -> None:
    (bench.root / ".gitattributes").write_text("*.dsl.json -diff merge=dslineage\n")
    git = Git.find(bench.root)
    install_drivers(git)
    assert driver_state(git) == DriverState("set", "other")
    assert not (bench.root / ".git" / "info" / "attributes").exists()


def test_a_crash_is_no_conflict(tmp_path: Path, bench: Bench) -> None:
    missing = [str(tmp_path / name) for name in ("o", "a", "b")]
    driver = [sys.executable, "-P", "-m", "dslineage_cli.driver", "merge"]
    done = subprocess.run(
        [*driver, *missing, "7", "p"], cwd=bench.root, capture_output=True, check=False
    )
    assert done.returncode == CRASHED
    assert b"FileNotFoundError" in done.stderr


@pytest.mark.parametrize("name", ["diff", "merge"])
def test_attributes_are_written_by_init(bench: Bench, name: str) -> None:
    said = bench.git("check-attr", name, "data/train.jsonl.dsl.json")
    assert said.endswith(f"{name}: dslineage\n")
