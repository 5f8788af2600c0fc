"""Adopting: states that data had before dslineage become versions, oldest first.

Each is recorded by itself, so what is done stays done when the rest is stopped. Author and date are
those of the state, in the step that says where it came from too: whoever adopts a history with the
same release and options makes the same records.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dslineage.adoption.history import history, is_cut, is_folder
from dslineage.adoption.known import OPERATION, Past
from dslineage.adoption.lfs import is_pointer
from dslineage.adoption.result import Adopted, AdoptResult
from dslineage.adoption.state import PlainFile, State
from dslineage.dvcfiles.beside import refuse_inside
from dslineage.errors import BadDataError, IntegrityError, NotFoundError, UsageError
from dslineage.records import POINTER_SUFFIX, Code, StepRecord, checked_name
from dslineage.verbs.adding import record
from dslineage.verbs.measuring import complete
from dslineage.versions.catalog import joined, relative_to
from dslineage.versions.current import current_version
from dslineage.versions.filenames import stem
from dslineage.versions.options import ReadOptions
from dslineage.versions.publishing import recover
from dslineage.versions.recording import Stamp
from dslineage.versions.worktree import (
    DataFiles,
    HashCache,
    data_files,
    refuse_inner_repository,
    state_of,
    wanted,
)
from dslineage.workspace import TOOL

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace

_SKIPPED = {"missing-object", "no-data", "unknown-format"}
"""Kinds of errors that say of one state that it cannot be read, besides bad data."""

_NAMED = 5
"""How many missing objects a message names."""


def adopt(
    work: Workspace,
    paths: Path | str | Sequence[Path | str],
    name: str | None,
    options: ReadOptions | None,
    report: Report | None,
    *,
    measure: bool,
    skip_missing: bool,
) -> AdoptResult:
    """Record the states that data had as versions; see `Repository.adopt`."""
    each = [paths] if isinstance(paths, str | Path) else paths
    inside = wanted([relative_to(work.root, work.here / path) for path in each])
    for path in inside:
        refuse_inner_repository(work.root, path)
    refuse_inside(work.root, inside[-1] + POINTER_SUFFIX)
    recover(work.git, work.store)
    states = _row(work, inside, name) if len(inside) > 1 else history(work.git, inside[0])
    past = Past(work.catalog, work.store, _dataset(work, inside[-1], name), tuple(states))
    start, before = past.done()
    if not skip_missing:
        _refuse_missing(work, past.files.name, states[start:])
    options = options or ReadOptions()
    if measure and before is not None:
        complete(work, [before], options.workers)
    adoption = _Adoption(work, past, options, report, measure, skip_missing)
    adopted = []
    for state in states[start:]:
        one = adoption.adopted(state, before)
        adopted.append(one)
        before = one.version.record if one.version else before
    notices = (
        *_lost(adopted, past),
        *_unordered(states[start:], past),
        *_notices(work, past, start),
    )
    return AdoptResult(past.files.name, past.files.pointer, start, tuple(adopted), notices)


def _row(work: Workspace, paths: Sequence[str], name: str | None) -> list[State]:
    """Files that are versions of one another, in the order given, as states."""
    if name is None:
        raise UsageError(
            "several files need a name for the data set that they are versions of",
            kind="name-missing",
            hint=f"dslineage adopt {shlex.join(paths)} --as NAME",
        )
    states = []
    for path in paths:
        where = work.root / path
        data_files(work.root, [path], name)
        if where.is_dir():
            raise UsageError(f"{path} is a folder: name files", kind="not-a-file")
        when = datetime.fromtimestamp(int(where.stat().st_mtime), UTC).isoformat()
        when = when.replace("+00:00", "Z")
        file = PurePosixPath(path).name
        states.append(State(path, "", work.git.author, when, file, PlainFile(str(where))))
    return states


def _refuse_missing(work: Workspace, dataset: str, states: Sequence[State]) -> None:
    """Refuse to begin where objects of some states could be fetched.

    Raises:
        NotFoundError: they are not on this machine.
    """
    found = [(state, one) for state in states for one in state.content.missing(work.git)]
    if not found:
        return
    each = list(dict.fromkeys(f"{one.what} ({state.commit[:8]})" for state, one in found))
    named = ", ".join([*each[:_NAMED], *([f"{len(each) - _NAMED:,} more"] * (len(each) > _NAMED))])
    affected = len({state.place for state, _ in found})
    raise NotFoundError(
        f"{affected:,} of {len(states):,} states of {dataset} are not whole on this machine: "
        f"{named}; nothing was recorded. Versions cannot be put before later ones: fetch them, or "
        "leave them out for good with --skip-missing",
        kind="missing-object",
        hint="; ".join(dict.fromkeys(one.fetch for _, one in found)),
    )


def _dataset(work: Workspace, path: str, name: str | None) -> DataFiles:
    """The data set that a file or folder is to be, whether it is in the work tree or not."""
    known = work.catalog.pointer_at(path)
    inner = PurePosixPath(path)
    folder = "" if str(inner.parent) == "." else str(inner.parent)
    whole = (work.root / path).is_dir() or bool(work.git.head() and is_folder(work.git, path))
    found = inner.name if whole else stem(inner.name)
    chosen = name or (known.pointer.dataset if known else found)
    pointer = joined(folder, inner.name + POINTER_SUFFIX)
    return DataFiles(checked_name(chosen), folder, pointer, (inner.name,), named=True)


@dataclass(frozen=True, slots=True)
class _Adoption:
    """How states are made versions."""

    work: Workspace
    past: Past
    options: ReadOptions
    report: Report | None
    measure: bool
    skip_missing: bool

    def adopted(self, state: State, before: DatasetRecord | None) -> Adopted:
        """Make a version of a state, its bad records put aside, or say why it cannot be read.

        Raises:
            UsageError: the current version is not the one of the state before.
        """
        try:
            with self.past.unpacked(state) as files:
                self._refuse_aside(before)
                try:
                    return self._recorded(state, files, before, self.options)
                except BadDataError as error:
                    aside = replace(self.options, quarantine=True)
                    done = self._recorded(state, files, before, aside)
                    return replace(done, faults=error.faults)
        except BadDataError as error:
            return Adopted(state, faults=error.faults, problem=_short(error.message))
        except (NotFoundError, IntegrityError, UsageError) as error:
            if error.kind not in _SKIPPED or (
                error.kind == "missing-object" and not self.skip_missing
            ):
                raise
            return Adopted(state, problem=_short(error.message), hint=error.hint)

    def _recorded(
        self, state: State, files: DataFiles, before: DatasetRecord | None, options: ReadOptions
    ) -> Adopted:
        done = record(
            self.work,
            files,
            state.subject,
            options,
            self.report,
            measure=self.measure,
            step=_step(files.name, state),
            onto=before.id if before else "",
            stamp=Stamp(state.subject, state.author, state.created_at, TOOL),
        )
        return Adopted(state, None if done.unchanged else done.version, notices=done.notices)

    def _refuse_aside(self, before: DatasetRecord | None) -> None:
        """Refuse to go on where another version than the last adopted one is the current one."""
        current = current_version(self.work.git, self.past.files)
        if before is not None and current is not None and current.id != before.id:
            raise UsageError(
                f"the current version of {current.dataset} is {current.title}, "
                f"and that of the last state that was adopted {before.title}",
                kind="not-last",
                hint=f"dslineage checkout {before.dataset}@{before.label}",
            )


def _step(dataset: str, state: State) -> StepRecord:
    """The step that says which state a version is, in the whole words of its commit."""
    return StepRecord(
        dataset=dataset,
        operation=OPERATION,
        inputs=(),
        parameters={"path": state.path},
        parents={},
        counts={},
        message=state.message,
        author=state.author,
        created_at=state.created_at,
        tool=TOOL,
        code=Code(commit=state.commit) if state.commit else None,
        imported_from=state.content.keeper,
    )


def _lost(adopted: Sequence[Adopted], past: Past) -> Iterator[str]:
    """A sentence where later versions keep states out that could be fetched."""
    made = [number for number, one in enumerate(adopted) if one.version is not None]
    lost = [one for one in adopted[: max(made, default=0)] if one.hint]
    if lost:
        yield (
            "states that were skipped cannot be put before later versions; to have them, too: "
            f"{lost[0].hint}; {past.anew}"
        )


def _unordered(states: Sequence[State], past: Past) -> Iterator[str]:
    """A sentence where files are dated against the order in which they were given."""
    for older, newer in pairwise(states):
        if not newer.commit and newer.created_at < older.created_at:
            order = sorted(past.states, key=lambda state: state.created_at)
            paths = shlex.join(state.path for state in order)
            yield (
                f"{newer.path} was last changed before {older.path}, and comes after it, as you "
                f"said; in the order of their dates: git rm -f {shlex.quote(past.files.pointer)}; "
                f"dslineage adopt {paths} --as ANOTHER"
            )
            return


def _notices(work: Workspace, past: Past, start: int) -> Iterator[str]:
    """What there is to say of all states together."""
    dataset, in_git = past.files.name, bool(past.states[0].commit)
    if left := past.left_out(start):
        yield (
            f"{left:,} older state{'s are' if left > 1 else ' is'} no version: {dataset} "
            f"began later, and versions cannot be put before others; to begin anew: {past.anew}"
        )
    if in_git and is_cut(work.git):
        yield "this clone has only a part of the history: git fetch --unshallow"
    file = work.catalog.pointer_of(dataset) if in_git else None
    if file is None:
        return
    cache = HashCache.load(work.git.common_dir / "dslineage" / "cache" / "files.json")
    path, now = file.path.removesuffix(POINTER_SUFFIX), state_of(work.root, file, cache)
    if now == "missing":
        yield f"{path} is not in the work tree: dslineage checkout {dataset}"
    if now == "modified" and is_pointer(work.root / path):
        yield f"{path} is a pointer of Git LFS: git lfs pull --include={shlex.quote(path)}"
    elif now == "modified":
        version = file.pointer.version
        yield f"{path} is not as in {version} any more: dslineage add {shlex.quote(path)}"


def _short(message: str) -> str:
    """The first line of an error's message, without what is said of a whole command."""
    return message.partition("\n")[0].replace("; nothing was recorded", "")
