"""What gates say of the versions in a tree, from what is recorded in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.records import ClaimRecord, DatasetRecord, MeasurementRecord
from dslineage.versions.catalog import MEASUREMENTS, RECORDS
from dslineage.versions.tree import Tree
from dslineage_hooks.finding import Finding

if TYPE_CHECKING:
    from dslineage.config import Config
    from dslineage.quality.gates import GateResult, Measured, Waiver


def check_gates_of(
    tree: Tree, config: Config, record: DatasetRecord, pointer: str, today: str
) -> Iterator[Finding]:
    """The gates that a version fails; as notes those that only warn, or cannot be judged.

    Args:
        tree: where measurements and waivers are.
        config: the gates.
        record: the version.
        pointer: the path of its pointer, which the findings are about.
        today: the day on which waivers must still hold, as ISO 8601.

    Raises:
        IntegrityError: a measurement or waiver was edited.
    """
    gates = [gate for gate in config.gates if gate.dataset in {None, record.dataset}]
    if not gates:
        return
    from dslineage.quality.gates import check_gates

    results = check_gates(
        _measured(tree, record), _parent(tree, record), gates, _waivers(tree, record), today
    )
    for result in results:
        if result.verdict in {"fail", "warn", "not comparable"}:
            yield _finding(result, pointer)


def _finding(result: GateResult, pointer: str) -> Finding:
    failed = result.verdict == "fail"
    value = "" if result.value is None else f"it is {result.value:.6g}"
    before = "" if result.before is None else f"it was {result.before:.6g}"
    why = "; ".join(filter(None, [value, before, result.why, result.reason]))
    verdict = {"fail": "fails", "warn": "warns"}.get(result.verdict, "cannot be judged")
    return Finding(
        "gate-failed" if failed else "gate-note",
        pointer,
        f"{result.dataset}@{result.version}: the gate {result.metric} {result.bound} {verdict}: "
        f"{why}",
        "dslineage metrics run" if result.value is None else "dslineage check",
        blocks=failed,
    )


def _measured(tree: Tree, record: DatasetRecord) -> Measured:
    """A version with what was measured of it, the newest first."""
    from dslineage.quality.gates import Measured

    folder = f"{MEASUREMENTS}/{record.dataset}"
    names = tree.named(folder, begin=f"{record.label}-", end=".json")
    read = [
        (MeasurementRecord.from_bytes(data, name), name)
        for name, data in zip(names, tree.read(names), strict=True)
    ]
    own = [one for one in read if one[0].subject == record.id]
    own.sort(key=lambda one: (one[0].created_at, one[1]), reverse=True)
    return Measured(f"{record.dataset}@{record.label}", [one for one, _ in own])


def _parent(tree: Tree, record: DatasetRecord) -> Measured | None:
    """The first parent; nothing is known of one whose record is not in the tree."""
    from dslineage.quality.gates import Measured

    for id_ in record.parents[:1]:
        digits = id_.rpartition(":")[2][:12]
        folder = f"{RECORDS}/{record.dataset}"
        for name in tree.named(folder, begin="v", end=f"-{digits}.json"):
            return _measured(tree, DatasetRecord.from_bytes(next(tree.read([name])), name))
        return Measured(f"{record.dataset}@{digits}")
    return None


def _waivers(tree: Tree, record: DatasetRecord) -> list[Waiver]:
    from dslineage.quality.gates import WAIVER, Waiver

    folder = f"{ClaimRecord.folder()}/{record.dataset}"
    names = tree.named(folder, begin=f"{WAIVER}-", end=".json")
    read = zip(names, tree.read(names), strict=True)
    return [Waiver.of(ClaimRecord.from_bytes(data, name)) for name, data in read]
