"""A step in Python between its beginning and its end."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

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
    from dslineage.steps.python import Step
    from dslineage.store.links import Links

INLINE = 200
"""Links up to which they stand in the step's record; more of them make an object."""


class Underway:
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
