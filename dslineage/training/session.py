"""One training, from before its first step to its end, whatever the framework is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.records import Base, Consumed, Gap, Prepared, RunInput
from dslineage.training.guard import Guard
from dslineage.training.preparation import Fed, Treatment, consumed_of, prepared_of
from dslineage.training.received import Received, receive
from dslineage.training.recorder import Recorder, moment
from dslineage.training.runfile import Ended, RunStart
from dslineage.training.surroundings import code_of, environment, framework_versions
from dslineage.training.trackers import announce
from dslineage.training.watching import NOTES, Watched

FRAMEWORKS = ("accelerate", "datasets", "lightning", "peft", "tokenizers", "torch", "transformers",
              "trl")  # fmt: skip


@dataclass(frozen=True)
class Resumed:
    """The checkpoint that a training goes on from.

    `lineage` is what it carries of the run that saved it, empty where that was not captured;
    `epochs` how far that run had come.
    """

    name: str
    steps: int
    epochs: float
    lineage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> Digest | None:
        """The hash of the start of the run that saved it."""
        with suppress(UsageError):
            return Digest.parse(str(self.lineage.get("start_hash")))
        return None

    def since(self, now: Mapping[str, Any]) -> float:
        """After how many epochs the rows that are fed now were first fed.

        They are the same rows, in the same order, as before where the checkpoint says so.
        """
        same = all(
            now[name] and self.lineage.get(name) == now[name]
            for name in ("content_hashes", "sampling")
        )
        since = self.lineage.get("since_epoch")
        return float(since) if same and isinstance(since, (int, float)) else self.epochs


@dataclass(frozen=True)
class Settings:
    """What a framework says of a training.

    `sampling` is a text that is equal where rows come in the same order, empty where that is not
    known; `doubts` are reasons why an epoch may leave rows out.
    """

    folder: Path
    parameters: Mapping[str, Any]
    how: Treatment = field(default_factory=Treatment)
    base: Base | None = None
    seed: int | None = None
    tokenizer_hash: Digest | None = None
    template_hash: Digest | None = None
    script: str | None = None
    sampling: str = ""
    doubts: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass
class Session:
    """What is noted of one training. No method raises, unless the guard is strict."""

    guard: Guard
    recorder: Recorder | None = None
    lineage: Mapping[str, Any] = field(default_factory=dict)
    watched: tuple[Watched, ...] = ()
    _prepared: Prepared | None = None
    _doubts: tuple[str, ...] = ()
    _since: float = 0.0

    def begin(self, settings: Settings, fed: Any, resumed: Resumed | None = None) -> None:
        """Write down what is known before the first step.

        Args:
            settings: what the framework says.
            fed: the data set that the trainer feeds to the model, None where it has none.
            resumed: the checkpoint that it goes on from.
        """
        self.watched = NOTES.take() or self.watched
        self.recorder, self.lineage, self._prepared = None, {}, None
        with self.guard("recording the start of the run"):
            start = self._start(settings, fed, resumed)
            self.recorder = Recorder.of(settings.folder, start)
            self._doubts = settings.doubts
            self.lineage = _lineage(start, settings.sampling)
            self._since = resumed.since(self.lineage) if resumed else 0.0
            self.lineage = {**self.lineage, "since_epoch": self._since}
            with self.guard("writing the run file"):
                self._keep(Recorder.write)
            announce(_announced(self.lineage), self.guard)

    def saved(
        self,
        folder: Path,
        *,
        steps: int,
        epochs: float | None,
        label: str | None = None,
        names: list[str] | None = None,
    ) -> None:
        """Hash a checkpoint that was just saved; see `Recorder.checkpoint`."""
        with self.guard(f"noting {label or folder.name}", "unread-files"):
            self._keep(
                lambda recorder: recorder.checkpoint(
                    folder,
                    step=steps,
                    epoch=epochs,
                    consumed=self._consumed(steps, epochs),
                    label=label,
                    names=names,
                )
            )

    def end(self, status: Ended, *, steps: int, epochs: float | None) -> None:
        """Note how the training ended."""
        with self.guard("recording the end of the run"):
            self._keep(lambda recorder: recorder.finish(status, steps=steps, epochs=epochs))

    def _keep(self, write: Callable[[Recorder], object]) -> None:
        if self.recorder is not None:
            self.recorder.note(tuple(self.guard.gaps))
            write(self.recorder)

    def _consumed(self, steps: int, epochs: float | None) -> Consumed:
        seen = None if epochs is None else max(0.0, epochs - self._since)
        streams = [one.stream for one in self.watched if one.role == "train" and one.stream]
        doubts = (*self._doubts, *(stream.doubt for stream in streams if stream.doubt))
        return consumed_of(self._prepared, epochs=seen, steps=steps, doubts=doubts)

    def _start(self, settings: Settings, fed: Any, resumed: Resumed | None) -> RunStart:
        inputs, input_gaps = self._inputs(settings.how, fed)
        code, code_gaps = code_of(Path.cwd(), settings.script)
        before = _gap_before(resumed)
        return RunStart(
            created_at=moment(),
            tool=f"dslineage {version('dslineage')}",
            inputs=inputs,
            versions=tuple(one.version or "" for one in self.watched),
            base=settings.base,
            code=code,
            environment=environment(),
            framework=framework_versions(FRAMEWORKS),
            parameters=settings.parameters,
            seed=settings.seed,
            tokenizer_hash=settings.tokenizer_hash,
            template_hash=settings.template_hash,
            continues_start=resumed.start if resumed else None,
            resumed_from=resumed.name if resumed else None,
            gaps=(*settings.gaps, *input_gaps, *code_gaps, *before),
        )

    def _inputs(self, how: Treatment, fed: Any) -> tuple[tuple[RunInput, ...], tuple[Gap, ...]]:
        """The data sets that were watched; else what is fed, which the trainer has prepared."""
        train = [one for one in self.watched if one.role == "train"]
        gaps = [gap for one in self.watched for gap in one.gaps]
        if not train:
            found, gap = self._fed_input(fed)
            others = tuple(one.as_input() for one in self.watched)
            return (*others, *((found,) if found else ())), (*gaps, gap)
        if any(one.received is None for one in train):
            return tuple(one.as_input() for one in self.watched), tuple(gaps)
        rows = sum(one.received.examples for one in train if one.received)
        counted = None if fed is None else Fed.of(fed, how.max_length)
        self._prepared, more = prepared_of(rows, counted, how)
        if len(train) > 1:
            why = f"what became of the rows of {len(train)} data sets was only counted together"
            more = (*more, Gap("preparation", why))
        own = self._prepared if len(train) == 1 else None
        inputs = tuple(one.as_input(own if one.role == "train" else None) for one in self.watched)
        return inputs, (*gaps, *more)

    def _fed_input(self, fed: Any) -> tuple[RunInput | None, Gap]:
        """What is fed, as an input, where it can be read twice; and what that leaves open."""
        found: Received | None = None
        with self.guard("hashing what the trainer feeds", "unknown-data"):
            found = receive(fed) if hasattr(fed, "__len__") else None
        if found is None:
            why = "the training data was not watched, and what is fed could not be hashed"
            return None, Gap("unknown-data", why)
        same = Fed(found.examples, found.examples)
        self._prepared, _ = prepared_of(found.examples, same, Treatment())
        why = "the training data was not watched before it was prepared: its hash is that of what"
        return Watched("train", found).as_input(self._prepared), Gap(
            "preparation", f"{why} the trainer made of it"
        )


def _lineage(start: RunStart, sampling: str) -> dict[str, Any]:
    """What each checkpoint carries of its run: small, and plain JSON."""
    train = [one.content_hash for one in start.inputs if one.role == "train" and one.content_hash]
    return {
        "start_hash": str(start.hash),
        "content_hashes": [str(one) for one in train],
        "versions": [one for one in start.versions if one],
        "sampling": sampling,
    }


def _announced(lineage: Mapping[str, Any]) -> dict[str, str]:
    return {
        "start_hash": lineage["start_hash"],
        "content_hashes": " ".join(lineage["content_hashes"]),
        "versions": " ".join(lineage["versions"]),
    }


def _gap_before(resumed: Resumed | None) -> tuple[Gap, ...]:
    if resumed is None or resumed.start is not None:
        return ()
    why = f"the {resumed.steps:,} steps up to {resumed.name} were not captured"
    return (Gap("consumption", f"{why}: on which data is not known"),)
