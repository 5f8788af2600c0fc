"""Metrics as text: the profile, one definition, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dslineage_cli.page import Page, bold, dim, padded, yellow
from dslineage_cli.render.figures import ARROWS, figure_text, number_text
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.quality.explanation import Explanation, ProfileExplanation
    from dslineage.results import MeasureResult, TrustResult, VersionInfo

_NAME = 24
_FIGURE = 14
_COUNTS_SHOWN = 6
_TITLE, _BAR, _SAID = 16, 30, 40


def listed(result: ProfileExplanation, into: Page) -> Page:
    """The metrics of a profile, one a line."""
    judges = sum(metric.kind == "judge" for metric in result.metrics)
    beside = f" and {counted(judges, 'judge')}" if judges else ""
    into.add(bold(result.profile), f"  {counted(len(result.metrics) - judges, 'metric')}{beside}")
    into.blank()
    for metric in result.metrics:
        name, arrow = padded(metric.name, _NAME), ARROWS[metric.better]
        into.wrap(f"{name}{padded(metric.unit, 10)}{arrow}  ", dim(metric.formula), indent=2,
                  hanging=_NAME + 13)  # fmt: skip
    for name, why in sorted(result.unavailable.items()):
        into.wrap(padded(name, _NAME), yellow(f"not measured: {why}"), indent=2, hanging=_NAME)
    into.blank()
    into.next("dslineage metrics explain refusal")
    return into


def explained(metric: Explanation, into: Page) -> Page:
    """One metric, with all that its figure depends on."""
    into.add(bold(metric.name), dim(f"  {metric.id}"))
    into.blank()
    facts = [
        ("formula", metric.formula),
        ("unit", metric.unit),
        ("better", f"{ARROWS[metric.better]} {metric.better}"),
        ("kind", metric.kind),
        ("source", metric.source),
        ("parameters", ", ".join(f"{name} {value}" for name, value in metric.params.items())),
        ("reasons", ", ".join(metric.labels)),
        ("lexicons", ", ".join(metric.lexicons)),
        ("example", metric.worked),
        ("code", metric.about),
    ]
    for label, text in facts:
        if text:
            into.wrap(dim(f"{label:<12}"), " ".join(text.split()), indent=2, hanging=12)
    return into


def measured(result: MeasureResult, into: Page) -> Page:
    """Which versions were measured."""
    for version, new in zip(result.versions, result.new, strict=True):
        measurement = version.measurement
        profile = measurement.profile if measurement else ""
        said = "measured under" if new else "was measured already under"
        into.add(bold(version.title), f"  {said} {profile}")
    if not result.versions:
        into.add("there is no version yet")
        into.next("dslineage scan .")
    elif len(result.versions) == 1:
        record = result.versions[0].record
        into.next(f"dslineage show {record.dataset}@{record.label}")
    return into


def figures(info: VersionInfo, into: Page) -> None:
    """What was measured of a version, one metric a line."""
    into.blank()
    if info.measurement is None:
        into.add(dim("  metrics"), "  not measured")
        into.next(f"dslineage metrics run {info.record.dataset}@{info.record.label}")
        return
    into.add(dim(f"  metrics  {info.measurement.profile}"))
    for name, found in info.metrics.items():
        shown = "" if _category(found) else figure_text(found["value"], found["unit"])
        into.wrap(padded(name, _NAME), padded(f"{shown} ", _FIGURE), dim(_more(found)), indent=4,
                  hanging=_NAME + _FIGURE)  # fmt: skip
    for name, why in sorted(info.measurement.unmeasured.items()):
        into.wrap(padded(name, _NAME), yellow(f"not measured: {why}"), indent=4, hanging=_NAME)


def over_versions(infos: Sequence[VersionInfo], name: str, into: Page) -> None:
    """One metric of the versions of a data set as bars, the newest first.

    What was measured under another definition than the newest is not compared with it.
    """
    found = [info.metrics.get(name) for info in infos]
    ids = [one["id"] for one in found if one]
    category = next((_category(one) for one in found if one), None)
    values = [_drawn(one, category) for one in found if one and one["id"] == ids[0]]
    top = max((abs(value) for value in values if value is not None), default=0)
    of = f", share of {category}" if category else ""
    into.add(f"  {name}{of}", dim(f"  {ids[0]}" if ids else ""))
    for info, one in zip(infos, found, strict=True):
        title = padded(info.record.title, _TITLE)
        if one is None:
            into.add(f"  {title}", dim("not measured"))
        elif one["id"] != ids[0]:
            into.add(f"  {title}", yellow(f"not comparable: {one['id']}"))
        else:
            value = _drawn(one, category)
            length = round(_BAR * abs(value) / top) if value and top else 0
            bar = "█" * length or ("▏" if value else "")
            shown = padded(figure_text(value, "share" if category else one["unit"]), _FIGURE)
            into.add(f"  {title}", shown, padded(bar, _BAR + 1), dim(info.record.message[:_SAID]))


def _category(found: Mapping[str, Any]) -> str | None:
    """The largest category of a metric that has no figure but those of its categories."""
    return next(iter(found.get("counts", {})), None) if found["value"] is None else None


def _drawn(found: Mapping[str, Any], category: str | None) -> float | None:
    """The figure, or the share of a category."""
    value: float | None = found["value"]
    if category is not None and found["examples"]:
        value = found["counts"].get(category, 0) / found["examples"]
    return value


def _more(found: Mapping[str, Any]) -> str:
    """What stands behind a figure: quantiles, the largest counts, coverage."""
    said = []
    if found.get("sample") is not None and "applies_to" in found:
        said.append(f"measured on a sample of {found['sample']:,} of {found['of']:,}")
        if found.get("low") is not None:
            said.append(f"95 % interval {found['low']:,.4g} to {found['high']:,.4g}")
    if found.get("p50") is not None:
        low, middle, high = (number_text(found[name]) for name in ("p5", "p50", "p95"))
        said.append(f"5% {low}, median {middle}, 95% {high}")
    counts = list(found.get("counts", {}).items())
    said += [f"{name} {count:,}" for name, count in counts[:_COUNTS_SHOWN]]
    if len(counts) > _COUNTS_SHOWN:
        said.append(f"{len(counts) - _COUNTS_SHOWN} more")
    if found.get("not_applicable"):
        said.append(f"not applicable to {found['not_applicable']:,}")
    return ", ".join(said)


def trusted(result: TrustResult, into: Page) -> Page:
    """Whether a file may run."""
    if not result.trusted:
        into.add(f"{result.file} is trusted no more" if result.changed else "it was not trusted")
        return into
    already = "" if result.changed else " already"
    into.add(f"{result.file} is trusted{already}, until it is edited", dim(f"  {result.digest}"))
    into.next("dslineage metrics run")
    return into
