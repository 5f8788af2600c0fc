"""What a pull request does to data sets, from two commits; the work tree is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from dslineage.config import Config
from dslineage.diff.options import DiffOptions
from dslineage.diff.recorded import RecordedDiff, recorded_diff
from dslineage.errors import IntegrityError, UndecidableError, UsageError
from dslineage.lineage.registry import Registry
from dslineage.pullrequest.added import TOLD, added_records, removed_records, versions_on_the_way
from dslineage.pullrequest.ends import Ends, ends, is_shallow
from dslineage.pullrequest.gateedits import JudgedGate, gate_edits, judged
from dslineage.pullrequest.pairing import paired
from dslineage.pullrequest.result import DatasetChange, How, PullRequest, State, VersionStep
from dslineage.pullrequest.sound import sound_change, sound_moves
from dslineage.quality.choosing import plain_profile
from dslineage.quality.core.default import sft_core
from dslineage.quality.intree import measured_in, parent_in, record_in, waivers_in
from dslineage.records import DatasetRecord, Pointer, Record
from dslineage.records.form import understood
from dslineage.verbs.comparing import diff_of
from dslineage.versions.catalog import BrokenPointer, PointerFile
from dslineage.versions.references import VersionTarget
from dslineage.versions.tree import Changed, Tree

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult, RowChange
    from dslineage.lineage.impact import Impact
    from dslineage.quality.profile import Profile
    from dslineage.workspace import Workspace

SETTINGS = {
    "files": "metrics.files",
    "without": "metrics.without",
    "extras": "metrics.extras",
    "evals": "metrics.evals",
    "params": "metrics.params",
    "eval_sets": "roles.eval",
    "judges": "judges",
    "restore": "hooks.restore",
    "push": "hooks.push",
    "samples": "ci.samples",
}
"""Members of the settings by their keys in `dslineage.toml`; gates are told of by themselves."""

_NOT_HERE = {"missing-object", "text-not-kept"}
_TRAINED = (".dslineage/records/run/", ".dslineage/records/model/")


def pull_request(work: Workspace, base: str, head: str, limit: int) -> PullRequest:
    """What a pull request does; see `Repository.pull_request`."""
    found = ends(work.git, base, head)
    return _Inspection(work, found, limit).result()


@dataclass(frozen=True)
class _Inspection:
    """Two trees of a repository, and what is asked of the way from one to the other."""

    work: Workspace
    ends: Ends
    limit: int

    def result(self) -> PullRequest:
        (before, _), (after, broken) = self.settings
        return PullRequest(
            self.ends,
            tuple(self._datasets()),
            () if broken else gate_edits(before, after),
            () if broken else _settings_changed(before, after),
            tuple(record for kind in TOLD for record in self._added(kind)),
            removed_records(self.changes),
            broken,
            tuple(self._notices()),
        )

    @cached_property
    def before(self) -> Tree:
        return Tree(self.work.git, self.ends.start)

    @cached_property
    def after(self) -> Tree:
        return Tree(self.work.git, self.ends.head)

    @cached_property
    def changes(self) -> list[Changed]:
        return self.after.changes_from(self.ends.start)

    @cached_property
    def settings(self) -> tuple[tuple[Config, str], tuple[Config, str]]:
        """The settings at both ends, and why they are not understood."""
        before, after = _config(self.before), _config(self.after)
        return before, (before[0] if after[1] else after[0], after[1])

    @cached_property
    def profile(self) -> Profile:
        """The metrics by the settings that were agreed on; none of the repository's code."""
        try:
            return plain_profile(self.settings[0][0], self.work.root, {})
        except UsageError:
            return sft_core()

    @cached_property
    def shows_texts(self) -> bool:
        """Whether both ends ask for texts: a pull request alone cannot."""
        return all(config.samples for config, _ in self.settings)

    def _added(self, kind: str) -> list[Record]:
        return added_records(self.after, self.changes, kind)

    @cached_property
    def _versions(self) -> list[DatasetRecord]:
        return cast("list[DatasetRecord]", self._added("dataset"))

    def _datasets(self) -> Iterator[DatasetChange]:
        damaged = _broken(self.after)
        older = [file for file in self.before.whole_pointers() if file.path not in damaged]
        for was, now in paired(older, self.after.whole_pointers()):
            if was is None or now is None or (was.path, was.pointer) != (now.path, now.pointer):
                yield self._dataset(_state(self.before, was), _state(self.after, now))

    def _dataset(self, before: State | None, after: State | None) -> DatasetChange:
        change = DatasetChange(before, after, _how(before, after))
        try:
            with understood(f"what is recorded of {change.name}"):
                return self._looked_at(change)
        except IntegrityError as error:
            return replace(change, problem=error.message)

    def _looked_at(self, change: DatasetChange) -> DatasetChange:
        change = replace(change, affected=self._affected(change.before))
        if change.after is None or change.how == "moved":
            return change
        record = change.after.record
        if record is None:
            return replace(change, problem="its record is not in the commit, or was edited")
        before = change.before.record if change.before else None
        change = replace(
            change,
            versions=tuple(map(_step, versions_on_the_way(self._versions, record))),
            gates=tuple(self._gates(record, before)),
        )
        if before is None:
            return change
        diff, rows = self._diff(before, record)
        sound_moves(diff.metrics)
        if before.id in record.change:
            sound_change(record.change[before.id])
        return replace(change, diff=diff, rows=rows)

    def _gates(self, record: DatasetRecord, before: DatasetRecord | None) -> Iterator[JudgedGate]:
        """Verdicts of the gates of both ends; ratchets count from the state before."""
        (old, _), (new, _) = self.settings
        if not (old.gates or new.gates):
            return
        parent = parent_in(self.after, record)
        if before is not None:
            parent = measured_in(self._home(before), before)
        yield from judged(
            measured_in(self.after, record),
            parent,
            (old, new),
            waivers_in(self.after, record.dataset),
            waivers_in(self.before, record.dataset),
            self.work.time()[:10],
            (before or record).dataset,
        )

    def _diff(
        self, before: DatasetRecord, after: DatasetRecord
    ) -> tuple[DiffResult | RecordedDiff, tuple[RowChange, ...]]:
        """What changed, and some rows of each kind; without the objects, what records know."""
        older = VersionTarget(before, self._home(before).commit)
        newer = VersionTarget(after, self.after.commit)
        options = DiffOptions(samples=self.limit, behind=0)
        try:
            found = diff_of(self.work, older, newer, options, self.profile)
        except (IntegrityError, UndecidableError) as error:
            if error.kind not in _NOT_HERE:
                raise
            return recorded_diff(self.work.catalog, older, newer, DiffOptions()), ()
        rows, found = found.samples, replace(found, samples=())
        if self.shows_texts:
            return found, rows
        moves = tuple(replace(one, slices=()) for one in found.metrics)
        return replace(found, metrics=moves), tuple(map(_without_texts, rows))

    def _home(self, record: DatasetRecord) -> Tree:
        """The tree that has a record: that of the head, which may have measured it since."""
        known = record_in(self.after, record.id, record.dataset)
        return self.before if known is None else self.after

    def _affected(self, before: State | None) -> Impact | None:
        """What rests on a state in this work tree, as far as it was trained on it."""
        if before is None or not any(name.startswith(_TRAINED) for name in self.after.blobs):
            return None
        graph = Registry(self.work.catalog).graph()
        if not graph.has(before.pointer.id):
            return None
        impact = graph.impact(before.pointer.id)
        return impact if impact.runs or impact.models else None

    def _notices(self) -> Iterator[str]:
        if self.before.blobs and is_shallow(self.work.git):
            yield "the history here is cut off: commits before its edge were not looked at"
        if not self.before.blobs:
            yield "the two ends have no commit in common: all that the head has is taken as new"
        if self.settings[0][1]:
            yield f"at the merge base, {self.settings[0][1]}"
        for path in _broken(self.before):
            yield f"at the merge base, {path} cannot be read"


def _broken(tree: Tree) -> list[str]:
    """The paths of the pointers that cannot be read."""
    return [file.path for file in tree.pointers if isinstance(file, BrokenPointer)]


def _config(tree: Tree) -> tuple[Config, str]:
    try:
        return tree.config(), ""
    except UsageError as error:
        return Config(), error.message


def _settings_changed(before: Config, after: Config) -> tuple[str, ...]:
    """The keys of what differs, gates aside."""
    changed = (name for name in SETTINGS if getattr(before, name) != getattr(after, name))
    return tuple(SETTINGS[name] for name in changed)


def _step(record: DatasetRecord) -> VersionStep:
    known = record.change.get(record.parents[0]) if record.parents else None
    return VersionStep(record, None if known is None else sound_change(known))


def _state(tree: Tree, file: PointerFile | None) -> State | None:
    if file is None:
        return None
    try:
        record = record_in(tree, file.pointer.id, file.pointer.dataset)
    except IntegrityError:
        record = None
    whole = record is not None and Pointer.to(record) == file.pointer
    return State(file.path, file.pointer, record if whole else None)


def _how(before: State | None, after: State | None) -> How:
    if before is None:
        return "added"
    if after is None:
        return "deleted"
    if before.pointer.dataset != after.pointer.dataset:
        return "renamed"
    return "moved" if before.pointer == after.pointer else "changed"


def _without_texts(row: RowChange) -> RowChange:
    """The row with its place alone: an example is there, and nothing of it is told."""
    return replace(
        row,
        before=None if row.before is None else {},
        after=None if row.after is None else {},
    )
