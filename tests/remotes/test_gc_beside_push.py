"""A push and a garbage collection of a remote, at the same time, in every order of their steps.

Two clones know a version that a third party's branch had. One lets go of it and collects; the other
still needs it and pushes. Whatever the order: when the push says that it is done, the version is
whole there, and it stays so.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from dslineage.errors import RemoteError
from dslineage.remotes.copies import Holding
from dslineage.remotes.remote import Remote
from dslineage.remotes.swept import Order
from dslineage.store.inventory import Inventory
from dslineage.verbs import collecting, pushing
from dslineage.verbs.collecting import gc_remote
from dslineage.verbs.pushing import push as pushed
from dslineage.verbs.remotes import versions
from tests.remotes.stepping import Killed, Stepping, at, dies
from tests.remotes.support import DATA, origin
from tests.versions.support import Bench, ada

FIRST = b'{"prompt":"p","completion":"c"}\n'
SECOND = FIRST + b'{"prompt":"q","completion":"d"}\n'


@dataclass(frozen=True)
class Pair:
    """A clone that gave a version up, one that needs it, and where both push to."""

    root: Path

    @property
    def collector(self) -> Bench:
        return Bench(self.root / "collector")

    @property
    def keeper(self) -> Bench:
        return Bench(self.root / "keeper")

    def begin(self, to: Path) -> Pair:
        """The same elsewhere, so that each order of steps begins alike."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.root, to, symlinks=True)
        return Pair(to)

    def remote(self) -> Remote:
        """The remote, as both clones reach it."""
        return self.collector.repo.remotes.open()

    def collect(self, remote: Remote | None = None) -> None:
        """Collect with the clone that gave the version up."""
        collect(self.collector, remote or self.remote())

    def push(self, remote: Remote | None = None) -> None:
        """Push with the clone that needs it."""
        push(self.keeper, remote or self.remote())

    def check(self) -> None:
        """See that all that the keeper needs is there, now and after a collection."""
        objects = Inventory.of(self.keeper.repo.store).objects
        assert objects.keys() <= Holding.of(self.remote()).whole.keys()
        self.collect()
        assert objects.keys() <= Holding.of(self.remote()).whole.keys()


def collect(bench: Bench, remote: Remote, days: float = 0) -> None:
    gc_remote(bench.repo, remote, Order(delete=True, grace_days=days), None, accept_lost=False)


def push(bench: Bench, remote: Remote) -> None:
    pushed(bench.repo, remote, versions(bench.repo, (), everything=False), None, reread=False)


def steps(start: Pair, to: Path, act: Callable[[Pair, Remote], None]) -> list[int]:
    """The numbers of the steps that something takes, but for those that nothing hangs on."""
    pair = start.begin(to)
    stepping = Stepping(pair.remote())
    act(pair, stepping)
    assert len(stepping.done) > 20
    return [n for n, what in enumerate(stepping.done, 1) if what not in {"list ", "get format"}]


def again_if_told(act: Callable[[Remote], None], stepping: Stepping) -> None:
    """Do something; where others were in its way and it says so, do it again."""
    try:
        act(stepping)
    except RemoteError as error:
        if error.kind not in {"claim-ended", "remote-busy", "lost-on-remote"}:
            raise
        act(stepping.remote)


@pytest.fixture(autouse=True)
def _named_by_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clone is known by its folder here, so that a copy of it is the same one."""

    def named(folder: Path, _: object, *, new: bool = True) -> str:
        return hashlib.sha256(folder.parent.name.encode()).hexdigest()[:16]

    monkeypatch.setattr(collecting, "clone_id", named)
    monkeypatch.setattr(pushing, "clone_id", named)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = Pair(tmp_path_factory.mktemp("pair"))
    with ada():
        collector = origin(pair.collector.root, FIRST)
        collector.repo.remotes.add("storage", "../storage", {})
        collector.git("commit", "-q", "-m", "remote")
        collector.git("checkout", "-q", "-b", "side")
        collector.commit(DATA, SECOND, workers=1)
        shutil.copytree(collector.root, pair.keeper.root, symlinks=True)
    return pair


@pytest.fixture(params=["unmarked", "marked"])
def start(request: pytest.FixtureRequest, apart: Pair, tmp_path: Path) -> Pair:
    """The collector pushed the version and gave it up, and has marked what it needed, or not."""
    pair = apart.begin(tmp_path / "start")
    push(pair.collector, pair.remote())
    pair.collector.git("checkout", "-q", "main")
    pair.collector.git("branch", "-q", "-D", "side")
    pair.collector.git("reflog", "expire", "--expire=now", "--all")
    if request.param == "marked":
        collect(pair.collector, pair.remote(), days=14)
    return pair


def test_a_collection_before_any_step_of_a_push_takes_nothing_that_it_relies_on(
    start: Pair, tmp_path: Path
) -> None:
    for number in steps(start, tmp_path / "pair", Pair.push):
        pair = start.begin(tmp_path / "pair")
        again_if_told(pair.push, Stepping(pair.remote(), at(number, pair.collect)))
        pair.check()


def test_a_push_before_any_step_of_a_collection_is_seen_or_sees_what_is_marked(
    start: Pair, tmp_path: Path
) -> None:
    for number in steps(start, tmp_path / "pair", Pair.collect)[::2]:
        pair = start.begin(tmp_path / "pair")
        again_if_told(pair.collect, Stepping(pair.remote(), at(number, pair.push)))
        pair.check()


def test_two_collections_at_once_take_nothing_that_either_clone_needs(
    start: Pair, tmp_path: Path
) -> None:
    start.push()
    for number in steps(start, tmp_path / "pair", Pair.collect)[::4]:
        pair = start.begin(tmp_path / "pair")
        other = partial(collect, pair.keeper, pair.remote())
        again_if_told(pair.collect, Stepping(pair.remote(), at(number, other)))
        pair.check()


def test_a_push_between_two_collections_at_once_keeps_what_it_sent(
    start: Pair, tmp_path: Path
) -> None:
    for number in steps(start, tmp_path / "pair", Pair.collect)[::4]:
        pair = start.begin(tmp_path / "pair")

        def meanwhile(pair: Pair = pair) -> None:
            pair.collect()
            pair.push()

        again_if_told(pair.collect, Stepping(pair.remote(), at(number, meanwhile)))
        pair.check()


def test_a_collection_that_dies_at_any_step_is_finished_by_the_next(
    start: Pair, tmp_path: Path
) -> None:
    pair = start.begin(tmp_path / "pair")
    pair.collect()
    left = sorted(copy.path for copy in Holding.of(pair.remote()).copies)
    for number in steps(start, tmp_path / "pair", Pair.collect)[::5]:
        pair = start.begin(tmp_path / "pair")
        with pytest.raises(Killed):
            pair.collect(Stepping(pair.remote(), at(number, dies)))
        assert {copy.path for copy in Holding.of(pair.remote()).copies} >= set(left)
        pair.collect()
        assert sorted(copy.path for copy in Holding.of(pair.remote()).copies) == left
        assert len(pair.remote().listing("claims")) == 1


def test_a_push_after_a_collection_that_died_at_any_step_sends_what_is_lacking(
    start: Pair, tmp_path: Path
) -> None:
    for number in steps(start, tmp_path / "pair", Pair.collect)[::5]:
        pair = start.begin(tmp_path / "pair")
        with pytest.raises(Killed):
            pair.collect(Stepping(pair.remote(), at(number, dies)))
        pair.push()
        pair.check()
