"""Versions as text: one, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dslineage_cli.page import Page, Span, bold, dim, elide, green, padded, red, yellow
from dslineage_cli.render import metrics
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.results import LogResult, VersionInfo

_LABEL = 15


def version(info: VersionInfo, into: Page) -> Page:
    """One version, with what identifies it."""
    record = info.record
    into.add(bold(info.title), _draft(info))
    if record.message:
        into.wrap(record.message, indent=2)
    into.blank()
    for label, text in _facts(info):
        shown = dim(f"{label:<{_LABEL}}")
        if " " in text:
            into.wrap(shown, text, indent=2, hanging=_LABEL)
        else:  # a hash or a path is copied: it stays in one piece, however narrow the terminal
            into.add(shown, text, indent=2)
    into.blank()
    into.add(dim("  files"))
    for entry in record.files:
        into.add(
            f"    {entry.url or entry.path}  ",
            dim(f"{entry.size:,} bytes  sha256 {entry.sha256.short}"),
        )
    into.blank()
    into.add(dim("  fields"))
    for name, types in record.fields.items():
        present = sum(types.values())
        share = "" if present == record.examples else f"in {present:,} of {record.examples:,}"
        kinds = ", ".join(sorted(types))
        into.add(f"    {padded(elide(name, 30), 31)}", dim(f"{kinds:<16}"), yellow(share))
    metrics.figures(info, into)
    return into


def log(result: LogResult, into: Page) -> Page:
    """Every version: name, counts, change, message."""
    if not result.versions:
        into.add("there is no version yet")
        into.next("dslineage scan .")
    for dataset, group in groupby(result.versions, key=lambda info: info.record.dataset):
        into.blank()
        into.add(bold(dataset))
        infos = list(group)
        if result.metric is not None:
            metrics.over_versions(infos, result.metric, into)
            continue
        for info in infos:
            _entry(info, into)
    return into


def _entry(info: VersionInfo, into: Page) -> None:
    record = info.record
    when = record.created_at[:16].replace("T", " ")
    into.wrap(
        yellow(record.title),
        f"  {counted(record.examples, 'example')}",
        *change_words(record.change),
        dim(f"  {when}  {record.author.partition(' <')[0]}"),
        _draft(info),
        indent=2,
        hanging=4,
    )
    if record.message:
        into.wrap(record.message, indent=6)
    if info.beside.sources:
        into.wrap(dim("from "), ", ".join(info.beside.sources), indent=6, hanging=2)
    for text in _scores(info):
        into.wrap(dim("scored "), text, indent=6, hanging=2)


def _scores(info: VersionInfo) -> Iterator[str]:
    """Each score of what a version trained, with what was scored and by what."""
    for score in info.beside.scores:
        metric = f" {score.metric}" if score.metric else ""
        harness = f" by {score.harness}" if score.harness else ""
        yield f"{score.evaluation}{metric} {score.score:g}  {score.of}{harness}"


def change_words(change: Mapping[str, Mapping[str, Any]]) -> Iterator[Span]:
    """The counts against the first parent, as `~105 -26 +72`."""
    counts = next(iter(change.values()), {})
    for name, sign, tone in (("edited", "~", yellow), ("removed", "-", red), ("added", "+", green)):
        if counts.get(name):
            yield tone(f"  {sign}{counts[name]:,}")


def _draft(info: VersionInfo) -> Span:
    return dim("  draft, not committed" if info.draft else "")


def _facts(info: VersionInfo) -> Iterator[tuple[str, str]]:
    record = info.record
    repeats = record.examples - record.unique
    repeated = f", {repeats:,} of them repeated" if repeats else ""
    yield "examples", f"{record.examples:,}{repeated}"
    if record.quarantined:
        yield (
            "quarantined",
            f"{counted(record.quarantined, 'record')} set apart, which cannot be read",
        )
    if record.media:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in record.media.unread.items())
        unread = f", {sum(record.media.unread.values()):,} not read ({reasons})" if reasons else ""
        yield "media", f"{record.media.read:,} read{unread}"
    yield "schema", f"{record.adapter}" + (f", key {record.key}" if record.key else "")
    yield "format", f"{record.format}, kept as {record.store}"
    yield "content hash", str(record.content_hash)
    yield "training hash", str(record.training_hash)
    yield "order hash", str(record.order_hash)
    yield "id", record.id
    for parent in record.parents:
        yield "parent", parent
    yield from (("source", source) for source in info.beside.sources)
    if (record.generated_by or "").startswith("step:"):
        yield "made by", record.generated_by or ""
    yield from (("score", text) for text in _scores(info))
    yield "recorded", f"{record.created_at} by {record.author or 'an unnamed author'}"
    yield "record", info.path
