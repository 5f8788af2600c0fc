"""Verdicts that people wrote into sheets, as claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dslineage.errors import BadDataError, Fault
from dslineage.members import member
from dslineage.reviewing.sampling import newer_is_a
from dslineage.reviewing.sheet import BLIND_VERDICTS, VERDICTS

if TYPE_CHECKING:
    from dslineage.records import ClaimRecord
    from dslineage.reviewing.workbook import Filled, Line

REVIEW = "review"
SIDES = ("newer", "older", "same")
"""What a blind verdict says, once it is known which side was which."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reviewer said about one row; of a blind row, `verdict` is one of `SIDES`."""

    reviewer: str
    row: str
    example: str
    before: str
    verdict: str
    note: str

    def to_dict(self) -> dict[str, str]:
        """The verdict as a JSON object; the reviewer stands in the claim."""
        found = {"row": self.row, "example": self.example, "before": self.before}
        found |= {"verdict": self.verdict, "note": self.note}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Review:
    """The verdicts of one reviewer on one sample of one version, or of one pair of versions."""

    dataset: str
    version: str
    from_version: str
    sample: str
    seed: int
    blind: bool
    reviewer: str
    verdicts: tuple[Verdict, ...]
    follows: str = ""

    def body(self) -> dict[str, Any]:
        """The body of the claim; `follows` names the reviewer's claim before on the same sample."""
        body: dict[str, Any] = {
            "reviewer": self.reviewer,
            "sample": self.sample,
            "seed": self.seed,
            "blind": self.blind,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
        }
        known = {"from_version": self.from_version, "follows": self.follows}
        return body | {name: id_ for name, id_ in known.items() if id_}

    @classmethod
    def of(cls, claim: ClaimRecord) -> Review:
        """A claim of type `review`; a KeyError or TypeError where it is none."""
        body = claim.body
        reviewer = member(body, "reviewer", str)
        return cls(
            dataset=claim.dataset,
            version=claim.subject,
            from_version=str(body.get("from_version", "")),
            sample=member(body, "sample", str),
            seed=member(body, "seed", int),
            blind=member(body, "blind", bool),
            reviewer=reviewer,
            follows=str(body.get("follows", "")),
            verdicts=tuple(
                Verdict(
                    reviewer,
                    member(one, "row", str),
                    member(one, "example", str),
                    str(one.get("before", "")),
                    member(one, "verdict", str),
                    str(one.get("note", "")),
                )
                for one in member(body, "verdicts", list)
            ),
        )


def read_reviews(sheet: Filled, reviewer: str) -> list[Review]:
    """The verdicts of a sheet, one review for each reviewer, sorted by name.

    Args:
        sheet: as people left it.
        reviewer: who gave the verdicts of rows that name nobody.

    Raises:
        BadDataError: a verdict is none, or a row does not say which example it is.
    """
    faults: list[Fault] = []
    by_review: dict[tuple[str, ...], list[Verdict]] = {}
    for line in sheet.lines:
        said = line.text("verdict")
        if not said and not line.text("note"):
            continue
        fault = _fault(sheet, line)
        if fault is not None:
            faults.append(fault)
            continue
        verdict = _verdict(sheet, line, said, reviewer)
        facts = [line.text(name) for name in ("dataset", "version", "from_version", "seed")]
        sample = verdict.row.rpartition("-")[0]
        by_review.setdefault((verdict.reviewer, sample, *facts), []).append(verdict)
    if faults:
        raise BadDataError(
            f"{len(faults)} of the {len(sheet.lines)} rows of {sheet.path.name} cannot be read; "
            "no verdict was kept",
            tuple(faults),
            kind="bad-verdicts",
            hint="mend the rows, and import the sheet again",
        )
    return [
        Review(
            dataset=dataset,
            version=version,
            from_version=from_version,
            sample=sample,
            seed=int(seed),
            blind=sheet.blind,
            reviewer=name,
            verdicts=tuple(sorted(found, key=lambda one: one.row)),
        )
        for (name, sample, dataset, version, from_version, seed), found in sorted(by_review.items())
    ]


def in_order(claims: Iterable[ClaimRecord]) -> list[ClaimRecord]:
    """Claims of type `review`, oldest first; of one moment, each behind the one that it follows."""
    by_id = {claim.id: claim for claim in claims}

    def depth(claim: ClaimRecord) -> int:
        found = 0
        while (before := by_id.get(claim.body.get("follows", ""))) is not None:
            claim, found = before, found + 1
        return found

    return sorted(by_id.values(), key=lambda claim: (claim.created_at, depth(claim), claim.id))


def unsaid(review: Review, known: Iterable[Review]) -> tuple[Verdict, ...]:
    """The verdicts that are not the latest that the reviewer gave of their rows already.

    `known` are earlier reviews, oldest first.
    """
    latest = {
        verdict.row: verdict
        for one in known
        if (one.reviewer, one.sample) == (review.reviewer, review.sample)
        for verdict in one.verdicts
    }
    return tuple(verdict for verdict in review.verdicts if latest.get(verdict.row) != verdict)


def _verdict(sheet: Filled, line: Line, said: str, reviewer: str) -> Verdict:
    name = line.text("reviewer") or reviewer
    note = line.text("note")
    if not sheet.blind:
        example = line.text("base") or line.text("before")
        return Verdict(name, line.text("row"), example, line.text("before"), said.lower(), note)
    a, b = line.text("A"), line.text("B")
    a_is_newer = newer_is_a(int(line.text("seed")), a, b)
    newer, older = (a, b) if a_is_newer else (b, a)
    side = said.lower()
    if side in ("a", "b"):
        side = "newer" if (side == "a") == a_is_newer else "older"
    return Verdict(name, line.text("row"), newer, older, side, note)


def _fault(sheet: Filled, line: Line) -> Fault | None:
    verdicts = BLIND_VERDICTS if sheet.blind else VERDICTS
    said = line.text("verdict")
    facts = ("A", "B") if sheet.blind else ("row",)
    column, code, message = "", "", ""
    if said and said.lower() not in {verdict.lower() for verdict in verdicts}:
        column, code = "verdict", "verdict"
        message = f"{said!r:.40} is no verdict: {', '.join(verdicts)}"
    elif not all(line.text(name) for name in (*facts, "row", "dataset", "version")):
        column, code = "row", "no-example"
        message = "the columns that say which example this is were changed"
    elif not line.text("seed").removeprefix("-").isdigit():
        column, code, message = "seed", "no-example", "the seed is no whole number"
    if not code:
        return None
    return Fault(code, message, sheet.path.name, line.number, sheet.column(column), 0, path=column)
