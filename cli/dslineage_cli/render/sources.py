"""Sources as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.page import Page, bold, dim, yellow

if TYPE_CHECKING:
    from dslineage.lineage.sources import SourceAdded, SourceLinked, SourceList
    from dslineage.records import SourceRecord

_LABEL = 14


def added(result: SourceAdded, into: Page) -> Page:
    """The source that was recorded, with what is said of it and what is not."""
    record = result.record
    lead = "unchanged: still " if result.unchanged else ""
    into.wrap(lead, bold(f"source:{record.name}"), dim(f" ({record.digits[:8]})"))
    _facts(record, into)
    into.next(f"dslineage add FILE --source {record.name}")
    return into


def linked(result: SourceLinked, into: Page) -> Page:
    """What the claim says."""
    lead = "" if result.new else "said before: "
    version = f"{result.version.dataset} {result.version.title}"
    into.wrap(lead, bold(version), " comes from ", bold(f"source:{result.source.name}"),
              dim(f"  claimed by {result.claim.author.partition(' <')[0]}"))  # fmt: skip
    return into


def listed(result: SourceList, into: Page) -> Page:
    """Each source with its licence, what is not known of it, and what rests on it."""
    if not result.sources:
        into.add("there is no source yet")
        into.next("dslineage source add NAME --uri URI")
    for one in result.sources:
        into.blank()
        into.wrap(bold(f"source:{one.record.name}"), dim(f" ({one.record.digits[:8]})"))
        _facts(one.record, into)
        if one.used_by:
            used = ", ".join(node.ref for node in one.used_by)
            into.wrap(dim(f"{'used by':<{_LABEL}}"), used, indent=2, hanging=_LABEL)
    return into


def _facts(record: SourceRecord, into: Page) -> None:
    for label, text in _said(record):
        into.wrap(dim(f"{label:<{_LABEL}}"), text, indent=2, hanging=_LABEL)
    for gap in record.gaps:
        into.wrap(yellow("not known: "), gap.message, indent=2, hanging=_LABEL)


def _said(record: SourceRecord) -> Iterator[tuple[str, str]]:
    yield "uri", record.uri
    licence = record.license
    if licence is not None:
        as_of = f", as of {licence.as_of}" if licence.as_of else ""
        url = f", {licence.url}" if licence.url and licence.url != licence.name else ""
        yield "licence", f"{licence.name}{as_of}{url}"
    personal = {True: "yes", False: "no", None: ""}[record.personal_data]
    files = f"{len(record.files):,}, by SHA-256" if record.files else ""
    rest = {
        "title": record.title,
        "revision": record.revision,
        "category": record.category,
        "modality": record.modality,
        "languages": ", ".join(record.languages),
        "creators": ", ".join(record.creators),
        "published": record.published_at,
        "acquired": record.acquired_at,
        "consent": record.consent,
        "geography": record.geography,
        "personal data": personal,
        "generator": record.generator,
        "files": files,
        **{what: "; ".join(said) for what, said in (record.statements or {}).items()},
        "read from": record.imported_from,
        "recorded": f"{record.created_at} by {record.author or 'an unnamed author'}",
    }
    yield from ((label, text) for label, text in rest.items() if text)
