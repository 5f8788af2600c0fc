"""What records alone say of two versions, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage.store.framed import FETCH
from dslineage_cli.page import Page, bold, dim, padded
from dslineage_cli.render import movements, row_text, wording
from dslineage_cli.render.diff_metrics import verdict
from dslineage_cli.render.figures import ARROWS
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.diff.recorded import RecordedChange, RecordedDiff

_LABEL = 11


def page(result: RecordedDiff, into: Page) -> Page:
    """Figures that differ, the counts of the change, and what cannot be known."""
    names = bold(result.from_.version), dim(" → "), bold(result.to.version)
    into.add(bold(f"{result.dataset}  "), *names, dim("  from records alone"))
    into.blank()
    _metrics(result, into)
    if result.identical:
        into.add(f"the same {counted(result.to.examples, 'example')}")
    else:
        into.add(f"{result.from_.examples:,} → {result.to.examples:,} examples")
    if result.change is not None and not result.identical:
        _change(result.change, into)
    into.blank()
    for notice in result.notices:
        into.wrap(dim(f"{'note':<{_LABEL}}"), notice, indent=2, hanging=_LABEL)
    into.blank()
    into.next(FETCH)
    return into


def _metrics(result: RecordedDiff, into: Page) -> None:
    known = [one for one in result.metrics if one.comparable and not movements.is_count(one)]
    shown = [one for one in known if one.delta]
    wide = max((len(one.metric) for one in shown), default=0)
    for one in shown:
        name = bold(padded(one.metric, wide)), dim(f" {ARROWS[one.better]}")
        into.wrap(*name, *verdict(one), f"  {movements.figures(one)}", hanging=4)
    into.blank()
    still = len(known) - len(shown)
    if still:
        label = "the rest" if shown else "metrics"
        into.wrap(dim(f"{label:<{_LABEL}}"), f"{still:,} moved not at all", indent=2)
    for names, reason, _ in movements.incomparable(result.metrics):
        said = f"{names}not comparable: {reason}"
        into.wrap(dim(f"{'metrics':<{_LABEL}}"), said, indent=2, hanging=_LABEL)
    into.blank()


def _change(change: RecordedChange, into: Page) -> None:
    counts = {"unchanged": change.unchanged, **wording.totals(change)}
    wide = max(len(f"{count:,}") for count in counts.values())
    for name, count in counts.items():
        sign, tone = row_text.MARKS[name]
        line = f"{sign} {count:>{wide},} {name}"
        into.add("  ", tone(line) if count else dim(line))
    details = [
        *(("schema", wording.schema_words(one)) for one in change.schema_changes),
        ("edits", wording.kinds_tally(change.edits)),
        ("media", wording.media_words(change.media_changed or 0)),
        ("order", wording.order_words(change.reordered)),
    ]
    into.blank()
    for label, text in details:
        if text:
            into.wrap(dim(f"{label:<{_LABEL}}"), text, indent=2, hanging=_LABEL)
