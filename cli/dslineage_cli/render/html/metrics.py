"""How metrics moved, on a page: each with its charts, its figures, and an example behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage_cli.render import movements
from dslineage_cli.render.figures import ARROWS, figure_text, number_text
from dslineage_cli.render.histograms import bins
from dslineage_cli.render.html import charts, examples
from dslineage_cli.render.html.charts import Part
from dslineage_cli.render.html.element import Content, Markup, element

if TYPE_CHECKING:
    from dslineage.diff.cause import Why
    from dslineage.diff.result import DiffResult
    from dslineage.quality.movement import Movement
    from dslineage.quality.slices import Slices

_ROWS = 12
"""Categories, slices and causes that are drawn of one metric."""

_DIRECTIONS = {
    "higher": "higher is better", "lower": "lower is better", "neutral": "neither way is better",
}  # fmt: skip


def section(result: DiffResult) -> Iterator[Markup]:
    """All that is said of metrics."""
    if not result.metrics:
        return
    told = movements.told(result)
    known = [one for one in result.metrics if one.comparable]
    yield element("h2", "Metrics", id="metrics")
    if told:
        places = {one.metric: f"#metric-{place}" for place, one in enumerate(told)}
        yield _overview(told, places)
        yield element("p", *charts.legend(
            ("old", "before"), ("new", "after"),
            ("chance", "where a random change of the same size would leave the figure "
             "(3 standard deviations to either side)"),
        ), class_="legend")  # fmt: skip
    elif known:
        yield element("p", "None moved more than a random change of this size would move it.")
    why = {one.metric: one for one in result.why}
    for place, one in enumerate(told):
        yield _card(one, f"metric-{place}", why.get(one.metric), result)
    rest = [one for one in known if one not in told]
    if rest:
        said = f"{len(rest):,} that moved no more than a random change of this size"
        yield element("details", element("summary", said), _overview(rest, {}))
    for names, reason, hint in movements.incomparable(result.metrics):
        said = f"{names}not comparable: {reason}. "
        yield element("p", said[0].upper() + said[1:] if not names else said, element("code", hint))


def _overview(found: list[Movement], places: dict[str, str]) -> Markup:
    head = ("metric", "", "before", "after", "change", "by", "against chance")
    numbers = {"before", "after", "change"}
    heads = [
        element("th", name, scope="col", class_="number" if name in numbers else None)
        for name in head
    ]
    return _wide(
        "metrics",
        element("table", element("thead", element("tr", heads)),
                element("tbody", [_row(one, places.get(one.metric)) for one in found])),
    )  # fmt: skip


def _row(movement: Movement, place: str | None) -> Markup:
    name = element("a", movement.metric, href=place) if place else movement.metric
    by = movements.examples(movement) or movements.contributions(movement)
    first = next(movements.labels(movement), "") if _is_category(movement) else ""
    return element(
        "tr",
        element("th", name, scope="row"),
        element("td", _direction(movement), class_="short"),
        *(element("td", side, class_="number") for side in _sides(movement)),
        element("td", _delta(movement), class_="number"),
        element("td", by or first, class_="long"),
        element("td", movements.reference(movement), class_="long"),
    )


def _direction(movement: Movement) -> Content:
    arrow = element("span", ARROWS[movement.better], title=_DIRECTIONS[movement.better])
    if not movement.verdict:
        return arrow
    return [arrow, " ", element("span", movement.verdict, class_=movement.verdict)]


def _delta(movement: Movement) -> str:
    return movements.delta_text(movement.delta, movement.unit) if movement.delta else ""


def _card(movement: Movement, name: str, why: Why | None, result: DiffResult) -> Markup:
    verdict = (
        element("span", f" {movement.verdict}", class_=movement.verdict)
        if movement.verdict
        else None
    )
    return element(
        "section",
        element("h3", movement.metric, verdict, id=name),
        element("p", _said(movement)),
        element("div", [*_charts(movement, name)], class_="charts"),
        element(
            "div",
            [_slices(movement, one, f"{name}-{at}") for at, one in enumerate(movement.slices)],
            class_="charts",
        ),
        element("details", element("summary", "The figures as a table"), _facts(movement)),
        _why(why, movement, result) if why is not None else None,
        class_="card",
        aria_labelledby=name,
    )


def _said(movement: Movement) -> str:
    sides = " → ".join(filter(None, _sides(movement)))
    facts = [sides, _delta(movement), movements.examples(movement)]
    return "; ".join(filter(None, [*facts, _DIRECTIONS[movement.better]]))


def _sides(movement: Movement) -> tuple[str, str]:
    """The figure before and after; a category has none."""
    if _is_category(movement):
        return "", ""
    before, after = (figure_text(one, movement.unit) for one in (movement.before, movement.after))
    return before, after


def _is_category(movement: Movement) -> bool:
    return movement.kind == "category"


def _charts(movement: Movement, name: str) -> Iterator[Markup]:
    unit = movement.unit
    if movement.before is not None and movement.after is not None:
        chart = charts.shift(
            f"{name}-shift", (movement.before, movement.after), movement.chance,
            lambda value: figure_text(value, unit), zero=unit in ("share", "ppm"),
        )  # fmt: skip
        yield _figure(chart, movements.reference(movement) or "before and after")
    if movement.split is not None and movement.delta:
        signs = {"added": "+", "removed": "-", "edited": "~"}
        parts = [
            Part(f"{signs[kind]} {kind}", amount, kind)
            for kind, amount in movement.split._asdict().items()
        ]
        chart = charts.signed(
            f"{name}-split", "what moved it", parts, lambda value: _signed(value, unit)
        )
        yield _figure(chart, f"what moved it; together {_delta(movement)}")
    found = bins(*movement.tallies) if movement.tallies else None
    if found is not None:
        chart = charts.histogram(f"{name}-values", found, number_text)
        told = movements.quantiles(movement)
        yield _figure(chart, f"distribution of the values{f'; {told}' if told else ''}")
    labels = [one for one in movement.labels if one.before or one.after][:_ROWS]
    if labels:
        rows = [(one.name, one.before, one.after) for one in labels]
        title = f"shares of {'the reasons' if movement.kind == 'reasons' else 'the categories'}"
        chart = charts.shares(
            f"{name}-labels", rows, lambda value: figure_text(value, "share"), title
        )
        left = len(movement.labels) - len(labels)
        yield _figure(chart, f"{title}{f', and {left:,} more' if left > 0 else ''}")


def _figure(chart: Markup, caption: str) -> Markup:
    return element("figure", chart, element("figcaption", caption))


def _signed(value: float, unit: str) -> str:
    return movements.delta_text(value, unit)


def _slices(movement: Movement, slices: Slices, name: str) -> Markup | None:
    """What moved inside the slices and what their mix did; the slices as a table."""
    unit = movement.unit
    parts = [Part("within", slices.within), Part("mix", slices.mix)]
    title = f"by {slices.field}: inside the slices, or by their mix"
    chart = charts.signed(name, title, parts, lambda value: _signed(value, unit))
    heads = ("", "before", "after", "of the data before", "after", "within", "mix")
    rows = [
        element(
            "tr",
            element("th", one.name, scope="row", dir="auto"),
            *(element("td", figure_text(value, unit), class_="number") for value in one.figures),
            *(element("td", figure_text(value, "share"), class_="number") for value in one.weights),
            element("td", _signed(one.within, unit), class_="number"),
            element("td", _signed(one.mix, unit), class_="number"),
        )
        for one in slices.slices[:_ROWS]
    ]
    table = _wide(
        f"by {slices.field}",
        element(
            "table",
            element(
                "thead",
                element(
                    "tr", [element("th", head, scope="col", class_="number") for head in heads]
                ),
            ),
            element("tbody", rows),
        ),
    )
    return element(
        "div",
        element("h4", f"By {slices.field}"),
        element("p", f"Warning: {slices.warning}.", class_="warning") if slices.warning else None,
        _figure(chart, "inside the slices, or by their mix"),
        table if rows else None,
    )


def _facts(movement: Movement) -> Markup:
    """All figures of a metric, for readers of tables."""
    split = movement.split._asdict() if movement.split is not None else {}
    facts = [
        ("metric", movement.id),
        *zip(("before", "after"), _sides(movement), strict=True),
        ("change", _delta(movement)),
        *((name, _signed(part, movement.unit)) for name, part in split.items()),
        ("examples", movements.examples(movement)),
        ("against chance", movements.reference(movement)),
        ("edited pairs", movements.pairs(movement)),
        ("quantiles", movements.quantiles(movement)),
        ("coverage", movements.coverage(movement)),
        *((one.name, movements.label_text(one)) for one in movement.labels[:_ROWS]),
    ]
    rows = [
        element("tr", element("th", name, scope="row"), element("td", said))
        for name, said in facts
        if said
    ]
    return _wide(movement.metric, element("table", element("tbody", rows), class_="facts"))


def _wide(label: str, table: Markup) -> Markup:
    """A table that scrolls by itself where the page is narrow."""
    return element("div", table, class_="wide", role="region", aria_label=label, tabindex=0)


def _why(why: Why, movement: Movement, result: DiffResult) -> list[Markup]:
    title = f"Behind it: {movements.why_title(why, movement)}"
    shown = why.examples[: examples.MOST]
    return [
        element("h4", title),
        *(examples.cause(influence, movement, result) for influence in shown),
    ]
