"""What was said about a model and all that it rests on, and what of it is still to be decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dslineage.audit.audited import ClaimLine, Section
from dslineage.audit.lines import counted
from dslineage.audit.reading import Reader
from dslineage.records import ClaimRecord

if TYPE_CHECKING:
    from dslineage.lineage.node import Node

DUE = ("takedown", "recall", "pii", "contamination", "gap")
"""Types of claims about which something has to be decided."""

FORBIDDING = ("takedown", "recall")
"""Those that an audit with a requirement fails over while nothing is decided."""

_DECIDED = {"decision": "decided", "takedown": "deleted"}


def claims(reader: Reader, subject: Node, ids: Iterable[str]) -> Section[ClaimLine]:
    """The claims about some nodes: the open ones first, then by type and age.

    A decision closes a claim if it is about that claim; if it names the recall that the claim
    names, and is about the same node or about the audited model; or, where neither names one, if
    it is about the same node, and not older. So does the case file of a version whose examples were
    forgotten: what was to be deleted of it is.
    """
    told: dict[str, list[ClaimRecord]] = {}
    every = [subject.id, *ids]
    for about, nodes in reader.graph.claims_of(every).items():
        records = (reader.record(node.id, ClaimRecord) for node in nodes)
        told[about] = [record for record in records if record is not None]
    decisions = [one for some in told.values() for one in some if _decides(one)]
    about_claims = reader.graph.claims_of(one.id for some in told.values() for one in some)
    for some in about_claims.values():
        records = (reader.record(node.id, ClaimRecord) for node in some)
        decisions += [record for record in records if record and record.type == "decision"]
    lines = [
        _line(reader.node(about), record, decisions, subject)
        for about, some in told.items()
        for record in some
        if record.type not in {"origin", "decision"}
    ]
    lines.sort(key=lambda line: (not line.open, line.type, line.created_at, line.id))
    return Section(
        tuple(lines),
        (f"the claims about {counted(len(every), 'record')} in this work tree",),
        ("whether anybody has objected elsewhere: only what was recorded here is known",),
    )


def _line(
    about: Node, claim: ClaimRecord, decisions: Iterable[ClaimRecord], subject: Node
) -> ClaimLine:
    due = claim.type in DUE and claim.body.get("found") is not False
    found = [one for one in decisions if due and _closes(one, claim, subject)]
    last = max(found, key=lambda one: (one.created_at, one.id), default=None)
    decided = str(last.body.get("decision", _DECIDED[last.type])) if last else None
    return ClaimLine(
        about=about,
        id=claim.id,
        type=claim.type,
        body=claim.body,
        author=claim.author,
        created_at=claim.created_at,
        open=due and decided is None,
        decision=decided,
    )


def _decides(claim: ClaimRecord) -> bool:
    deleted = claim.type == "takedown" and "receipt" in claim.body
    return claim.type == "decision" or (deleted and claim.subject.startswith("dataset:"))


def _closes(decision: ClaimRecord, claim: ClaimRecord, subject: Node) -> bool:
    if decision.subject == claim.id:
        return True
    recall = claim.body.get("recall")
    if decision.body.get("recall") != recall:
        return False
    if recall is None:
        return decision.subject == claim.subject and decision.created_at >= claim.created_at
    return decision.subject in {claim.subject, subject.id}
