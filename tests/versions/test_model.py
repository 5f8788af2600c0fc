"""Anything that people do to one data set, in any order, beside a dictionary of bytes."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dslineage.errors import UsageError
from tests.versions.support import Bench

LINES = [
    b'{"prompt":"a","completion":"b"}',
    b'{"completion": "b", "prompt": "a"}',
    b'{"prompt":"c","completion":"d"}',
    b'{"prompt":"e","completion":"\xc3\xbc\xe2\x98\x83"}',
    b'{"prompt":"g","completion":"h","id":7}',
    b'{"prompt":"i","completion":null}',
]
EQUAL = {LINES[1]: LINES[0]}
FILES = st.lists(st.sampled_from(LINES), min_size=1, max_size=8)


class Made(NamedTuple):
    """A version, as the model has it."""

    number: int
    data: bytes
    parent: str | None


class OneDataSet(RuleBasedStateMachine):
    """`versions` are the versions by record id; the one that is current may be a draft."""

    @initialize(lines=FILES)
    def start(self, lines: list[bytes]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.bench = Bench.make(Path(self.folder.name) / "work")
        self.path = self.bench.root / "train.jsonl"
        self.versions: dict[str, Made] = {}
        self.committed: set[str] = set()
        self.current: str | None = None
        self.staged = False
        self.data: bytes | None = None
        self.write(lines, end=b"\n")

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(lines=FILES, end=st.sampled_from([b"\n", b"", b"\r\n", b"\n\n"]))
    def write(self, lines: list[bytes], end: bytes) -> None:
        self.put(b"\n".join(lines) + end)

    @precondition(lambda self: self.data is not None)
    @rule(seed=st.integers(0, 999))
    def shuffle(self, seed: int) -> None:
        lines = (self.data or b"").splitlines(keepends=True)
        random.Random(seed).shuffle(lines)
        self.put(b"".join(line.rstrip() + b"\n" for line in lines))

    @precondition(lambda self: self.data is not None)
    @rule()
    def duplicate(self) -> None:
        self.put((self.data or b"").rstrip() + b"\n" + (self.data or b""))

    @precondition(lambda self: self.data is not None)
    @rule(line=st.sampled_from(LINES))
    def edit(self, line: bytes) -> None:
        rest = (self.data or b"").partition(b"\n")[2]
        self.put(line + b"\n" + rest if rest else line)

    @precondition(lambda self: self.data is not None)
    @rule()
    def add(self) -> None:
        assert self.data is not None
        result = self.bench.repo.add([self.path])
        record = result.version.record
        draft = self.current if self.current not in self.committed else None
        parent = self.versions[draft].parent if draft else self.current
        same = [id_ for id_ in (self.current, parent if draft else None) if id_]
        kept = next((id_ for id_ in same if self.versions[id_].data == self.data), None)
        assert result.unchanged == (kept is not None)
        if draft and kept != draft:
            del self.versions[draft]
        if kept is None:
            number = max((one.number for one in self.versions.values()), default=0) + 1
            assert record.label == f"v{number}"
            assert record.parents == ((parent,) if parent else ())
            self.versions[record.id] = Made(number, self.data, parent)
        else:
            assert record.id == kept
        self.current = record.id
        self.staged = True

    @precondition(lambda self: self.staged and bool(set(self.versions) - self.committed))
    @rule()
    def commit(self) -> None:
        self.bench.git("commit", "-q", "-m", "work")
        self.committed = set(self.versions)

    @precondition(lambda self: self.versions)
    @rule(choice=st.randoms(use_true_random=False))
    def check_out(self, choice: random.Random) -> None:
        id_ = choice.choice(sorted(self.versions))
        saved = self.data is None or self.data in {one.data for one in self.versions.values()}
        if not saved:
            with pytest.raises(UsageError, match="changes that no version can bring back"):
                self.bench.repo.checkout(id_)
            return
        self.bench.repo.checkout(id_)
        self.current, self.data = id_, self.versions[id_].data

    @precondition(lambda self: self.versions)
    @rule()
    def lose_the_file_and_bring_it_back(self) -> None:
        assert self.current is not None
        self.path.unlink()
        self.bench.repo.checkout()
        self.data = self.versions[self.current].data

    @rule()
    def lose_what_can_be_computed_again(self) -> None:
        shutil.rmtree(self.bench.objects / "cache", ignore_errors=True)
        shutil.rmtree(self.bench.objects / "views", ignore_errors=True)

    @precondition(lambda self: self.versions)
    @rule(choice=st.randoms(use_true_random=False))
    def diff(self, choice: random.Random) -> None:
        before, after = (choice.choice(sorted(self.versions)) for _ in range(2))
        found = self.bench.repo.diff(before, after).to_dict()
        old, new = (examples(self.versions[id_].data) for id_ in (before, after))
        counts = found["examples"]
        assert found["identical"] == (old == new)
        assert (counts["from"], counts["to"]) == (old.total(), new.total())
        assert counts["unchanged"] + counts["edited"] + counts["removed"] == old.total()
        assert counts["unchanged"] + counts["edited"] + counts["added"] == new.total()
        assert counts["unchanged"] >= (old & new).total()

    @precondition(lambda self: self.versions)
    @rule()
    def every_version_is_kept(self) -> None:
        assert self.bench.problems() == []
        for info in self.bench.repo.log("train").versions:
            assert self.bench.restored(info) == self.versions[info.record.id].data

    @invariant()
    def the_catalog_is_the_model(self) -> None:
        if not hasattr(self, "bench"):
            return
        log = self.bench.repo.log().versions
        assert {info.record.id for info in log} == set(self.versions)
        assert {info.record.id for info in log if not info.draft} == self.committed
        if self.current:
            assert self.bench.pointer("train.jsonl").id == self.current
        assert (self.path.read_bytes() if self.path.exists() else None) == self.data

    def put(self, data: bytes) -> None:
        self.path.write_bytes(data)
        self.data = data


def examples(data: bytes) -> Counter[bytes]:
    lines = [line.strip() for line in data.splitlines() if line.strip()]
    return Counter(EQUAL.get(line, line) for line in lines)


TestOneDataSet = OneDataSet.TestCase
TestOneDataSet.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
