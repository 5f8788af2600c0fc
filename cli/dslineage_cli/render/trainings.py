"""Runs and models that were recorded, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.lineage.importedrun import ImportedInput
from dslineage_cli.page import Page, bold, dim, green, yellow
from dslineage_cli.render.numbers import counted, epochs

if TYPE_CHECKING:
    from dslineage.launching.result import Launched
    from dslineage.lineage.importedrun import ImportedModel, ImportedRun, RunImport
    from dslineage.lineage.modeladd import ModelAdded
    from dslineage.records import Consumed, Gap, ModelRecord, Prepared


def imported(result: RunImport, into: Page) -> Page:
    """Each run with its data and its checkpoints."""
    for run in result.runs:
        into.blank()
        _run(run, into)
    _notices(result.notices, into)
    if any(run.new or any(model.new for model in run.models) for run in result.runs):
        into.next("git commit")
    return into


def launched(result: Launched, into: Page) -> Page:
    """What was noted of a training that was started with a command."""
    trainer = f"  {result.trainer}" if result.trainer else ""
    if result.imported is not None:
        imported(replace(result.imported, notices=()), into)
    elif result.run is not None and result.path is not None:
        into.add(bold(str(result.path)), dim(trainer))
        for entry in result.run.start.inputs:
            _input(ImportedInput(entry, ()), into)
        for saved in result.run.checkpoints:
            tensors = "" if saved.weights_hash is None else f"  sha256:{saved.weights_hash.short}…"
            into.wrap(saved.label, f"  {_consumed(saved.consumed)}", dim(tensors), indent=2)
        _gaps((*result.run.start.gaps, *result.run.gaps), into)
    _notices(_without_gaps(result), into)
    if result.imported is None and result.path is not None:
        into.next(f"dslineage run import {result.path.parent}")
    return into


def _without_gaps(result: Launched) -> list[str]:
    """What is to be said, and does not stand among the gaps already."""
    run = result.run
    told = set() if run is None else {gap.message for gap in (*run.start.gaps, *run.gaps)}
    more = () if result.imported is None else result.imported.notices
    return [notice for notice in (*result.notices, *more) if notice not in told]


def added(result: ModelAdded, into: Page) -> Page:
    """The model that was recorded."""
    record = result.record
    into.wrap(bold(_title(record)), "" if result.new else dim("  known before"), hanging=2)
    into.wrap(dim(_sizes(record)), indent=2, hanging=2)
    for title in result.trained_on:
        into.wrap(f"trained on {title}", dim("  declared"), indent=2, hanging=4)
    for base in record.derived_from:
        into.wrap(f"started from {base.uri}", indent=2, hanging=4)
    _gaps(record.gaps, into)
    _notices(result.notices, into)
    if result.new:
        into.next("git commit")
    return into


def _run(run: ImportedRun, into: Page) -> None:
    record = run.record
    into.wrap(
        bold(f"run:{record.name}"),
        f"  {record.status}",
        "" if record.steps is None else f", {counted(record.steps, 'step')}",
        "" if record.continues is None else f", goes on from {record.resumed_from}",
        "" if run.new else dim("  known before"),
        hanging=2,
    )
    for entry in run.inputs:
        _input(entry, into)
    for model in run.models:
        _model(model, into)
    _gaps(record.gaps, into)


def _input(found: ImportedInput, into: Page) -> None:
    entry = found.entry
    unread = entry.uri if entry.content_hash is None else None
    names = ", ".join(found.versions) or unread or "rows of no recorded version"
    rows = "" if entry.examples is None else f"  {counted(entry.examples, 'example')}"
    into.wrap(
        f"{entry.role:<6}", bold(names), rows, dim(f"  {entry.evidence}"), indent=2, hanging=8
    )
    if entry.prepared is not None:
        into.wrap(dim(_prepared(entry.prepared)), indent=8, hanging=2)


def _prepared(found: Prepared) -> str:
    told: list[str] = []
    if found.kept is not None:
        told.append(f"{found.kept:,} of {found.rows:,} rows kept")
    if found.masked:
        told.append(f"{found.masked:,} dropped as fully masked")
    if found.truncated:
        told.append(f"up to {found.truncated:,} cut at {found.max_length} tokens")
    if found.packing is not None:
        told.append(f"packed ({found.packing})")
    if found.sequences is not None:
        told.append(counted(found.sequences, "sequence"))
    if found.tokens is not None:
        told.append(counted(found.tokens, "token"))
    return ", ".join(told)


def _model(model: ImportedModel, into: Page) -> None:
    record = model.record
    evidence = (
        green("verified") if model.verified else dim(f"{record.evidence}, its files are not here")
    )
    seen = "" if record.consumed is None else f"  {_consumed(record.consumed)}"
    new = "" if model.new else dim("  known before")
    into.wrap(f"{record.name}@{record.label}", seen, "  ", evidence, new, indent=2, hanging=4)


def _consumed(found: Consumed) -> str:
    passes = "" if found.epochs is None else f", {epochs(found.epochs)}"
    words = {"exact": "saw all", "upper-bound": "may have seen all", "unknown": "not known"}
    return f"{words[found.mode]}{passes}"


def _title(record: ModelRecord) -> str:
    return f"{record.name}@{record.label} ({record.digits[:8]})"


def _sizes(record: ModelRecord) -> str:
    size = sum(file.size or 0 for file in record.files)
    tensors = "no hash of tensors"
    if record.weights_hash is not None:
        tensors = f"tensors sha256:{record.weights_hash.short}…"
    return f"{record.form}, {counted(len(record.files), 'file')}, {size:,} bytes, {tensors}"


def _gaps(gaps: Sequence[Gap], into: Page) -> None:
    for gap in gaps:
        into.wrap(yellow("gap: "), gap.message, indent=2, hanging=7)


def _notices(notices: Sequence[str], into: Page) -> None:
    for notice in notices:
        into.wrap(yellow("note: "), notice, indent=2, hanging=8)
