"""Every command that writes, killed before each of its system calls: nothing recorded is lost.

A command is traced once; then it is run again for each call that it made, on a fresh copy, and
dies just before that call, with all that it started. A kill after a call is one before the next,
since no file changes in between; nor does it where a file is written through (`fsync`). After each:
what verify says, what every version gives back, the user's files; then the same command is run
again, and leaves what it would have left without the kill.

With CRASHES=all each call has its turn; else a sample of them, the same every time.
"""

from __future__ import annotations

import random
import shutil
from functools import partial
from pathlib import Path

import pytest

from dslineage.errors import IntegrityError
from dslineage.store import repacking
from tests.crashes.commands import DATA, ONE, TWO
from tests.crashes.faults import killed_at
from tests.crashes.harness import ALL, Trial
from tests.crashes.ptrace import Call
from tests.crashes.table import COMMANDS
from tests.crashes.world import World

PARTS = 4 if ALL else 1
SAMPLE = 4


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", COMMANDS)
def test_a_kill_at_any_system_call_loses_nothing(
    name: str, part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repacking, "MANY", 2)
    trial = Trial.of(name, tmp_path)
    numbers = distinct(trial.trace)[part::PARTS]
    if not ALL:
        numbers = sorted(random.Random(name).sample(numbers, min(SAMPLE, len(numbers))))
    found = {}
    for number in numbers:
        world = trial.start.copy(tmp_path / "killed")
        killed = killed_at(partial(trial.command.run, world), number)
        wrong = [*trial.wrong(world), *trial.unfinished(world)]
        if name == "forget" and world.objects() != trial.whole.objects():
            wrong.append("objects")
        if wrong:
            found[f"{number} {killed} {trial.trace[number - 1]}"] = wrong
        shutil.rmtree(world.root)
    assert found == {}


def distinct(trace: list[Call]) -> list[int]:
    """The calls before which the files are other than before the call that precedes."""
    after = [None, *trace]
    return [
        number
        for number, call in enumerate(after[:-1], 1)
        if call is None or call.name not in {"fsync", "fdatasync"}
    ]


def test_an_add_that_meets_a_damaged_note_of_a_killed_one_says_what_to_do(tmp_path: Path) -> None:
    bench = World.make(tmp_path / "world").work
    bench.commit(DATA, ONE)
    bench.put(".git/dslineage/unfinished.json", b"{}")
    bench.put(DATA, TWO)
    with pytest.raises(IntegrityError, match="an interrupted command cannot be finished") as caught:
        bench.add(DATA)
    assert "unfinished.json" in caught.value.hint
