"""Opening the repository of the current folder, with what the environment says about time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import IntegrityError, NotFoundError, UsageError

if TYPE_CHECKING:
    from dslineage.diff.options import DiffOptions
    from dslineage.diff.recorded import RecordedDiff
    from dslineage.diff.result import DiffResult
    from dslineage.exporting import ExportResult
    from dslineage.launching.asked import Launch
    from dslineage.launching.result import Launched
    from dslineage.provenance import Provenance
    from dslineage.quality.profile import Profile
    from dslineage.repository import Repository
    from dslineage.verbs.contrasting import Contrast
    from dslineage.versions.options import ReadOptions, Report
    from dslineage_cli.terminal import Terminal


_NO_WORK_TREE = {"no-repository", "no-work-tree", "git-refused"}
"""Where there is none that git would work in, files alone can still be looked at."""


def repository() -> Repository:
    """The repository that the current folder is in.

    Raises:
        NotFoundError: it is in none.
    """
    from dslineage.repository import Repository

    return Repository.open(clock=_clock(), trust_file=_trust_file())


@contextmanager
def provenance(terminal: Terminal) -> Iterator[Provenance]:
    """The lineage of the repository here; reading many records draws a bar.

    Raises:
        NotFoundError: the current folder is in no repository.
    """
    with terminal.progress() as report:
        yield replace(repository().provenance, report=report)


def profile() -> Profile:
    """What the repository here measures, and its judges; the default where there is none."""
    from dslineage.quality.core.default import sft_core

    try:
        return repository().vocabulary
    except NotFoundError as error:
        if error.kind not in _NO_WORK_TREE:
            raise
        return sft_core()


def compare(
    refs: Sequence[str], options: DiffOptions, read: ReadOptions, report: Report | None
) -> DiffResult:
    """What changed between two references; two files need no repository."""
    from dslineage.files import diff_files

    try:
        found = repository()
    except NotFoundError as error:
        if error.kind not in _NO_WORK_TREE or len(refs) != 2:
            raise
        return diff_files(*refs, options=options, read=read, report=report)
    return found.diff(*refs, options=options, read=read, report=report)


def contrast(refs: Sequence[str], unknown: NotFoundError) -> Contrast:
    """What differs between two models, runs or mixtures, where no state of a data set was meant.

    Raises:
        NotFoundError: none was meant.
    """
    mixtures = any(ref.endswith(".toml") for ref in refs)
    if unknown.kind != "unknown-reference" or not (len(refs) == 2 or (mixtures and len(refs) == 1)):
        raise unknown
    provenance = repository().provenance
    try:
        return provenance.contrast(*refs)
    except NotFoundError as error:
        if error.kind != "unknown-reference":
            raise
        # What is no version may be a model, and what is wrong is the other reference.
        failed = [ref for ref in refs if repr(ref) in unknown.message]
        raise (error if any(_is_node(provenance, ref) for ref in failed) else unknown) from None


def _is_node(provenance: Provenance, ref: str) -> bool:
    try:
        provenance.node(ref)
    except NotFoundError:
        return False
    return True


def compare_records(
    refs: Sequence[str], options: DiffOptions, missing: IntegrityError
) -> RecordedDiff:
    """What records say where objects are missing.

    Raises:
        IntegrityError: records cannot say what is asked for.
    """
    if options.needs_examples or missing.kind != "missing-object":
        raise missing
    try:
        return repository().diff_of_records(*refs, options=options)
    except NotFoundError as error:
        raise missing from error


def write(refs: Sequence[str], **options: Any) -> ExportResult:
    """Write a state, or a part of a diff; files alone need no repository.

    `options` are the keyword arguments of `Repository.export`.
    """
    from dslineage.files import export_files

    try:
        found = repository()
    except NotFoundError as error:
        if error.kind not in _NO_WORK_TREE or not all(map(os.path.exists, refs)):
            raise
        return export_files(*refs, **options)
    return found.export(*refs, **options)


def train(asked: Launch, *, record: bool, stdout: int | None) -> Launched:
    """Run a trainer; where there is no repository, only its run file is written.

    Raises:
        UsageError: there is no command, or nobody says where its checkpoints appear; nothing ran.
    """
    from dslineage.launching.launch import launch

    try:
        found = repository()
    except NotFoundError as error:
        if error.kind not in _NO_WORK_TREE:
            raise
        return launch(asked, stdout=stdout)
    return found.provenance.train(asked, record=record, stdout=stdout)


def _trust_file() -> Path:
    """Where trust is kept (XDG Base Directory Specification: state)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "dslineage" / "trust.json"


def _clock() -> Callable[[], datetime] | None:
    """A clock that stands still where SOURCE_DATE_EPOCH is set (reproducible-builds.org)."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None:
        return None
    try:
        moment = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH={text} is not a time in seconds", hint="unset SOURCE_DATE_EPOCH"
        ) from error
    return lambda: moment
