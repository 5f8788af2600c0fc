"""`verify` finds a wrong, missing or edited record of every kind, and says what hangs on it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from dslineage.lineage.checking import CheckedRecords, check_records
from dslineage.records import Base, MeasurementRecord, Record
from dslineage.versions.git import Git
from tests.lineage.world import (
    claim,
    digest,
    mixture,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
    when,
    write,
)


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


class World(NamedTuple):
    """A chain from a source to a model that was made of a model, and what is said about it."""

    root: Path
    records: dict[str, Record]

    def check(self) -> CheckedRecords:
        return check_records(Git.find(self.root))

    def problems(self) -> dict[str, tuple[str, ...]]:
        """What hangs on each record that is not as it should be, by its name."""
        return {one.name: one.needed_by for one in self.check().problems}

    def path(self, kind: str) -> Path:
        return self.root / self.records[kind].path


@pytest.fixture
def world(git_repo: Path) -> World:
    start_clock()
    web = source("web")
    raw = version("raw", made_by=web)
    cleaned = step(raw, dataset="clean", operation="clean")
    clean = version("clean", made_by=cleaned)
    mixed = mixture(clean, name="blend")
    trained = run(train(mixed), name="tiny")
    final = model(trained)
    small = model(
        name="small", label="q4", form="quantisation", derived_from=(Base("t", final.id),)
    )
    measured = MeasurementRecord(
        dataset="raw", version="v1", subject=raw.id, profile="p", metrics={}, unmeasured={},
        created_at=when()["created_at"], tool="t",
    )  # fmt: skip
    said = claim(final, "evaluation", of="tiny", evaluation="e", score=1)
    records = [web, raw, cleaned, clean, mixed, trained, final, small, measured, said]
    write(git_repo, records)
    git(git_repo, "add", ".")
    git(git_repo, "commit", "-qm", "all")
    names = ["source", "dataset", "step", "clean", "mixture", "run", "model", "small"]
    return World(git_repo, dict(zip([*names, "measurement", "claim"], records, strict=True)))


HANGING = {
    "source": {"raw@v1", "step", "clean@v1", "mixture:blend", "run:tiny", "tiny@final", "small@q4"},
    "dataset": {
        "raw@v1",
        "step",
        "clean@v1",
        "mixture:blend",
        "run:tiny",
        "tiny@final",
        "small@q4",
    },
    "step": {"clean@v1", "mixture:blend", "run:tiny", "tiny@final", "small@q4"},
    "mixture": {"run:tiny", "tiny@final", "small@q4"},
    "run": {"tiny@final", "small@q4"},
    "model": {"tiny@final", "small@q4"},
    "measurement": {"raw@v1"},
    "claim": set(),
}


def edited(path: Path) -> None:
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps(document | {"tool": "another"}, indent=2) + "\n")


def no_json(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def reformatted(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'": ', b'":  ', 1))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def deleted(path: Path) -> None:
    path.unlink()


def test_a_whole_world_has_no_problem(world: World) -> None:
    checked = world.check()
    assert (checked.problems, checked.notices, checked.count) == ((), (), 10)


@pytest.mark.parametrize("damage", [edited, no_json, reformatted, deleted, a_folder])
def test_damage_to_a_record_of_any_kind_is_named_with_what_hangs_on_it(
    world: World, damage: Callable[[Path], None]
) -> None:
    for kind, hanging in HANGING.items():
        path = world.path(kind)
        original = path.read_bytes()
        damage(path)
        [(name, needed)] = world.problems().items()
        assert name == path.relative_to(world.root).as_posix()
        assert {"step" if one.startswith("step:") else one for one in needed} == hanging
        if path.is_dir():
            path.rmdir()
        path.write_bytes(original)


def test_a_renamed_record_is_named_under_both_names(world: World) -> None:
    for kind in HANGING:
        path = world.path(kind)
        other = path.with_name(f"renamed-{'0' * 12}.json")
        path.rename(other)
        names = {one.relative_to(world.root).as_posix() for one in (path, other)}
        assert set(world.problems()) == names
        other.rename(path)


def test_a_record_that_git_forgot_is_named_by_its_id_and_by_who_names_it(world: World) -> None:
    trained = world.records["run"]
    git(world.root, "rm", "-q", trained.path)
    git(world.root, "commit", "-qm", "forget it")
    assert world.problems() == {trained.id: ("small@q4", "tiny@final")}


def test_a_record_that_only_a_claim_names_is_missing_too(world: World) -> None:
    git(world.root, "rm", "-q", world.records["small"].path)
    git(world.root, "commit", "-qm", "forget it")
    assert world.problems() == {}
    said = claim(world.records["small"], "deployment", of="small", to="api")
    write(world.root, [said])
    [(name, needed)] = world.problems().items()
    assert name == world.records["small"].id
    assert needed == (f"claim:small ({said.digits[:8]})",)


def test_what_rests_on_a_version_by_its_content_hangs_on_it(git_repo: Path) -> None:
    start_clock()
    first, captured = version(content="rows"), run(train("rows"), name="far")
    write(git_repo, [first, captured])
    path = git_repo / first.path
    path.rename(path.with_name(f"v1-{'0' * 12}.json"))
    [needed] = World(git_repo, {}).problems().values()
    assert needed == ("train@v1", "run:far")


def test_a_record_that_says_it_is_older_than_its_parent_is_a_notice(git_repo: Path) -> None:
    start_clock()
    late = when()
    early = source("web")
    child = replace(version(made_by=early), created_at=late["created_at"])
    write(git_repo, [early, child])
    checked = World(git_repo, {}).check()
    assert checked.problems == ()
    assert [notice.split(" (")[0] for notice in checked.notices] == ["train@v1"]


def test_a_record_that_contradicts_what_it_names_is_named(git_repo: Path) -> None:
    start_clock()
    rows, weights = version(content="rows"), model(weights="w")
    told = train(rows, content_hash=digest("rows"))
    agreeing = run(told, name="good", base=Base("t", weights.id, weights_hash=digest("w")))
    lying = run(replace(told, content_hash=digest("other")), name="bad")
    grown = model(label="q4", derived_from=(Base("t", weights.id, weights_hash=digest("x")),))
    write(git_repo, [rows, weights, agreeing, lying, grown, model(lying, name="bad")])
    problems = World(git_repo, {}).check().problems
    assert {one.name: (one.message.partition(": ")[2], one.needed_by) for one in problems} == {
        lying.path: (
            "the content that it gives train@v1 is not that version's",
            ("bad@final",),
        ),
        grown.path: ("the tensors that it gives tiny@final are not that model's", ("tiny@q4",)),
    }


def test_a_record_where_nothing_reads_it_is_named(world: World) -> None:
    data = world.path("source").read_bytes()
    folder = world.root / ".dslineage/records"
    for name in ("stray.json", "source/stray.json", "source/a/b/c.json", "pledge/web/a.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "source/README.md").touch()
    found = {one.name: one.message.split()[0] for one in world.check().problems}
    assert found == {
        ".dslineage/records/pledge/web/a.json": "unknown",
        ".dslineage/records/source/a/b/c.json": "misplaced",
        ".dslineage/records/source/stray.json": "misplaced",
        ".dslineage/records/stray.json": "unknown",
    }


def test_all_damage_at_once_is_all_named(world: World) -> None:
    for kind in HANGING:
        edited(world.path(kind))
    paths = {world.records[kind].path for kind in HANGING}
    assert set(world.problems()) == paths
