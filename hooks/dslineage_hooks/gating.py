"""What gates say of the versions in a tree, from what is recorded in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dslineage.records import DatasetRecord
from dslineage.versions.tree import Tree
from dslineage_hooks.finding import Finding

if TYPE_CHECKING:
    from dslineage.config import Config
    from dslineage.quality.gates import GateResult


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
    from dslineage.quality.intree import measured_in, parent_in, waivers_in

    version, parent = measured_in(tree, record), parent_in(tree, record)
    results = check_gates(version, parent, gates, waivers_in(tree, record.dataset), today)
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
