"""The case file of examples that were forgotten: claims about the versions and models they touch.

Whoever asks later, for a regulator or for themselves, finds who asked, what was searched for, what
was deleted and what was decided. The claims are in git, which forgets nothing: they have no text,
value or plain digest of an example.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.canonical.jcs import digest_of
from dslineage.elsewhere.models import trained_on
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.lineage.claims import checked_body
from dslineage.members import known
from dslineage.records import ClaimRecord, is_name
from dslineage.records.forgotten import EXAMPLE, keyed_hash

if TYPE_CHECKING:
    from dslineage.forgetting.result import ForgetResult
    from dslineage.lineage.node import Node
    from dslineage.lineage.registry import Registry
    from dslineage.records.forgotten import DenyList
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp

_MOST_KEYED = 1000
_Said = tuple[str, str, dict[str, Any]]
"""The id of a node, a type of claim, and what it says."""


@dataclass(frozen=True, slots=True)
class Case:
    """What made it necessary to forget, and what was decided.

    `name` is what the case is called, for one the name of the recall that came before; `request`
    says by what the request is known (a ticket, a letter), `requested_by` whose it is, `received`
    the day on which it came, as ISO 8601, `reason` why it is followed. `decisions` are pairs of the
    reference of a model that saw the examples and a decision such as `retrain`.
    """

    name: str
    request: str = ""
    requested_by: str = ""
    received: str = ""
    reason: str = ""
    decisions: tuple[tuple[str, str], ...] = ()


class Subjects(NamedTuple):
    """What a case is about: nodes by their ids; the id and answer of each model, by reference."""

    nodes: Mapping[str, Node]
    models: Mapping[str, tuple[str, str]]


def subjects_of(
    registry: Registry, store: Store, case: Case, affected: Mapping[str, Collection[bytes]]
) -> Subjects:
    """The versions and models that a case is about, if it can be filed.

    Args:
        registry: the records.
        store: the objects.
        case: why.
        affected: the digests of the examples that each version has, by the id of its record.

    Raises:
        UsageError: the case has no name, a day is none, or a decision is none, or about something
            else than a model that saw the examples.
    """
    if not is_name(case.name):
        raise UsageError(f"{case.name!r} cannot name a case", hint="--case gdpr-17")
    checked_body("takedown", {"what": "…", **_request(case)}, "dataset")
    graph = registry.graph()
    examples = frozenset(digest for digests in affected.values() for digest in digests)
    models = {seen.ref: (seen.id, seen.answer) for seen in trained_on(graph, store, examples)}
    for ref, decision in case.decisions:
        checked_body("decision", {"decision": decision}, "model")
        if ref not in models:
            raise UsageError(
                f"{ref!r:.100} is no model that saw the examples",
                hint=f"one of: {', '.join(sorted(models)) or 'none'}",
            )
    return Subjects(graph.nodes_of({*affected, *(id_ for id_, _ in models.values())}), models)


def file_case(
    registry: Registry,
    store: Store,
    case: Case,
    deny: DenyList,
    result: ForgetResult,
    affected: Mapping[str, Collection[bytes]],
    stamp: Stamp,
) -> tuple[str, ...]:
    """Keep what was done as claims, staged in git; what was filed before is not filed again.

    Args:
        registry: the records.
        store: the objects, of which the digests of what was forgotten are left.
        case: why.
        deny: the list on which the examples are, with its key.
        result: what was done.
        affected: the digests of the examples that each version had, by the id of its record.
        stamp: who files it, when, and why.

    Returns:
        the paths of the claims.

    Raises:
        UsageError: the case cannot be filed; see `subjects_of`.
    """
    nodes, models = subjects_of(registry, store, case, affected)
    common = {
        **_request(case),
        "elsewhere": sum(place.remains for place in result.places),
        "receipt": str(receipt(result)),
    }
    said: list[_Said] = [
        (id_, "takedown", {**_of_version(deny, affected[id_], result), **common})
        for id_ in affected
        if id_ in nodes
    ]
    for id_, answer in models.values():
        what = f"{answer} examples that were forgotten"
        said.append((id_, "takedown", {"what": what, **common}))
    for ref, decision in case.decisions:
        told = {"decision": decision, "recall": case.name}
        said.append((models[ref][0], "decision", told))
    claims = [_claim(nodes[id_], type_, body, stamp) for id_, type_, body in said]
    before = {_gist(claim) for claim in registry.every(ClaimRecord)}
    new = [claim for claim in claims if _gist(claim) not in before]
    return tuple(registry.keep(new, store)) if new else ()


def _request(case: Case) -> dict[str, Any]:
    """What claims say of the request."""
    return known(
        recall=case.name,
        request=case.request,
        requested_by=case.requested_by,
        received=case.received,
    )


def receipt(result: ForgetResult) -> Digest:
    """The hash of what was changed: of the canonical JSON of the names of all objects."""
    return digest_of(
        {
            "rewritten": sorted(result.rewritten),
            "removed": sorted(result.removed),
            "remotes": [
                {
                    "name": remote.name,
                    "replaced": sorted(remote.replaced),
                    "deleted": sorted(remote.deleted),
                }
                for remote in sorted(result.remotes, key=lambda one: one.name)
            ],
        }
    )


def _of_version(deny: DenyList, digests: Collection[bytes], result: ForgetResult) -> dict[str, Any]:
    """What is said of a version: its examples by keyed hash, and how many objects were changed."""
    keyed = sorted(one.hex() for one in map(keyed_hash(deny.key, EXAMPLE), set(digests)))
    return {
        "what": "examples were forgotten, and their bytes deleted",
        "examples": len(keyed),
        "objects": len(result.rewritten) + len(result.removed),
        **({"keyed": keyed} if len(keyed) <= _MOST_KEYED else {}),
    }


def _claim(about: Node, type_: str, body: Mapping[str, Any], stamp: Stamp) -> ClaimRecord:
    checked = checked_body(type_, known(**body, reason=stamp.message), about.kind)
    return ClaimRecord(
        about.id, about.name, type_, checked, stamp.author, stamp.created_at, stamp.tool
    )


def _gist(claim: ClaimRecord) -> str:
    """What a claim says of what, whoever says it and when."""
    return str(digest_of([claim.subject, claim.type, dict(claim.body)]))
