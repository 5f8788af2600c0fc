"""How metrics moved, as sheets: one line for each metric, or for each example behind one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dslineage_cli.render import movements, wording
from dslineage_cli.render.changes import text_of
from dslineage_cli.sanitise import cell

if TYPE_CHECKING:
    from dslineage.diff.result import DiffResult

MOVEMENTS = (
    "metric", "unit", "better", "moved", "from", "to", "delta", "added", "removed", "edited",
    "standardised", "expected", "sd", "times", "examples_from", "examples_to", "higher", "lower",
    "same", "by", "within", "mix", "warning", "not_comparable", "id",
)  # fmt: skip
EXAMPLES = (
    "metric", "influence", "change", "value_before", "value_after", "reason", "row",
    "before_digest", "after_digest", "before", "after",
)  # fmt: skip


def moves(result: DiffResult) -> str:
    """The metrics of a diff; a line for each field by which mix is told from within."""
    lines = []
    for one in result.metrics:
        document = one.to_dict()
        chance = document.get("random_change", {})
        affected = document.get("affected", {})
        told = document | chance | document.get("edited_pairs", {})
        told |= {"examples_from": affected.get("from"), "examples_to": affected.get("to")}
        told |= {"not_comparable": one.reason}
        known = [told | slices for slices in document.get("slices", [{}])]
        lines += [[line.get(name) for name in MOVEMENTS] for line in known]
    return _sheet(MOVEMENTS, lines)


def examples(result: DiffResult) -> str:
    """The examples behind metrics, with their influence and both forms as JSON."""
    return _sheet(
        EXAMPLES,
        (
            (
                why.metric,
                one.influence,
                one.row.change,
                "" if one.reason else movements.value_text(one.before),
                "" if one.reason else movements.value_text(one.after),
                one.reason,
                wording.places(one.row),
                one.row.before_digest,
                one.row.after_digest,
                text_of(one.row.before),
                text_of(one.row.after),
            )
            for why in result.why
            for one in why.examples
        ),
    )


def _sheet(header: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(header)
    for line in lines:
        writer.writerow([_cell(value) for value in line])
    return sheet.getvalue()


def _cell(value: Any) -> Any:
    """Numbers stay numbers, texts are made safe."""
    if value is None:
        return ""
    return value if isinstance(value, int | float) else cell(str(value))
