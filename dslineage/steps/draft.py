"""The record of a step as it is drafted before it runs, and kept where it made no version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import without_nulls
from dslineage.environment import environment
from dslineage.errors import UsageError
from dslineage.lineage.codestate import code_state, named_file
from dslineage.lineage.registry import Registry
from dslineage.records import Evidence, Gap, NamedFile, StepRecord

if TYPE_CHECKING:
    from dslineage.workspace import Workspace


def draft(
    work: Workspace,
    dataset: str,
    operation: str,
    inputs: tuple[str, ...],
    parameters: Mapping[str, Any],
    *,
    message: str,
    seed: int | None,
    files: Iterable[NamedFile] = (),
    script: Path | None = None,
    command: tuple[str, ...] = (),
    ran_in: Mapping[str, str] | None = None,
    evidence: Evidence = Evidence.RECORDED,
) -> StepRecord:
    """What can be told of a step before it runs.

    Args:
        work: the repository.
        dataset: the data set that it makes.
        operation: what it does, in a word.
        inputs: the ids of what it reads.
        parameters: what it was told.
        message: why it runs.
        seed: the seed of what is random in it.
        files: other files that it reads.
        script: the program that it is, where that is a file.
        command: the command that it is.
        ran_in: the environment; by default that of this process.
        evidence: how it is known what it reads.

    Raises:
        UsageError: a text in it is not UTF-8, or a parameter is no JSON value.
    """
    code, gaps = code_state(work.git, script)
    known = {one.path: one for one in files}
    if script is not None:
        known[code.script or ""] = named_file(work.git, script)
    stamp = work.stamp(message)
    record = StepRecord(
        dataset=dataset,
        operation=operation,
        inputs=inputs,
        parameters=without_nulls(dict(parameters)),
        parents={},
        counts={},
        message=stamp.message,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
        command=command,
        code=code,
        environment=environment(work.root) if ran_in is None else ran_in,
        seed=seed,
        files=tuple(known[path] for path in sorted(known)),
        evidence=evidence,
        gaps=gaps,
    )
    try:
        record.to_bytes()
    except UsageError as error:
        raise UsageError(
            f"no record can say this step: {error.message}", kind="not-json"
        ) from error
    return record


def kept(work: Workspace, step: StepRecord) -> StepRecord:
    """Write the record of a step that made no version."""
    store = work.store
    store.prepare()
    Registry(work.catalog).keep([step], store)
    return step


def with_gap(step: StepRecord, kind: str, message: str) -> StepRecord:
    """A step, with something more that is not known of it, or that went wrong."""
    return replace(step, gaps=(*step.gaps, Gap(kind, message)))
