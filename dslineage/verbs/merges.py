"""Merging: two versions of a data set become one, by example."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from dslineage.errors import IntegrityError, UsageError
from dslineage.merging.bases import open_base
from dslineage.merging.conflicts import Choice, conflict_lines, read_choices
from dslineage.merging.files import TEXT_FORMATS, refuse_unmergeable
from dslineage.merging.plan import Plan
from dslineage.merging.result import Merged, MergeResult
from dslineage.merging.sidenames import SideNames, side_names, subject
from dslineage.merging.undoing import Begun, Undo
from dslineage.merging.untouched import untouched
from dslineage.records import Pointer, StepRecord
from dslineage.room import needing
from dslineage.store.files import sweep, write_file
from dslineage.verbs.adding import record
from dslineage.verbs.measuring import complete
from dslineage.verbs.mergeable import (
    Waiting,
    asked_for,
    bring_back,
    conflict_file,
    conflicted,
    conflicted_names,
    forget,
    remember,
    remembered,
    remembered_file,
)
from dslineage.versions.catalog import joined
from dslineage.versions.ledger import Ledger
from dslineage.versions.options import ReadOptions
from dslineage.versions.publishing import recover
from dslineage.versions.recording import pointer_files
from dslineage.versions.restoring import guard_unsaved
from dslineage.versions.worktree import HashCache, refuse_links

if TYPE_CHECKING:
    from dslineage.ids import Digest
    from dslineage.merging.decided import Decided
    from dslineage.records import DatasetRecord
    from dslineage.versions.options import Report, StoreMode
    from dslineage.workspace import Workspace

MERGE = "merge"


def merge(
    work: Workspace,
    refs: Sequence[str],
    message: str,
    report: Report | None,
    *,
    measure: bool,
    resume: bool,
) -> MergeResult:
    """Merge a version, or what git left in conflict; see `Repository.merge`."""
    _settle(work, measure=measure)
    waiting = [asked_for(work, refs)] if refs else _waiting(work)
    if not waiting:
        raise UsageError(
            "no data set waits to be merged",
            kind="nothing-to-merge",
            hint="git merge BRANCH, or dslineage merge VERSION",
        )
    for one in waiting:
        if (work.root / one.conflict_file).exists() and not resume:
            name = shlex.quote(one.conflict_file)
            raise UsageError(
                f"{one.conflict_file} waits for decisions, and was left as it is",
                kind="merge-under-way",
                hint=f"edit {name}, then dslineage merge --continue; or dslineage merge --abort",
            )
    merges = []
    for one in waiting:
        with needing(work.root, one.size, "about "):
            merges.append(_merged(work, one, message, report, measure=measure))
    return MergeResult(tuple(merges), ending=side_names(work.git).ending)


def give_up(work: Workspace) -> MergeResult:
    """Remove the conflict files; the data files are as they were; see `Repository.merge_abort`."""
    undone = _settle(work)
    names = [conflict_file(path, dataset) for path, dataset in conflicted_names(work.git).items()]
    names += remembered_file(work.catalog)
    there = [name for name in names if (work.root / name).exists()]
    for name in there:
        (work.root / name).unlink()
    forget(work.git)
    return MergeResult((), tuple(there), undone=undone)


def _settle(work: Workspace, *, measure: bool = False) -> bool:
    """End a merge that was cut short: undo it, unless its version is there; whether it was undone.

    Where the version is there, it is measured if that is asked for, and what waited for it is
    taken away.
    """
    undo = Undo(work.git)
    begun = undo.begun()
    if begun is None:
        return False
    recover(work.git, work.store)
    for path in begun.paths:
        sweep(work.root / path)
    versions = work.catalog.versions(begun.dataset)
    done = [record for record in versions if record.generated_by == begun.step]
    if not done:
        undo.back(begun)
        undo.forget()
        return True
    if measure:
        complete(work, done)
    _clear(work, begun)
    return False


def _clear(work: Workspace, begun: Begun) -> None:
    """Take away what waited for a merge that is recorded."""
    (work.root / begun.conflict_file).unlink(missing_ok=True)
    forget(work.git)
    Undo(work.git).forget()


def _waiting(work: Workspace) -> list[Waiting]:
    return [*conflicted(work.catalog), *remembered(work.catalog)]


def _merged(
    work: Workspace, waiting: Waiting, message: str, report: Report | None, *, measure: bool
) -> Merged:
    versions = (waiting.ours, waiting.theirs)
    name = shlex.quote(waiting.file.path)
    settle = f"git checkout --ours -- {name} && git add {name}" if waiting.in_git else ""
    refuse_unmergeable((*waiting.bases, *versions), settle)
    _guard(work, waiting)
    bring_back(work.git, waiting)
    with _naming(waiting):
        store = work.store
        base = open_base(store, waiting.bases, waiting.line)
        ledger = Ledger(work.catalog)
        parents = [ledger.parents(waiting.bases[0], one) for one in versions]
        plan = Plan.of(store, base, versions, (parents[0], parents[1]))
        conflicts = plan.conflicts
    where = work.root / waiting.conflict_file
    names = side_names(work.git) if waiting.in_git else SideNames()
    result = Merged(
        waiting.ours.dataset,
        (
            " and ".join(one.title for one in waiting.bases),
            waiting.ours.title,
            waiting.theirs.title,
        ),
        *plan.way.changes,
        len(plan.combined),
        {one.id: one.why for one in conflicts},
        waiting.conflict_file,
        names=(names.ours, names.theirs),
        notices=tuple(filter(None, [names.warning])),
    )
    if conflicts and not where.exists():
        refuse_links(work.root, waiting.conflict_file)
        write_file(where, b"".join(conflict_lines(conflicts)))
        if not waiting.in_git:
            remember(work.git, waiting)
        return result
    data = where.read_bytes() if conflicts else b""
    choices = read_choices(data, waiting.conflict_file, conflicts)
    decided = plan.decided(choices)
    step = _step(work, waiting, plan, choices, message)
    store.prepare()
    paths = (waiting.file.path, *waiting.file.data_paths())
    begun = Begun(waiting.ours.dataset, step.id, waiting.conflict_file, paths)
    Undo(work.git).keep(begun)
    try:
        if waiting.in_git:
            write_file(work.root / waiting.file.path, Pointer.to(waiting.ours).to_bytes())
        for new in decided.files():
            new.write(work.root / joined(waiting.file.folder, new.path))
        made = record(
            work,
            pointer_files(work.root, waiting.file),
            step.message,
            _reading(versions, decided.content_hash),
            report,
            measure=measure,
            step=step,
            merged=waiting.theirs.id if waiting.joined else "",
        )
    except BaseException:
        _settle(work)
        raise
    if made.unchanged:
        work.git.stage([waiting.file.path])
    _clear(work, begun)
    notices = (*result.notices, *_aside(waiting), *_doubled(waiting, decided), *made.notices)
    return replace(
        result, conflicts={}, path="", decided=plan.tally(choices), version=made.version,
        notices=notices,
    )  # fmt: skip


@contextmanager
def _naming(waiting: Waiting) -> Iterator[None]:
    """Say what a missing object is needed for, and how it comes here."""
    try:
        yield
    except IntegrityError as error:
        if error.kind != "missing-object":
            raise
        versions = (*waiting.bases, waiting.ours, waiting.theirs)
        raise IntegrityError(
            f"{error.message}: it is needed to merge {waiting.ours.dataset}, of whose versions "
            f"{', '.join(one.title for one in versions)} one is not whole here",
            kind=error.kind,
            hint="dslineage pull; dslineage verify says what is missing",
        ) from error


def _step(
    work: Workspace, waiting: Waiting, plan: Plan, choices: Mapping[str, Choice], message: str
) -> StepRecord:
    """The record of the merge: what came from which side, and what was decided."""
    ours, theirs = plan.way.changes
    said = subject(work.git) if waiting.in_git else ""
    default = f"merge {waiting.theirs.title} into {waiting.ours.title}"
    stamp = work.stamp(message or said or default)
    parameters = {
        "base": [one.id for one in waiting.bases],
        "ours": {"version": waiting.ours.title, **ours},
        "theirs": {"version": waiting.theirs.title, **theirs},
        "combined": len(plan.combined),
        "decided": plan.tally(choices),
    }
    return StepRecord(
        dataset=waiting.ours.dataset,
        operation=MERGE,
        inputs=(waiting.ours.id, waiting.theirs.id),
        parameters=parameters,
        parents=plan.parents(),
        counts={"changed": len(plan.combined)},
        message=stamp.message,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )


def _reading(versions: Sequence[DatasetRecord], content_hash: Digest) -> ReadOptions:
    """How the merged files are read: as those of both sides were."""
    ours = versions[0]
    reader = ours.files[0].reader
    form = str(reader["format"])
    plain = form in TEXT_FORMATS and len({str(one.reader["format"]) for one in ours.files}) == 1
    return ReadOptions(
        format=form if plain else None,
        delimiter=reader.get("delimiter") if plain else None,
        quarantine=any(record.quarantined for record in versions),
        store=cast("StoreMode", ours.store),
        content_hash=content_hash,
    )


def _guard(work: Workspace, waiting: Waiting) -> None:
    """Refuse to write over changes that neither a version nor git's own merge made."""
    git = work.git
    paths = waiting.file.data_paths()
    for path in paths:
        refuse_links(git.root, path)
    there = [path for path in paths if (git.root / path).is_file()]
    if waiting.in_git and all(map(git.tracked, there)):
        for path in there:
            if not untouched(git, path):
                raise UsageError(
                    f"{path} was edited after git stopped, and was left as it is",
                    kind="unsaved-changes",
                    hint=f"keep a copy of it, then git checkout --merge -- {shlex.quote(path)}",
                )
        return
    cache = HashCache.load(git.common_dir / "dslineage" / "cache" / "files.json")
    guard_unsaved(work.store, work.catalog, waiting.file, waiting.ours, cache)


def _doubled(waiting: Waiting, decided: Decided) -> Iterator[str]:
    """Keys that both sides gave to examples of their own."""
    if count := decided.doubled:
        times = "a key stands" if count == 1 else f"{count:,} keys stand"
        yield (
            f"{times} twice, on two examples: both sides added it ({waiting.ours.key}); "
            f"dslineage diff {waiting.ours.digits[:8]} shows them"
        )


def _aside(waiting: Waiting) -> Iterator[str]:
    """What of their version is not in the merge: it is no example."""
    known = {one.quarantine_hash for one in (*waiting.bases, waiting.ours)}
    if waiting.theirs.quarantine_hash not in known:
        yield (
            f"{waiting.theirs.title} has {waiting.theirs.quarantined:,} records set apart, which "
            "are no examples and were not merged"
        )
