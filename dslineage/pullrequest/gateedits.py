"""How a change of `dslineage.toml` edits the gates, and what the gates of both ends say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.quality.gates import GateResult, Measured, Waiver, check_gates

if TYPE_CHECKING:
    from dslineage.config import Bound, Config, GateConfig

By = Literal["both", "base", "head"]
"""Whose gate it is: unchanged, or only as it was before, or only as the pull request has it."""

_LEAST = ("min",)
"""Bounds of which the smaller one is the looser; of the others it is the greater one."""


class _Place(NamedTuple):
    dataset: str | None
    metric: str
    kind: str


@dataclass(frozen=True, slots=True)
class GateEdit:
    """One bound of a gate as it was and as it is; empty where there was or is none.

    `looser` says that it lets more through than before.
    """

    dataset: str | None
    metric: str
    before: str
    after: str
    looser: bool

    def to_dict(self) -> dict[str, Any]:
        """The edit as a JSON object."""
        return {
            "dataset": self.dataset,
            "metric": self.metric,
            "from": self.before or None,
            "to": self.after or None,
            "looser": self.looser,
        }


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """What a gate says of a version, whose gate it is, and whether its waiver is new."""

    result: GateResult
    by: By
    waived_here: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The verdict as a JSON object."""
        return {**self.result.to_dict(), "by": self.by, "waived_here": self.waived_here}


def gate_edits(before: Config, after: Config) -> tuple[GateEdit, ...]:
    """Every bound that differs, loosened ones first."""
    older, newer = _by_place(before.gates), _by_place(after.gates)
    edits: list[GateEdit] = []
    for place in dict.fromkeys([*older, *newer]):
        was, now = older.get(place, []), newer.get(place, [])
        gone = [gate for gate in was if gate not in now]
        come = [gate for gate in now if gate not in was]
        edits += [_edit(place, *pair) for pair in zip_longest(gone, come)]
    return tuple(sorted(edits, key=lambda edit: not edit.looser))


def judged(
    version: Measured,
    parent: Measured | None,
    settings: tuple[Config, Config],
    waivers: Sequence[Waiver],
    known: Sequence[Waiver],
    today: str,
    was: str,
) -> Iterator[JudgedGate]:
    """What the gates before and after a change of the settings say of a version.

    Args:
        version: the version.
        parent: that from which ratchets count; None for a first version.
        settings: those before, and those after.
        waivers: those of its data set, new ones too.
        known: those that were there before.
        today: the day, as ISO 8601.
        was: what the data set was called: a new name rids it of no gate.
    """
    names = was, version.label.rpartition("@")[0]
    older, newer = (
        dict(_bounds_for(name, one.gates)) for name, one in zip(names, settings, strict=True)
    )
    kept = [gate for key, gate in newer.items() if key in older]
    made = [gate for key, gate in newer.items() if key not in older]
    gone = [gate for key, gate in older.items() if key not in newer]
    whose: Iterable[tuple[By, list[GateConfig]]] = ("both", kept), ("head", made), ("base", gone)
    for by, gates in whose:
        for result in check_gates(version, parent, gates, waivers, today):
            new = result.waiver is not None and result.waiver not in known
            yield JudgedGate(result, by, new)


def _bounds_for(
    dataset: str, gates: Sequence[GateConfig]
) -> Iterator[tuple[GateConfig, GateConfig]]:
    """The gates on a data set, one for each bound, by all of them that counts for a verdict."""
    for gate in gates:
        if gate.dataset in {None, dataset}:
            for bound in gate.bounds:
                one = replace(gate, bounds=(bound,), dataset=None)
                yield replace(one, reason=""), one


def _by_place(gates: Sequence[GateConfig]) -> Mapping[_Place, list[GateConfig]]:
    found: dict[_Place, list[GateConfig]] = {}
    for gate in gates:
        for bound in gate.bounds:
            place = _Place(gate.dataset, gate.metric, bound.kind)
            found.setdefault(place, []).append(replace(gate, bounds=(bound,), reason=""))
    return found


def _edit(place: _Place, before: GateConfig | None, after: GateConfig | None) -> GateEdit:
    was, now = ("" if gate is None else _words(gate) for gate in (before, after))
    return GateEdit(place.dataset, place.metric, was, now, _is_looser(before, after))


def _words(gate: GateConfig) -> str:
    [bound] = gate.bounds
    flags = [", only warns"] if gate.warn else []
    flags += [", judges count"] if gate.judge else []
    return f"{bound.kind} {bound.written}{''.join(flags)}"


def _is_looser(before: GateConfig | None, after: GateConfig | None) -> bool:
    if before is None or after is None:
        return after is None
    if after.warn > before.warn or after.judge < before.judge:
        return True
    return _room(after.bounds[0]) > _room(before.bounds[0])


def _room(bound: Bound) -> float:
    """How much a bound lets through, to be compared with another of its kind."""
    return -bound.value if bound.kind in _LEAST else bound.value
