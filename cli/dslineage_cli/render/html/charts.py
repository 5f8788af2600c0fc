"""Small charts as inline SVG. What they show in colour they show by form and in words, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dslineage_cli.page import elide
from dslineage_cli.render.html.element import Content, Markup, element

if TYPE_CHECKING:
    from dslineage.quality.chance import Chance
    from dslineage_cli.render.histograms import Bins

WIDTH = 320
_LABEL, _FIGURE = 72, 92
_ROW, _BAR = 22, 14
_TALL = 44
_SPREAD = 3
"""Standard deviations that the band of a random change reaches to either side."""

Written = Callable[[float], str]


class Part(NamedTuple):
    """A labelled amount with a sign; `style` is the class of its bar."""

    label: str
    amount: float
    style: str = "new"


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places between the labels and the figures of a chart."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        room = WIDTH - _LABEL - _FIGURE
        return _LABEL + room * (value - self.low) / ((self.high - self.low) or 1)


def shift(
    name: str, sides: tuple[float, float], chance: Chance | None, written: Written, *, zero: bool
) -> Markup:
    """A figure before and after, and where a random change of the same size would leave it.

    Bars begin at `zero`; without it, points stand on a line that shows the neighbourhood only.
    """
    band = _band(chance)
    values = [*sides, *band]
    low, high = (min(0.0, *values) if zero else min(values)), max(values)
    margin = 0.0 if zero else (high - low) * 0.08
    scale = _Scale(low - margin, high + margin)
    shapes: list[Content] = []
    for at, (side, style) in enumerate((("before", "old"), ("after", "new"))):
        top, value = at * _ROW, sides[at]
        shapes += [_text(side, 0, top, quiet=True), _text(written(value), WIDTH, top, end=True)]
        if at and band:
            left, right = scale(band[0]), scale(band[1])
            shapes.append(_rect(left, top + 1, max(right - left, 1), _ROW - 2, "chance"))
        if zero:
            left, right = sorted((scale(0), scale(value)))
            height = _BAR if not (at and band) else _BAR / 2
            y = top + (_ROW - height) / 2
            shapes.append(_rect(left, y, max(right - left, 1), height, style))
        else:
            shapes.append(_axis(_LABEL, top + _ROW / 2, WIDTH - _FIGURE, top + _ROW / 2))
            shapes.append(element("circle", cx=scale(value), cy=top + _ROW / 2, r=5, class_=style))
    said = f"before {written(sides[0])}, after {written(sides[1])}"
    if band:
        said += f"; a random change gives {written(band[0])} to {written(band[1])}"
    return _svg(name, "before and after", said, 2 * _ROW, shapes)


def signed(name: str, title: str, parts: Sequence[Part], written: Written) -> Markup:
    """Amounts that raise or lower a figure, as bars to the right or left of a line."""
    reach = max((abs(part.amount) for part in parts), default=0)
    scale = _Scale(-reach, reach)
    shapes: list[Content] = []
    for at, (label, amount, style) in enumerate(parts):
        top = at * _ROW
        left, right = sorted((scale(0), scale(amount)))
        shapes += [
            _text(elide(label, 12), 0, top, quiet=True),
            _rect(left, top + (_ROW - _BAR) / 2, max(right - left, 0.5), _BAR,
                  style) if amount else None,
            _text(written(amount), WIDTH, top, end=True),
        ]  # fmt: skip
    shapes.append(_axis(scale(0), 0, scale(0), len(parts) * _ROW))
    said = ", ".join(f"{part.label} {written(part.amount)}" for part in parts)
    return _svg(name, title, said, len(parts) * _ROW, shapes)


def shares(
    name: str, rows: Sequence[tuple[str, float, float]], written: Written, title: str
) -> Markup:
    """The shares of some categories: of each a bar before, and one after below it."""
    top_share = max(max(before, after) for _, before, after in rows)
    scale = _Scale(0, top_share)
    shapes: list[Content] = []
    height = 3 * _ROW - 14
    for at, (label, *sides) in enumerate(rows):
        top = at * height
        shapes.append(_text(elide(label, 44), 0, top - 3))
        for below, (share, style) in enumerate(zip(sides, ("old", "new"), strict=True)):
            y = top + _ROW - 6 + below * 14
            shapes += [
                _text(("before", "after")[below], 0, y - 5, quiet=True),
                _rect(_LABEL, y + 1, max(scale(share) - _LABEL, 0.5), 10, style),
                _text(written(share), WIDTH, y - 5, end=True),
            ]
    said = "; ".join(f"{label} {written(old)} to {written(new)}" for label, old, new in rows)
    return _svg(name, title, said, len(rows) * height, shapes)


def histogram(name: str, bins: Bins, written: Written) -> Markup:
    """How the values lie before and, below, after, on one scale."""
    top_share = max(*bins.before, *bins.after)
    wide = WIDTH / len(bins.before)
    shapes: list[Content] = []
    for at, (side, shares_, style) in enumerate(
        (("before", bins.before, "old"), ("after", bins.after, "new"))
    ):
        floor = (at + 1) * (_TALL + 6)
        for place, share in enumerate(shares_):
            height = max(_TALL * share / top_share, 1) if share else 0
            if share:
                left = place * wide
                shapes.append(_rect(left + 0.5, floor - height, wide - 1, height, style))
        shapes.append(_axis(0, floor, WIDTH, floor))
        shapes.append(_text(side, WIDTH, floor - _TALL - 4, end=True, quiet=True))
    base = 2 * (_TALL + 6)
    shapes += [
        _text(written(bins.low), 0, base, quiet=True),
        _text(written(bins.high), WIDTH, base, end=True, quiet=True),
    ]
    peaks = [max(range(len(side)), key=side.__getitem__) for side in (bins.before, bins.after)]
    step = (bins.high - bins.low) / len(bins.before)
    centres = [written(bins.low + (peak + 0.5) * step) for peak in peaks]
    said = (
        f"values from {written(bins.low)} to {written(bins.high)}; "
        f"most lie near {centres[0]} before and near {centres[1]} after"
    )
    return _svg(name, "distribution of the values", said, base + _ROW, shapes)


def stack(name: str, title: str, parts: Sequence[Part]) -> Markup:
    """Amounts that make up a whole, side by side."""
    whole = sum(part.amount for part in parts) or 1
    shapes, left = [], 0.0
    for part in parts:
        wide = WIDTH * part.amount / whole
        if part.amount:
            shapes.append(_rect(left, 1, max(wide, 1.5), 18, part.style))
        left += wide
    said = ", ".join(f"{part.label} {int(part.amount):,}" for part in parts)
    return _svg(name, title, said, 20, shapes)


def _band(chance: Chance | None) -> tuple[float, ...]:
    if chance is None:
        return ()
    reach = _SPREAD * chance.sd
    return chance.expected - reach, chance.expected + reach


def _svg(name: str, title: str, said: str, height: float, shapes: Sequence[Content]) -> Markup:
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", said, id=f"{name}-desc"),
        *shapes,
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        viewBox=f"0 0 {WIDTH} {height:g}",
        width=WIDTH,
        height=float(height),
    )


def _rect(x: float, y: float, width: float, height: float, style: str) -> Markup:
    return element(
        "rect", x=float(x), y=float(y), width=float(width), height=float(height), class_=style
    )


def _axis(x1: float, y1: float, x2: float, y2: float) -> Markup:
    line = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
    return element("line", class_="axis", **line)


def _text(text: str, x: float, top: float, *, end: bool = False, quiet: bool = False) -> Markup:
    anchor = "end" if end else None
    return element(
        "text", text, x=float(x), y=float(top + 15), text_anchor=anchor,
        class_="quiet" if quiet else None,
    )  # fmt: skip


def legend(*parts: tuple[str, str]) -> Iterator[Markup]:
    """What the fillings of a chart mean."""
    for style, said in parts:
        swatch = element(
            "svg", _rect(0.5, 0.5, 11, 11, style), width=12, height=12, aria_hidden="true",
            class_="swatch",
        )  # fmt: skip
        yield element("span", swatch, " ", said, class_="key")
