"""The commands that record lineage, quality and edits. Others are in `commands`."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from dslineage.errors import UsageError
from dslineage.launching.asked import Launch
from dslineage.lineage.description import Description
from dslineage.recall.filing import Filing
from dslineage.repository import Repository
from dslineage.reviewing.population import SampleOptions
from dslineage.steps.running import CommandStep
from dslineage.training import recorder
from tests.crashes.commands import DATA, LINES, ONE, TWO, WORK, Command, cloned, with_remote
from tests.crashes.world import STORAGE, World
from tests.reviewing.sheets import edit_csv
from tests.runs.cluster import model, trained

MIX = 'name = "blend"\nseed = 7\n\n[[data]]\nref = "train@v1"\n\n[[data]]\nref = "other@v1"\n'
OUT = "work/out.jsonl"
STEPS = "/records/step/"
BESIDE = re.compile(r"/\.(\w+\.jsonl|sheet\.csv|dslineage-run\.json)\.[0-9a-f]{12}\.tmp$")
STAGED = re.compile(r"/\.git/dslineage/tmp/")
SHORTER = ("sh", "-c", f"head -n 2 {DATA} > half && mv half out.jsonl")
TRAINER = ("sh", "-c", "mkdir -p out/checkpoint-1 && cp ../made/* out/checkpoint-1")
NOON = SimpleNamespace(now=lambda zone: datetime(2026, 1, 2, tzinfo=zone))


def _unprepared(world: World) -> None:
    shutil.rmtree(world.work.objects)
    shutil.rmtree(world.work.root / ".dslineage")
    (world.work.root / ".gitattributes").unlink()
    world.work.git("rm", "-q", "--cached", ".dslineage/README.md", ".gitattributes")
    world.work.git("commit", "-q", "--allow-empty", "-m", "bare")


def _one_version(world: World) -> None:
    world.work.commit(DATA, TWO)


def _unmeasured(world: World) -> None:
    world.work.put(DATA, TWO)
    world.work.repo.add([world.work.root / DATA], measure=False)
    world.work.git("commit", "-q", "-m", "data")


def _sheet(world: World) -> None:
    _one_version(world)
    path = world.root / "sheet.csv"
    world.work.repo.sample(output=path, options=SampleOptions(count=2))
    edit_csv(path, lambda rows: [row | {"verdict": "keep"} for row in rows])


def _edited(world: World) -> None:
    _one_version(world)
    path = world.root / "sheet.csv"
    world.work.repo.sample(output=path, options=SampleOptions(count=4))
    edit_csv(path, lambda rows: [row | {"completion": row["completion"][:-3]} for row in rows])


def _mixable(world: World) -> None:
    world.work.commit(DATA, ONE)
    world.work.commit("other.jsonl", LINES[9])
    world.work.put("mix.toml", MIX.encode())


def _trained(world: World) -> None:
    _one_version(world)
    trained(world.root / "tiny", [{"prompt": "q0"}])


def _made(world: World) -> None:
    _one_version(world)
    model(world.root / "made", 1)


def _train(world: World) -> None:
    """Train, with a clock that stands: a run is known by when it began, among other things."""
    asked = Launch(
        TRAINER, world.work.root, "tiny", data=(("train", DATA),), output=Path("out"), every=0.05
    )
    with patch.object(recorder, "datetime", NOON):
        world.work.repo.provenance.train(asked, stdout=2)


def _sourced(world: World) -> None:
    _one_version(world)
    _source(world)


def _source(world: World) -> None:
    world.work.repo.provenance.add_source("web", Description(uri="https://example.org/x"))


def _remote_garbage(world: World) -> None:
    with_remote(world)
    work = world.work
    work.repo.remotes.push()
    work.git("switch", "-q", "-c", "side")
    work.commit(DATA, b"".join(LINES[20:26]))
    work.repo.remotes.push()
    work.git("switch", "-q", "main")
    work.git("branch", "-q", "-D", "side")
    work.git("reflog", "expire", "--expire=now", "--all")
    work.repo.checkout(force=True)
    server = world.root / "origin.git"
    work.git("clone", "-q", "--bare", str(work.root), str(server))
    work.git("remote", "add", "origin", "../origin.git")
    work.git("fetch", "-q", "origin")


def _collect_there(world: World) -> None:
    """Delete what no version needs; the clone that this one was copied from is gone."""
    remotes = world.work.repo.remotes
    others = tuple(one.clone for one in remotes.gc().others)
    remotes.gc(delete=True, grace_days=0, release=others)


def _damaged(world: World) -> None:
    with_remote(world)
    world.work.repo.remotes.push()
    _cut(next((world.work.objects / "views").iterdir()))


def _damaged_there(world: World) -> None:
    with_remote(world)
    world.work.repo.remotes.push()
    _cut(next((world.root / STORAGE / "dslineage/views").iterdir()))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _recall(world: World) -> None:
    world.work.repo.provenance.recall(text="q1", name="r1", filing=Filing("recall", reason="asked"))


def _claim(world: World) -> None:
    world.work.repo.provenance.claim("train@v1", "pii", {"found": False})


def _step(world: World) -> None:
    asked = CommandStep(SHORTER, "shorten", inputs=("train",), outputs=("out.jsonl",))
    world.work.repo.provenance.step(asked, stdout=2)


def _export(world: World) -> None:
    world.work.repo.export("train@v1", output="out.jsonl", force=True)


def _sample(world: World) -> None:
    options = SampleOptions(count=2)
    world.work.repo.sample(output="sheet.csv", options=options, force=True)


def _apply(world: World) -> None:
    """Apply; a file that was written, and is no version yet, is brought back as the hint says."""
    try:
        world.work.repo.apply(world.root / "sheet.csv")
    except UsageError as error:
        if not error.hint.endswith("or dslineage checkout train@latest --force"):
            raise
        world.work.repo.checkout("train@latest", force=True)
        world.work.repo.apply(world.root / "sheet.csv")


def _build(world: World) -> None:
    """Build; a file that was written, and is no version yet, is removed."""
    build = world.work.repo.provenance.build_mixture
    try:
        build("mix.toml", "out.jsonl")
    except UsageError as error:
        if error.kind != "file-exists":
            raise
        (world.work.root / "out.jsonl").unlink()
        build("mix.toml", "out.jsonl")


EDITED = TWO.replace(b'abc"}', b'"}')
TWO_LINES = b"".join(LINES[:2])
MIXED = b"".join(LINES[number] for number in (1, 2, 9, 0))
COMMANDS = {
    "init": Command(_unprepared, lambda world: Repository.init(world.work.root)),
    "metrics run": Command(_unmeasured, lambda world: world.work.repo.measure()),
    "sample": Command(_one_version, _sample, leaves=BESIDE),
    "review import": Command(
        _sheet, lambda world: world.work.repo.review_import(world.root / "sheet.csv")
    ),
    "apply": Command(_edited, _apply, {WORK: EDITED}, leaves=BESIDE),
    "train": Command(_made, _train, leaves=BESIDE),
    "run import": Command(
        _trained, lambda world: world.work.repo.provenance.import_runs(world.root / "tiny")
    ),
    "model add": Command(
        _made, lambda world: world.work.repo.provenance.add_model(world.root / "made")
    ),
    "source add": Command(_one_version, _source),
    "source link": Command(
        _sourced, lambda world: world.work.repo.provenance.link_source("web", "train@v1")
    ),
    "claim add": Command(_one_version, _claim),
    "recall": Command(_one_version, _recall),
    "step": Command(_one_version, _step, {OUT: TWO_LINES}, more=STEPS),
    "mixture add": Command(
        _mixable, lambda world: world.work.repo.provenance.add_mixture("mix.toml")
    ),
    "mixture build": Command(_mixable, _build, {OUT: MIXED}, more=STEPS, leaves=BESIDE),
    "export": Command(_one_version, _export, {OUT: TWO}, leaves=BESIDE),
    "fetch": Command(cloned, lambda world: world.clone.repo.remotes.fetch()),
    "verify --repair": Command(
        _damaged, lambda world: world.work.repo.repair("storage"), leaves=STAGED
    ),
    "verify --remote --repair": Command(
        _damaged_there, lambda world: world.work.repo.remotes.verify(repair=True)
    ),
    "gc --remote": Command(_remote_garbage, _collect_there),
    "remote set": Command(
        with_remote, lambda world: world.work.repo.remotes.set("storage", {"type": "x"})
    ),
}
