"""A step in Python: examples come in, and what becomes of each is said as it happens."""

from __future__ import annotations

import functools
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dslineage.errors import DslineageError, UsageError
from dslineage.lineage.codestate import script_of
from dslineage.lineage.command import status_of
from dslineage.lineage.registry import Registry
from dslineage.records import DatasetRecord, Evidence, StepRecord
from dslineage.steps.collecting import Collector, Example
from dslineage.steps.draft import draft, kept, with_gap
from dslineage.steps.inputs import InputFinder, Inputs
from dslineage.steps.outputs import counted, recorded
from dslineage.steps.result import StepResult
from dslineage.steps.running import operation_of
from dslineage.steps.watching import Watch, Watched
from dslineage.verbs.targets import own_target
from dslineage.versions.opening import open_version
from dslineage.workspace import Workspace
from dslineage.writing import examples_of, written

if TYPE_CHECKING:
    from dslineage.store.links import Links

Made = Mapping[str, Any] | Iterable[Mapping[str, Any]] | None

INLINE = 200
"""Links up to which they stand in the step's record; more of them make an object."""


def step(
    name: str,
    *,
    inputs: Sequence[str] | str = (),
    output: str,
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    message: str = "",
    each: bool = False,
    measure: bool = True,
    repository: Workspace | Path | str = ".",
) -> Step:
    """A step, to be used with `with`, or as a decorator of the function that does it.

    A decorated function takes the examples of all inputs and gives those of the output; with
    `each`, it takes one example and gives one, several, or None. Calling it runs the step.

    Args:
        name: what the step is called: a lower-case letter, then `a-z`, `0-9` and `-`.
        inputs: references and paths of what it begins with.
        output: the data set that it makes: its name, its file, or `NAME=PATH`.
        parameters: what to record of how it was run, as JSON values.
        seed: the seed to record.
        message: why the version is made.
        each: whether a decorated function takes one example at a time.
        measure: whether the metrics of the profile are measured of the new version.
        repository: the repository, or a folder in it.
    """
    return Step(
        name=name,
        inputs=(inputs,) if isinstance(inputs, str) else tuple(inputs),
        output=output,
        parameters=dict(parameters or {}),
        seed=seed,
        message=message,
        each=each,
        measure=measure,
        repository=repository,
    )


@dataclass(eq=False)
class Step:
    """A step in Python; see `step`.

    Inside a `with` block, `read` gives the examples, and `keep`, `drop` and `derive` say what
    becomes of them. The output file is written when the block ends well, all at once; where it
    does not, the file is as it was, and a record says that the step failed. Then `result` has what
    was recorded.
    """

    name: str
    inputs: tuple[str, ...]
    output: str
    parameters: Mapping[str, Any]
    seed: int | None = None
    message: str = ""
    each: bool = False
    measure: bool = True
    repository: Workspace | Path | str = "."
    _running: _Running | None = field(default=None, init=False, repr=False)
    _result: StepResult | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        if self._running is not None:
            raise UsageError(f"the step {self.name!r} is running already")
        self._running = _Running(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        running, self._running = self._open, None
        with running.resources:
            self._result = running.finished() if error is None else running.failed(error)

    def __call__(
        self,
        function: Callable[[Iterator[Example]], Iterable[Mapping[str, Any]]]
        | Callable[[Example], Made],
    ) -> Callable[[], StepResult]:
        """The function as something that runs the step when it is called."""

        @functools.wraps(function)
        def run() -> StepResult:
            with replace(self) as running:
                running._apply(function)  # noqa: SLF001 - it is ours
            return running.result

        return run

    @property
    def result(self) -> StepResult:
        """What was recorded.

        Raises:
            UsageError: the step has not ended.
        """
        if self._result is None:
            raise UsageError(f"the step {self.name!r} has not ended")
        return self._result

    def read(self, *names: str) -> Iterator[Example]:
        """The examples of the inputs, or of those that are named, in their order.

        They come from the recorded version, whatever is in the file.

        Raises:
            UsageError: no input has that name, or it is no data set.
        """
        return self._open.read(names)

    def keep(self, example: Mapping[str, Any]) -> None:
        """Write an example; one that was read and edited since is linked to what it was."""
        parents = (example.digest,) if isinstance(example, Example) else ()
        self._open.collector.write(example, parents)

    def drop(self, example: Mapping[str, Any], reason: str) -> None:
        """Leave an example out, and say why; what is neither kept nor dropped is left out, too.

        Raises:
            UsageError: it is no example that was read, or there is no reason.
        """
        if not reason:
            raise UsageError("an example is dropped for a reason", kind="no-reason")
        self._open.collector.links.drop(_digest(example), reason)

    def derive(self, example: Mapping[str, Any], parents: Iterable[Mapping[str, Any]]) -> None:
        """Write an example that was made of others; of none, if it is new.

        Raises:
            UsageError: a parent is no example that was read.
        """
        self._open.collector.write(example, [_digest(one) for one in parents])

    def _apply(self, function: Callable[[Any], Any]) -> None:
        """Run a function over all examples; see `step`."""
        if not self.each:
            for made in function(self.read()):
                self.keep(made)
            return
        for example in self.read():
            found = function(example)
            several = [found] if isinstance(found, Mapping) else list(found or ())
            for one in several:
                self.derive(one, parents=[example])
            if not several:
                self.drop(example, self.name)

    @property
    def _open(self) -> _Running:
        if self._running is None:
            raise UsageError(
                f"the step {self.name!r} is not running", hint="with dslineage.step(...) as step:"
            )
        return self._running


class _Running:
    """A step between its beginning and its end."""

    def __init__(self, asked: Step) -> None:
        self.asked = asked
        here = asked.repository
        self.work = here if isinstance(here, Workspace) else Workspace.open(here)
        self.found = InputFinder(self.work, measure=asked.measure).find(asked.inputs)
        self.watched, self.target, self.form = _target(self.work, asked.output)
        self.begun = _begun(self.work, asked, self.found, self.watched)
        self.unread = set(self.found.ids)
        self.resources = ExitStack()
        store = self.work.store
        store.prepare()
        self.scratch = store.temporary_folder
        folder = self.resources.enter_context(tempfile.TemporaryDirectory(dir=self.scratch))
        self.lines = Path(folder) / "made.jsonl"
        self.handle = self.resources.enter_context(self.lines.open("wb"))
        self.collector = Collector(self.handle)

    def read(self, names: Sequence[str]) -> Iterator[Example]:
        """See `Step.read`."""
        known = {*self.found.names, *(one.stem.partition("/")[0] for one in self.found.records)}
        for name in names:
            if name not in known:
                raise UsageError(
                    f"{name!r} is no input of the step", hint=f"one of: {', '.join(sorted(known))}"
                )
        for name, record in zip(self.found.names, self.found.records, strict=True):
            if not isinstance(record, DatasetRecord):
                if names:
                    raise UsageError(f"{name!r} is no data set, and has no examples")
            elif not names or name in names or record.dataset in names:
                self.unread.discard(record.id)
                snapshot = open_version(self.work.store, record)
                rows = snapshot.rows()
                digests = snapshot.digests(rows)
                for value, digest in zip(snapshot.read(rows), digests, strict=True):
                    yield Example(value, digest.tobytes())

    def failed(self, error: BaseException) -> StepResult:
        """Record that an error ended the step."""
        record = replace(self.begun, exit_status=status_of(error))
        why = f"it was ended by {type(error).__name__}, and wrote nothing"
        return StepResult(kept(self.work, with_gap(record, "failed", why)), ())

    def finished(self) -> StepResult:
        """Write the output and record it; where that fails, the file is as it was."""
        try:
            self.collector.flush()
            self.handle.close()
            rows = examples_of(self.lines)()
            with written(self.target, rows, self.form, self.scratch):
                record = self._told(self.collector.links.build())
                outputs = recorded(self.work, record, [self.watched], measure=self.asked.measure)
        except DslineageError as error:
            self.failed(error)
            raise
        if all(one.unchanged for one in outputs):
            kept(self.work, record)
        return StepResult(record, outputs)

    def _told(self, links: Links) -> StepRecord:
        """The record with what became of the examples."""
        versions = self.found.versions(Registry(self.work.catalog))
        few = len(links.children) <= INLINE
        whole = len(links.dropped) > 0 or not few
        if whole:
            self.work.store.put_links(links)
        derived = links.derived if few else {}
        return replace(
            self.begun,
            exit_status=0,
            counts=counted(self.work, versions, [self.watched], links),
            parents={
                child.hex(): tuple(one.hex() for one in parents)
                for child, parents in derived.items()
            },
            links=links.digest if whole else None,
            dropped=self.collector.links.dropped or None,
            evidence=Evidence.RECORDED if self.unread else Evidence.CAPTURED,
        )


def _target(work: Workspace, output: str) -> tuple[Watched, Path, str]:
    """The data set that is written, its file, and the file's format."""
    path = output.partition("=")[2] or output
    if path not in work.catalog.names() and not PurePosixPath(path).suffix:
        output += ".jsonl"
    watch = Watch(work, ())
    watched = watch.declared(output, watch.cache())
    place = None if watched.file else work.root / watched.path
    return watched, *own_target(work.catalog, work.store, work.here, watched.name, place)


def _begun(work: Workspace, asked: Step, found: Inputs, watched: Watched) -> StepRecord:
    """The record as far as it can be told before the first example."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    script = script_of([main] if main else [], work.root, work.git, frozenset())
    return draft(
        work,
        watched.name,
        operation_of(asked.name, ()),
        found.ids,
        asked.parameters,
        message=asked.message,
        seed=asked.seed,
        files=found.files,
        script=script,
    )


def _digest(example: Mapping[str, Any]) -> bytes:
    if not isinstance(example, Example):
        raise UsageError(
            "only examples that read() gave can be dropped, or be parents; this is another object",
            kind="not-read",
            hint="keep the example that read() gave, and change a copy of it",
        )
    return example.digest
