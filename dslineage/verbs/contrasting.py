"""Comparing two models, two runs or two mixtures: what is no state of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.contrast.mixtures import MixtureDiff, diff_mixtures
from dslineage.contrast.models import ModelDiff, diff_models
from dslineage.diff.options import DiffOptions
from dslineage.errors import IntegrityError, UsageError
from dslineage.lineage.mixturefile import SUFFIX
from dslineage.lineage.mixtures import find_mixture, newest_recorded
from dslineage.lineage.node import node_of
from dslineage.lineage.registry import Registry
from dslineage.records import MixtureRecord, ModelRecord, RunRecord
from dslineage.verbs.comparing import diff, diff_of_records

if TYPE_CHECKING:
    from dslineage.diff.recorded import RecordedDiff
    from dslineage.diff.result import DiffResult
    from dslineage.records import DatasetRecord
    from dslineage.workspace import Workspace

Contrast = ModelDiff | MixtureDiff


def contrast(work: Workspace, before: str, after: str | None = None) -> Contrast:
    """What differs between two models, runs or mixtures; see `Provenance.contrast`."""
    registry = Registry(work.catalog)

    def compare(one: DatasetRecord, other: DatasetRecord) -> DiffResult | RecordedDiff:
        return _versions(work, one, other)

    if after is None:
        now = find_mixture(registry, before, work.here, work.stamp(""))
        known = newest_recorded(registry, now.record.name)
        return diff_mixtures(known, now, work.store, compare)
    graph = registry.graph()
    found = [
        None if text.endswith(SUFFIX) else registry.find(text, here=work.here, graph=graph)
        for text in (before, after)
    ]
    older, newer = found
    if all(one is None or isinstance(one, MixtureRecord) for one in found):
        stamp = work.stamp("")
        sides = [find_mixture(registry, text, work.here, stamp) for text in (before, after)]
        return diff_mixtures(sides[0], sides[1], work.store, compare)
    if isinstance(older, ModelRecord | RunRecord) and isinstance(newer, ModelRecord | RunRecord):
        return diff_models(graph, older, newer, compare, work.catalog.measurements)
    titles = [text if one is None else node_of(one).title
              for text, one in zip((before, after), found, strict=True)]  # fmt: skip
    raise UsageError(
        f"{titles[0]} and {titles[1]} cannot be compared: two versions can, two mixtures, or two "
        "models or runs",
        kind="incomparable",
        hint="dslineage diff --help",
    )


def _versions(
    work: Workspace, before: DatasetRecord, after: DatasetRecord
) -> DiffResult | RecordedDiff:
    """Compare two versions; in a clone without the examples, by their records."""
    refs, options = (before.id, after.id), DiffOptions(samples=0, behind=0)
    try:
        return diff(work, refs, options, None, None)
    except IntegrityError as error:
        if error.kind != "missing-object":
            raise
        return diff_of_records(work, refs, options)
