"""What gates say, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dslineage_cli.page import Page, dim, green, padded, red, yellow
from dslineage_cli.render.figures import figure_text
from dslineage_cli.render.numbers import counted

if TYPE_CHECKING:
    from dslineage.quality.checking import CheckResult
    from dslineage.quality.gates import GateResult

_TONES = {
    "pass": green,
    "warn": yellow,
    "fail": red,
    "waived": yellow,
    "not comparable": yellow,
}
_VERDICT, _METRIC, _BOUND = 15, 24, 22


def checked(result: CheckResult, into: Page) -> Page:
    """Each gate with its verdict, what it rests on, and why the gate is there."""
    for one in result.returned:
        if one.examples is None:
            into.wrap(yellow(padded("not known", _VERDICT)), f"{one.version}  ", dim(one.why))
            into.next("dslineage fetch")
        else:
            said = f"has {counted(one.examples, 'example')} that must not come back"
            into.wrap(red(padded("forgotten", _VERDICT)), f"{one.version}  {said}")
    for notice in result.notices:
        into.wrap(yellow("note: "), notice, hanging=6)
    if not result.gates:
        into.add("no gate is set" if result.versions else "there is no version yet")
        into.wrap(dim("gates stand in dslineage.toml, see docs/gates.md"), indent=2)
        return into
    for gate in result.gates:
        _gate(gate, into)
    into.blank()
    counts = [
        f"{sum(gate.verdict == verdict for gate in result.gates):,} {verdict}"
        for verdict in _TONES
        if any(gate.verdict == verdict for gate in result.gates)
    ]
    into.add(f"{counted(len(result.gates), 'gate')}: {', '.join(counts)}")
    failed = next((gate for gate in result.gates if gate.verdict == "fail"), None)
    if failed is not None and failed.against:
        metric = failed.metric.partition("/")[0]
        into.next(
            f"dslineage diff {failed.dataset} {failed.against} {failed.version} --why {metric}"
        )
    elif result.undecided:
        into.next("dslineage metrics run")
    return into


def _gate(gate: GateResult, into: Page) -> None:
    figures = figure_text(gate.value, gate.unit) if gate.value is not None else ""
    if gate.before is not None:
        figures = f"{figure_text(gate.before, gate.unit)} → {figures}"
    into.wrap(
        _TONES[gate.verdict](padded(gate.verdict, _VERDICT)),
        f"{gate.dataset}@{gate.version}  ",
        padded(gate.metric, _METRIC),
        padded(gate.bound, _BOUND),
        f"{figures}  ",
        dim(f"{gate.why + '; ' if gate.why else ''}{gate.reason}"),
        hanging=_VERDICT,
    )
    if gate.waiver is not None:
        waiver = gate.waiver
        into.wrap(
            dim(f"waived by {waiver.author} until {waiver.until}: {waiver.reason}"),
            indent=_VERDICT,
        )
