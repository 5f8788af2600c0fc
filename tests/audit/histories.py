"""Random histories of one poisoned example, beside a model that knows where it went.

The model is naive: every row carries a mark through all that is done to it, and runs and models are
asked recursively. It shares no code with what it checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dslineage.records import (
    Component,
    Consumed,
    DatasetRecord,
    Evidence,
    MixtureRecord,
    ModelRecord,
    Prepared,
    RunInput,
    RunRecord,
)
from tests.audit.world import World, by_content, digest_of, train

NONE, LOST, MAY, SAW = range(4)
"""What is true of a training: nothing; it had an edit that nobody recorded; perhaps; certainly."""

_SYLLABLES = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in "nrlsk"]


class Row(NamedTuple):
    """A row; `mark` is POISON where records lead to it, LOST where an edit of it is unrecorded."""

    value: Mapping[str, Any]
    mark: int = NONE


@dataclass(frozen=True)
class Made:
    """A version and what is in it; its rows are all messages, or all instructions."""

    record: DatasetRecord
    rows: tuple[Row, ...]
    messages: bool

    @property
    def mark(self) -> int:
        return max(row.mark for row in self.rows)


class Given(NamedTuple):
    """A version that a run was given; `sure` where all of it went in."""

    version: Made
    sure: bool


@dataclass
class Training:
    """A run with its checkpoints, as the model has it."""

    record: RunRecord
    given: list[Given]
    sure: bool
    starts: list[tuple[str, bool]]


@dataclass
class Checkpoint:
    """A model: whether it surely used all of its run's data, and what it is made of."""

    record: ModelRecord
    run: Training | None
    sure: bool
    made_of: list[str]


@dataclass
class History:
    """One random history."""

    world: World
    random: random.Random
    versions: list[Made] = field(default_factory=list)
    runs: dict[str, Training] = field(default_factory=dict)
    models: dict[str, Checkpoint] = field(default_factory=dict)
    poison: Mapping[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Make two sources, one of them poisoned."""
        for name in ("first", "second"):
            rows = [Row(self.fresh()) for _ in range(self.random.randint(4, 7))]
            if name == "first":
                self.poison = self.fresh()
                rows.insert(self.random.randrange(len(rows)), Row(self.poison, SAW))
            self.add(name, rows, (), self.world.source(name))

    def play(self, moves: int) -> None:
        """Make so many random moves, and a run at the end."""
        options: list[Callable[[], None]] = [
            self.filter_rows, self.drop_field, *[self.convert] * 2, *[self.edit] * 3,
            *[self.edit_unrecorded] * 2, *[self.mix] * 2, self.merge, self.go_back, self.shuffle,
            *[self.train] * 4, self.derive,
        ]  # fmt: skip
        for _ in range(moves):
            self.random.choice(options)()
        self.train()

    # Versions

    def fresh(self) -> dict[str, Any]:
        """An example of many words that no other one has."""
        return {
            "instruction": self.words(8),
            "output": self.words(14),
            "user_id": self.random.getrandbits(40),
        }

    def words(self, count: int) -> str:
        return " ".join("".join(self.random.choices(_SYLLABLES, k=3)) for _ in range(count))

    def pick(self) -> Made:
        """A version, the newest ones more often."""
        newest = self.versions[-3:]
        return self.random.choice(newest if self.random.random() < 0.6 else self.versions)

    def add(self, name: str, rows: Sequence[Row], parents: Sequence[Made], by: Any = None) -> Made:
        record = self.world.version(
            name, [row.value for row in rows], [one.record for one in parents], by
        )
        made = Made(record, tuple(rows), "messages" in rows[0].value)
        self.versions.append(made)
        names = [f"{one.record.dataset}@{one.record.label}" for one in (made, *parents)]
        self.log.append(f"{names[0]} of {names[1:]} by {by.id[:18] if by else None}: {made.mark}")
        return made

    def follow(self, of: Made, rows: Sequence[Row], *, recorded: bool, **links: Any) -> None:
        """A version made of another: with its step, as a plain child, or with no link at all."""
        if not rows:
            return
        by = (
            self.world.step([of.record], as_object=self.random.random() < 0.3, **links)
            if recorded
            else None
        )
        other = self.random.random() < 0.2
        linked = self.random.random() < 0.8
        name = "other" if other else of.record.dataset
        self.add(name, rows, [of] if linked and not other else [], by)

    def filter_rows(self) -> None:
        of = self.pick()
        kept = [row for row in of.rows if self.random.random() < (0.6 if row.mark else 0.8)]
        gone = {digest_of(row.value): "short" for row in of.rows if row not in kept}
        self.follow(of, kept, recorded=self.random.random() < 0.5, dropped=gone)

    def drop_field(self) -> None:
        of = self.pick()
        rows = [
            row._replace(value={n: v for n, v in row.value.items() if n != "user_id"})
            for row in of.rows
        ]
        self.follow(of, rows, recorded=self.random.random() < 0.5)

    def convert(self) -> None:
        of = self.pick()
        rows = [row._replace(value=_as_messages(row.value)) for row in of.rows]
        self.follow(of, rows, recorded=self.random.random() < 0.5)

    def edit(self) -> None:
        """Some answers are written anew, and the step says of which rows."""
        of = self.pick()
        rows, parents = [], {}
        for row in of.rows:
            if self.random.random() < (0.7 if row.mark else 0.2):
                edited = row._replace(value=_answered(row.value, self.words(14)))
                parents[digest_of(edited.value)] = [digest_of(row.value)]
                rows.append(edited)
            else:
                rows.append(row)
        self.follow(of, rows, recorded=True, parents=parents)

    def edit_unrecorded(self) -> None:
        of = self.pick()
        rows = [
            Row(_answered(row.value, self.words(14)), LOST if row.mark else NONE)
            if self.random.random() < (0.7 if row.mark else 0.2)
            else row
            for row in of.rows
        ]
        self.follow(of, rows, recorded=False)

    def mix(self) -> None:
        """Versions of one form are put together, with or without a step that says so."""
        first = self.pick()
        like = [one for one in self.versions if one.messages == first.messages]
        parts = [first, *self.random.sample(like, min(len(like), self.random.randint(1, 2)))]
        rows = [row for part in parts for row in part.rows]
        self.random.shuffle(rows)
        inputs = list({part.record.id: part.record for part in parts}.values())
        by = self.world.step(inputs) if self.random.random() < 0.6 else None
        self.add("mixed", rows, [], by)

    def merge(self) -> None:
        """Two versions of one data set become one, as when branches are merged."""
        first = self.pick()
        others = [
            one for one in self.versions
            if one.record.dataset == first.record.dataset and one.messages == first.messages
            and one is not first
        ]  # fmt: skip
        if others:
            other = self.random.choice(others)
            rows = list({digest_of(row.value): row for row in (*first.rows, *other.rows)}.values())
            self.add(first.record.dataset, rows, [first, other])

    def go_back(self) -> None:
        """The rows of an old version, once more, after the newest of its data set."""
        old = self.pick()
        newest = [one for one in self.versions if one.record.dataset == old.record.dataset][-1]
        if newest is not old:
            self.add(old.record.dataset, old.rows, [newest])

    def shuffle(self) -> None:
        of = self.pick()
        rows = [*of.rows, self.random.choice(of.rows)]
        self.random.shuffle(rows)
        self.follow(of, rows, recorded=False)

    # Trainings

    def train(self) -> None:
        inputs, given = self.inputs()
        more: dict[str, Any] = {}
        starts: list[tuple[str, bool]] = []
        if self.models and self.random.random() < 0.3:
            base = self.random.choice(list(self.models.values()))
            more["base"] = _base(base.record)
            starts.append((base.record.id, True))
        if self.runs and self.random.random() < 0.3:
            starts += self.resumed(more)
        epochs = self.random.choice([None, 0.5, 1.0, 3.0])
        record = self.world.run(inputs, epochs=epochs, **more)
        run = Training(record, given, (epochs or 0) >= 1, starts)
        self.runs[record.id] = run
        for step in range(self.random.randint(1, 2)):
            mode = self.random.choice(["exact", "upper-bound", "unknown", None])
            model = self.world.model(
                record.name, f"checkpoint-{step}", record,
                consumed=Consumed(mode) if mode else None,  # type: ignore[arg-type]
            )  # fmt: skip
            self.models[model.id] = Checkpoint(model, run, mode == "exact", [])

    def resumed(self, more: dict[str, Any]) -> list[tuple[str, bool]]:
        """Go on from a run: from a checkpoint of its, or nobody says from which."""
        earlier = self.random.choice(list(self.runs.values()))
        more["continues"] = earlier.record.id
        made = [one for one in self.models.values() if one.run is earlier]
        if self.random.random() < 0.6:
            resumed = self.random.choice(made).record
            more["resumed_from"] = f"output/{resumed.label}"
            return [(resumed.id, True)]
        return [(earlier.record.id, False), *earlier.starts]

    def inputs(self) -> tuple[list[RunInput], list[Given]]:
        prepared, whole = self.random.choice(
            [(None, True), (Prepared(10, kept=10), True), (Prepared(10, kept=9), False),
             (Prepared(10, truncated=1), False), (Prepared(10, packing="bfd"), False)]
        )  # fmt: skip
        way = self.random.choice(["id", "content", "mixture", "eval"])
        of = self.pick()
        if way == "content":
            same = [
                one for one in self.versions if one.record.content_hash == of.record.content_hash
            ]
            return [by_content(of.record, prepared=prepared)], [Given(one, whole) for one in same]
        if way == "mixture":
            mixture, given = self.mixture()
            given = [Given(one.version, one.sure and whole) for one in given]
            return [train(mixture, prepared=prepared)], given
        if way == "eval":
            unused = RunInput("eval", Evidence.CAPTURED, self.pick().record.id)
            return [train(of.record, prepared=prepared), unused], [Given(of, whole)]
        return [train(of.record, prepared=prepared)], [Given(of, whole)]

    def mixture(self) -> tuple[MixtureRecord, list[Given]]:
        parts = self.random.sample(self.versions, min(2, len(self.versions)))
        components, given = [], []
        for part in parts:
            count = part.record.examples
            how, sure = self.random.choice(
                [({}, True), ({"cap": count - 1}, False), ({"cap": count}, True),
                 ({"weight": 0.5}, False), ({"repeats": 0.5}, False), ({"repeats": 2.0}, True)]
            )  # fmt: skip
            components.append(Component(part.record.id, count, **how))  # type: ignore[arg-type]
            given.append(Given(part, sure))
        return self.world.mixture(components), given

    def derive(self) -> None:
        """A merge or a quantisation of models, or one with the same tensors under another name."""
        if not self.models:
            return
        of = self.random.sample(
            list(self.models.values()), min(len(self.models), self.random.randint(1, 2))
        )
        model = self.world.model(
            f"derived{len(self.models)}",
            "v1",
            form="merge",
            derived_from=[one.record for one in of],
        )
        self.models[model.id] = Checkpoint(model, None, False, [one.record.id for one in of])

    # What is true

    def truth(self) -> dict[str, int]:
        """Of each run and model, by id: NONE, LOST, MAY or SAW."""
        found = {id_: self._run(run, run.sure) for id_, run in self.runs.items()}
        return found | {id_: self._model(one) for id_, one in self.models.items()}

    def _run(self, run: Training, sure: bool) -> int:
        own = [_used(one.version.mark, sure and one.sure) for one in run.given]
        return max([*own, self._start(run)])

    def _start(self, run: Training) -> int:
        """What it had seen before it began."""
        return max([_used(self._any(id_), sure) for id_, sure in run.starts], default=NONE)

    def _any(self, id_: str) -> int:
        run = self.runs.get(id_)
        return self._run(run, run.sure) if run else self._model(self.models[id_])

    def _model(self, one: Checkpoint) -> int:
        own = self._run(one.run, one.sure) if one.run else NONE
        return max([own, *(self._any(id_) for id_ in one.made_of)])


def _used(what: int, sure: bool) -> int:
    return what if sure else min(what, MAY)


def _base(record: ModelRecord) -> Any:
    from dslineage.records import Base

    return Base(record.name, record.id)


def _as_messages(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "messages" in value:
        return value
    turns = (("user", value["instruction"]), ("assistant", value["output"]))
    rest = {name: value[name] for name in value if name not in {"instruction", "output"}}
    return {"messages": [{"role": role, "content": text} for role, text in turns], **rest}


def _answered(value: Mapping[str, Any], answer: str) -> Mapping[str, Any]:
    """The same question with another answer."""
    if "messages" in value:
        question = value["messages"][0]
        return {**value, "messages": [question, {"role": "assistant", "content": answer}]}
    return {**value, "output": answer}
