"""A recall kept: claims about what it affects, and decisions about that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.lineage.claims import checked_body
from dslineage.members import known
from dslineage.recall.decisions import claims_about
from dslineage.records import ClaimRecord

if TYPE_CHECKING:
    from dslineage.recall.recall import RecallResult
    from dslineage.trace.trace import Tracer
    from dslineage.versions.recording import Stamp

_Said = tuple[str, str, dict[str, Any]]
"""The id of a node, a type of claim, and what it says."""
FILED_AS = ("recall", "takedown")
"""The types of claim as which a recall can be filed."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What is to be kept of a recall.

    `as_` is the type of claim as which it is filed, one of FILED_AS, or None; `decisions` are pairs
    of the reference of a version or model and a decision such as `retrain`; `reason` says why.
    """

    as_: str | None = None
    decisions: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def claims(self, tracer: Tracer, result: RecallResult, stamp: Stamp) -> list[ClaimRecord]:
        """The claims, but those that were filed before.

        They name the recall and count its examples; they hold no text, value or digest of an
        example, since git forgets nothing.

        Raises:
            UsageError: a decision is none, or about something that is not affected.
        """
        nodes, claims = tracer.history.nodes, []
        for id_, type_, said in (*self._filed(tracer, result), *self._decided(result)):
            body = known(recall=result.name, reason=self.reason, **said)
            checked = checked_body(type_, body, nodes[id_].kind)
            about = nodes[id_].name
            claims.append(
                ClaimRecord(id_, about, type_, checked, stamp.author, stamp.created_at, stamp.tool)
            )
        return claims

    def _filed(self, tracer: Tracer, result: RecallResult) -> Iterator[_Said]:
        if self.as_ is None:
            return
        if self.as_ not in FILED_AS:
            raise UsageError(f"no recall is filed as {self.as_!r:.100}", hint=" or ".join(FILED_AS))
        before = {one.subject for one in claims_about(tracer.history.graph, self.as_, result.name)}
        what = f"examples found by {' and '.join(sorted(result.asked))}"
        for version in result.versions:
            if version.id not in before:
                yield version.id, self.as_, {"what": f"has {what}", "examples": version.examples}
        for one in (*result.runs, *result.models):
            if one.seen.id not in before:
                yield one.seen.id, self.as_, {"what": f"{one.seen.answer} {what}"}

    def _decided(self, result: RecallResult) -> Iterator[_Said]:
        ids = {one.ref: one.id for one in result.versions}
        ids |= {one.seen.ref: one.seen.id for one in result.models}
        for ref, decision in self.decisions:
            if ref not in ids:
                raise UsageError(
                    f"{ref!r:.100} is no version or model that the recall affects",
                    hint=f"one of: {', '.join(sorted(ids)) or 'none'}",
                )
            yield ids[ref], "decision", {"decision": decision}
