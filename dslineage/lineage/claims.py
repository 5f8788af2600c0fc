"""Claims: statements about any node, made by people, and listed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dslineage.errors import UsageError
from dslineage.lineage.node import Node, node_of
from dslineage.members import address, choice, count, day, digest, filled, known, matching, member
from dslineage.records import CLAIM_TYPE, ClaimRecord, Record
from dslineage.records.form import ids

if TYPE_CHECKING:
    from pathlib import Path

    from dslineage.lineage.registry import Registry
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp

Read = Callable[[Mapping[str, Any], str], Any]
ORIGIN = "origin"
DECISIONS = ("retrain", "unlearn", "suppress", "accept")
_KEYED = re.compile(r"[0-9a-f]{64}")
_TRUTHS = {"yes": True, "no": False}
_NOUNS = {"dataset": "version"}
_OWN_COMMANDS = {"review": "dslineage review import SHEET", "waiver": "dslineage check --waive"}


class Body(NamedTuple):
    """What the body of a type of claim has: members that it must have, and those it may have.

    `about` are the kinds of nodes that it can be about, all where there is none. Any may have a
    `reason`.
    """

    must: Mapping[str, Read]
    may: Mapping[str, Read]
    about: tuple[str, ...] = ()


def _dataset_id(document: Mapping[str, Any], name: str) -> str:
    return ids([document[name]], "dataset")[0]


def _source_id(document: Mapping[str, Any], name: str) -> str:
    return ids([document[name]], "source")[0]


def _word(document: Mapping[str, Any], name: str) -> str:
    return matching(document, name, CLAIM_TYPE)


def _score(document: Mapping[str, Any], name: str) -> float:
    value = document[name]
    if type(value) not in {int, float} or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r:.100}, not a number")
    return float(value)


def _truth(document: Mapping[str, Any], name: str) -> bool:
    return member(document, name, bool)


def _digest(document: Mapping[str, Any], name: str) -> str:
    return str(digest(document, name))


def _keyed(document: Mapping[str, Any], name: str) -> list[str]:
    hashes = member(document, name, list)
    if not all(isinstance(one, str) and _KEYED.fullmatch(one) for one in hashes):
        raise ValueError(f"{name} has more than keyed hashes in it")
    return hashes


def _decision(document: Mapping[str, Any], name: str) -> str:
    if document[name] not in DECISIONS:
        raise ValueError(f"{name} is {document[name]!r:.100}, and none of {', '.join(DECISIONS)}")
    return choice(document, name, DECISIONS)


BODIES: dict[str, Body] = {
    "licence": Body({"name": filled}, {"as_of": day, "url": address}),
    "pii": Body({"found": _truth}, {"scanner": filled, "coverage": filled, "examples": count}),
    "contamination": Body({"set": filled}, {"examples": count, "method": filled}),
    "takedown": Body(
        {"what": filled},
        {
            "request": filled,
            "requested_by": filled,
            "received": day,
            "recall": filled,
            "examples": count,
            "keyed": _keyed,
            "objects": count,
            "elsewhere": count,
            "receipt": _digest,
        },
    ),
    "deployment": Body({"to": filled}, {"since": day, "until": day}, ("model",)),
    "decision": Body({"decision": _decision}, {"recall": filled, "until": day}),
    "evaluation": Body(
        {"evaluation": filled, "score": _score},
        {"set": _dataset_id, "harness": filled, "metric": filled, "shots": count},
        ("model", "run"),
    ),
    ORIGIN: Body({"source": _source_id}, {}, ("dataset",)),
    "gap": Body({"kind": _word, "message": filled}, {}),
}
"""What claims of the types that dslineage knows say. Any other type has any body."""


@dataclass(frozen=True, slots=True)
class ClaimAdded:
    """A claim that was recorded."""

    record: ClaimRecord
    about: Node
    path: str
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.claim-added/1`."""
        return {
            "schema": "dslineage.claim-added/1",
            "about": self.about.ref,
            "path": self.path,
            "notices": list(self.notices),
            "claim": self.record.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ClaimList:
    """Claims, the newest first, each with the node that it is about."""

    claims: tuple[tuple[ClaimRecord, Node], ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.claims/1`."""
        return {
            "schema": "dslineage.claims/1",
            "claims": [
                {"about": about.ref, "claim": record.to_dict()} for record, about in self.claims
            ],
        }


def add_claim(
    registry: Registry,
    store: Store,
    about: Record,
    type_: str,
    body: Mapping[str, Any],
    stamp: Stamp,
) -> ClaimAdded:
    """Record a statement about a node; see `checked_body` for what it may say.

    Raises:
        UsageError: a claim of that type says something else, or is about another kind of node.
    """
    checked = checked_body(type_, body, about.kind)
    record = ClaimRecord(
        subject=about.id,
        dataset=node_of(about).name,
        type=type_,
        body=checked | known(reason=stamp.message),
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )
    strange = f"{type_} is no type that dslineage knows: it is kept as it is"
    notices = () if type_ in BODIES else (strange,)
    return ClaimAdded(record, node_of(about), registry.keep([record], store)[0], notices)


def checked_body(type_: str, body: Mapping[str, Any], about: str) -> dict[str, Any]:
    """The body of a claim, if it is what its type defines.

    Texts stand for numbers and truths where the type has those. A type that dslineage does not
    know may say anything.

    Args:
        type_: the type of the claim.
        body: what it says.
        about: the kind of the node that it is about.

    Raises:
        UsageError: it is not; the message says what is missing or wrong.
    """
    if not CLAIM_TYPE.fullmatch(type_):
        raise _refused(f"{type_!r} is no type: lower-case letters, digits and - are")
    if type_ in _OWN_COMMANDS:
        raise _refused(f"claims of type {type_} have a command of their own", _OWN_COMMANDS[type_])
    if any(value is None for value in body.values()):
        raise _refused("what a claim does not know it leaves out")
    defined = BODIES.get(type_)
    if defined is None:
        return dict(body)
    if defined.about and about not in defined.about:
        fitting = " or ".join(_NOUNS.get(kind, kind) for kind in defined.about)
        raise _refused(
            f"a claim of type {type_} is about a {fitting}, not a {_NOUNS.get(about, about)}"
        )
    allowed = {**defined.must, **defined.may, "reason": filled}
    if missing := defined.must.keys() - body.keys():
        raise _refused(f"a claim of type {type_} says {', '.join(sorted(missing))}")
    if strange := body.keys() - allowed.keys():
        what = f"{', '.join(sorted(allowed))}, not {', '.join(sorted(strange))}"
        raise _refused(f"a claim of type {type_} says {what}")
    return {name: _value(allowed[name], body, name) for name in sorted(body)}


def resolved_body(
    registry: Registry, type_: str, body: Mapping[str, Any], here: Path
) -> dict[str, Any]:
    """The body with the ids of what it names, where its type has ids there.

    Raises:
        NotFoundError: what it names is unknown.
    """
    defined = BODIES.get(type_, Body({}, {}))
    reads = {**defined.must, **defined.may}
    return {
        name: registry.find(value, here=here).id
        if isinstance(value, str) and reads.get(name) in {_dataset_id, _source_id}
        else value
        for name, value in body.items()
    }


def list_claims(registry: Registry, about: Record | None, type_: str | None = None) -> ClaimList:
    """The claims about a node, or all, of one type or of all; the newest first."""
    found = [
        claim
        for claim in registry.every(ClaimRecord)
        if type_ in {None, claim.type} and (about is None or claim.subject == about.id)
    ]
    nodes = registry.graph().nodes_of({claim.subject for claim in found})
    found.sort(key=lambda claim: (claim.created_at, claim.id), reverse=True)
    return ClaimList(tuple((claim, nodes[claim.subject]) for claim in found))


def _value(read: Read, body: Mapping[str, Any], name: str) -> Any:
    value = body[name]
    if isinstance(value, str) and read in {count, _score, _truth}:
        value = _plain(value)
    try:
        return read({name: value}, name)
    except (TypeError, ValueError) as error:
        raise _refused(f"{error}") from error


def _plain(text: str) -> Any:
    """The number or truth that a text says; the text where it says none."""
    if text in _TRUTHS:
        return _TRUTHS[text]
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _refused(why: str, hint: str = "see docs/claims.md") -> UsageError:
    return UsageError(why, kind="bad-claim", hint=hint)
