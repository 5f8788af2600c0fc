"""Mixing: a mixture as a file, recorded as a version; and as a stream for a training loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.lineage.mixtures import (
    Mixture,
    MixtureAdded,
    MixtureShown,
    add_mixture,
    find_mixture,
    mixture_of_file,
)
from dslineage.lineage.mixturestream import MixtureExamples, Yielded, refs_of
from dslineage.lineage.node import node_of
from dslineage.lineage.registry import Registry
from dslineage.records import Evidence, Gap, StepRecord
from dslineage.steps.draft import draft, kept
from dslineage.steps.outputs import counted, recorded
from dslineage.steps.watching import Watch
from dslineage.store.store import Store
from dslineage.verbs.targets import own_target
from dslineage.workspace import Workspace
from dslineage.writing import written

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.results import AddResult
    from dslineage.versions.options import Report

OPERATION = "mix"
_ANY_FIELDS = ("jsonl", "json")
_SAME_FIELDS = ("csv", "tsv")


@dataclass(frozen=True, slots=True)
class MixtureBuilt:
    """A mixture that was written to a file, and the version that the file is."""

    mixture: Mixture
    step: StepRecord
    output: AddResult
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.mixture-built/1`."""
        return {
            "schema": "dslineage.mixture-built/1",
            "mixture": self.mixture.record.id,
            "step": self.step.to_dict(),
            "output": self.output.to_dict(),
            "notices": list(self.notices),
        }


def add(work: Workspace, path: Path | str, message: str) -> MixtureAdded:
    """Record the mixture that a file describes; see `Provenance.add_mixture`."""
    registry, store = Registry(work.catalog), work.store
    store.prepare()
    mixture = mixture_of_file(registry, Path(path), work.here, work.stamp(message))
    return add_mixture(registry, store, mixture)


def show(work: Workspace, ref: str) -> MixtureShown:
    """What a mixture comes to; see `Provenance.mixture`."""
    return MixtureShown(find_mixture(Registry(work.catalog), ref, work.here, work.stamp("")))


def build(
    work: Workspace,
    ref: str,
    output: str,
    examples: int | None,
    message: str,
    report: Report | None = None,
    *,
    measure: bool,
) -> MixtureBuilt:
    """Write a mixture to a data set's file, and record that; see `Provenance.build_mixture`."""
    registry, store = Registry(work.catalog), work.store
    store.prepare()
    mixture = find_mixture(registry, ref, work.here, work.stamp(message))
    plan = mixture.plan(examples)
    watch = Watch(work, ())
    if not PurePosixPath(output.partition("=")[2] or output).suffix:
        raise UsageError(
            f"{output} is no file: its name says in which format it is written",
            kind="unknown-format",
            hint=f"-o {output}.jsonl",
        )
    watched = watch.declared(output, watch.cache())
    place = None if watched.file else work.root / watched.path
    target, form = own_target(work.catalog, store, work.here, watched.name, place)
    _refuse_schemas(mixture, form)
    mixture = add_mixture(registry, store, mixture).mixture
    drawn = dict(zip(refs_of(mixture), plan.drawn, strict=True))
    parameters: dict[str, Any] = {"yielded": drawn}
    if examples is not None:
        parameters["examples"] = examples
    step = _step(work, mixture, watched.name, OPERATION, parameters, message)
    stream = MixtureExamples(mixture, lambda: store, plan)
    with written(target, stream, form, store.temporary_folder):
        step = replace(step, counts=counted(work, mixture.versions, [watched], report=report))
        made = recorded(work, step, [watched], measure=measure, report=report)[0]
    if made.unchanged:
        kept(work, step)
    return MixtureBuilt(mixture, step, made, tuple(_notices(mixture)))


@dataclass(eq=False)
class MixtureStream:
    """The examples of a mixture, interleaved by weight; see `mixture`.

    Each pass gives the same examples in the same order. `yielded` counts what was handed out.
    """

    work: Workspace
    mixture: Mixture
    examples: MixtureExamples
    yielded: Yielded = field(init=False)

    def __post_init__(self) -> None:
        self.yielded = Yielded(refs_of(self.mixture))

    def __len__(self) -> int:
        return len(self.examples)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.yielded.begun += 1
        for place, example in self.examples.told():
            self.yielded.counts[place] += 1
            yield example
        self.yielded.passes += 1

    @property
    def unnoted(self) -> MixtureExamples:
        """The same examples, for who looks at them and does not use them: they do not count."""
        return self.examples

    @property
    def subject(self) -> str | None:
        """The id of the mixture's record; None where its file is not recorded."""
        return self.mixture.record.id if self.mixture.recorded else None

    @property
    def doubt(self) -> str:
        """What was handed out so far, and why that is an upper bound; empty where it is exact."""
        noted = self.yielded
        if not noted.why:
            return ""
        counts = (f"{n:,} of {ref}" for ref, n in zip(noted.refs, noted.counts, strict=True))
        return f"the mixture handed out {', '.join(counts)}: {noted.why}"

    def record(self, message: str = "") -> StepRecord:
        """Record what was handed out so far, as a step of this mixture that made no version.

        Where a pass was not read to its end, the counts are an upper bound of what was used, and
        the record says so.
        """
        registry, store = Registry(self.work.catalog), self.work.store
        store.prepare()
        mixture = self.mixture = add_mixture(registry, store, self.mixture).mixture
        noted = self.yielded
        name = mixture.record.name
        step = _step(self.work, mixture, name, "stream", noted.to_dict(), message)
        step = replace(step, counts={"out": sum(noted.counts)})
        if noted.why:
            step = replace(step, gaps=(*step.gaps, Gap("consumption", noted.why)))
        return kept(self.work, step)


def mixture(
    ref: Path | str, *, examples: int | None = None, repository: Workspace | Path | str = "."
) -> MixtureStream:
    """The examples of a mixture, as a stream for a training loop.

    >>> stream = dslineage.mixture("mix.toml")
    >>> for example in stream: ...
    >>> stream.yielded.counts
    >>> stream.record()

    It gives just what `dslineage mixture build` writes, in the same order.

    Args:
        ref: the file of the mixture, or a reference to a recorded one.
        examples: how many; by default as many as the mixture has.
        repository: the repository, or a folder in it.

    Raises:
        UsageError: it is no mixture, or it has not so many examples.
    """
    work = repository if isinstance(repository, Workspace) else Workspace.open(repository)
    found = find_mixture(Registry(work.catalog), str(ref), work.here, work.stamp(""))
    store = partial(Store, work.store.root, lock_seconds=work.lock_seconds)
    return MixtureStream(work, found, MixtureExamples(found, store, found.plan(examples)))


def _step(
    work: Workspace,
    mixture: Mixture,
    dataset: str,
    operation: str,
    parameters: Mapping[str, Any],
    message: str,
) -> StepRecord:
    return draft(
        work,
        dataset,
        operation,
        (mixture.record.id,),
        parameters,
        message=message or f"{operation} of {mixture.record.name}",
        seed=mixture.record.seed,
        evidence=Evidence.CAPTURED,
    )


def _refuse_schemas(mixture: Mixture, form: str) -> None:
    """Refuse a format that cannot hold examples of all components as they are."""
    if form in _ANY_FIELDS:
        return
    first, *others = mixture.versions
    for other in others:
        if form in _SAME_FIELDS and set(first.fields) != set(other.fields):
            why = f"{form} has the same fields in all rows"
        elif clash := sorted(_two_types(first, other)):
            why = f"{form} has one type in each column, and {clash[0]} has two"
        else:
            continue
        sides = (
            f"{node_of(one).ref} has {', '.join(sorted(one.fields))}" for one in (first, other)
        )
        raise UsageError(
            f"{why}: {'; '.join(sides)}",
            kind="mixed-schemas",
            hint="-o FILE.jsonl keeps each example as it is",
        )


def _two_types(one: DatasetRecord, other: DatasetRecord) -> Iterator[str]:
    """The fields that have another type in one version than in another; numbers are one type."""
    for name in one.fields.keys() & other.fields.keys():
        kinds = {
            "number" if kind == "integer" else kind
            for version in (one, other)
            for kind in version.fields[name]
        }
        if len(kinds) > 1:
            yield name


def _notices(mixture: Mixture) -> Iterator[str]:
    by_adapter: dict[str, list[str]] = {}
    for version in mixture.versions:
        by_adapter.setdefault(version.adapter.partition("@")[0], []).append(node_of(version).ref)
    if len(by_adapter) > 1:
        told = "; ".join(f"{name}: {', '.join(titles)}" for name, titles in by_adapter.items())
        yield f"the data sets have different schemas, and each example is as it was ({told})"
