"""A review as a JUnit report: a suite for the commits, and one for each data set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from dslineage_cli.render.ci.words import (
    clipped,
    count_words,
    gate_words,
    remarks,
    versions,
    whose_words,
)

if TYPE_CHECKING:
    from dslineage.pullrequest.gateedits import JudgedGate
    from dslineage.pullrequest.result import DatasetChange
    from dslineage_cli.render.ci.words import Remark
    from dslineage_hooks.review import Review

_NO_XML = re.compile("[\ufffe\uffff]")
"""What `visible` lets through and XML 1.0 does not."""

_OUTCOMES = {"fail": "failure", "not comparable": "error", "waived": "skipped"}
_LONGEST = 1_000


def text(review: Review) -> str:
    """The report."""
    root = ET.Element("testsuites", name="dslineage")
    found = [one for one in remarks(review) if one.level == "error"]
    _commits(root, [one for one in found if one.kind not in {"gate", "unreadable"}])
    for dataset in review.change.datasets:
        _dataset(root, dataset)
    for suite in root:
        for name, count in _counts(suite).items():
            suite.set(name, str(count))
    for name, count in _counts(root).items():
        if name != "skipped":
            root.set(name, str(count))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _commits(root: ET.Element, faults: list[Remark]) -> None:
    """What the hooks would have stopped; one case that passes, where that is nothing."""
    suite = ET.SubElement(root, "testsuite", name="commits")
    if not faults:
        _case(suite, "commits", "pointers, records and data agree")
    for fault in faults:
        case = _case(suite, "commits", f"{fault.kind} {fault.path}")
        said = f"{fault.message} ({fault.hint})" if fault.hint else fault.message
        _outcome(case, "failure", fault.kind, said)


def _dataset(root: ET.Element, dataset: DatasetChange) -> None:
    suite = ET.SubElement(root, "testsuite", name=_shown(dataset.name))
    case = _case(suite, dataset.name, f"recorded {versions(dataset)}")
    if dataset.problem:
        _outcome(case, "error", "unreadable", dataset.problem)
    for gate in dataset.gates:
        _gate(suite, dataset.name, gate)
    ET.SubElement(suite, "system-out").text = _shown(count_words(dataset))


def _gate(suite: ET.Element, name: str, gate: JudgedGate) -> None:
    whose = whose_words(gate)
    result = gate.result
    called = f"{result.metric} {result.bound}{f' ({whose})' if whose else ''}"
    case = _case(suite, name, called)
    outcome = _OUTCOMES.get(result.verdict)
    if outcome is not None:
        _outcome(case, outcome, "gate", gate_words(gate))


def _case(suite: ET.Element, classname: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_shown(classname), name=_shown(name))


def _outcome(case: ET.Element, tag: str, kind: str, said: str) -> None:
    found = ET.SubElement(case, tag, message=_shown(said))
    if tag != "skipped":
        found.set("type", _shown(kind))
        found.text = _shown(said)


def _counts(element: ET.Element) -> dict[str, int]:
    outcomes = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: len(list(element.iter(tag))) for name, tag in outcomes.items()}
    return {"tests": len(list(element.iter("testcase"))), **counts}


def _shown(said: str) -> str:
    """The text as XML can have it."""
    return _NO_XML.sub(lambda one: f"\\u{ord(one[0]):04x}", clipped(said, _LONGEST))
