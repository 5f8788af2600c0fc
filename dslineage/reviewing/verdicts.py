"""Verdicts that people wrote into sheets, as claims; and what the claims of a version say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from dslineage.errors import BadDataError, Fault
from dslineage.members import member
from dslineage.reviewing.agreement import cohen_kappa, wilson_interval
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
            f"{len(faults)} rows of {sheet.path.name} cannot be read; no verdict was kept",
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


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two reviewers agree on the examples that both judged."""

    first: str
    second: str
    examples: int
    agreed: int
    kappa: float | None

    def to_dict(self) -> dict[str, Any]:
        """The agreement as a JSON object."""
        return {
            "reviewers": [self.first, self.second],
            "examples": self.examples,
            "agreed": self.agreed,
            "kappa": None if self.kappa is None else round(self.kappa, 4),
        }


@dataclass(frozen=True, slots=True)
class Opinion:
    """What reviewers say of one version, or of the way from one version to another.

    `counts` are examples by verdict, the verdict of most reviewers where there are several;
    `split` those on which no verdict has most. `share` is the 95% interval of the share of the
    newer side among the examples that one side won.
    """

    dataset: str
    version: str
    from_version: str
    blind: bool
    reviewers: Mapping[str, int]
    counts: Mapping[str, int]
    split: int
    agreements: tuple[Agreement, ...]
    share: tuple[float, float] | None

    @classmethod
    def of(cls, reviews: Sequence[Review]) -> Opinion:
        """The reviews of one subject, oldest first: the last verdict of each reviewer counts."""
        latest: dict[str, dict[str, str]] = {}
        for review in reviews:
            for verdict in review.verdicts:
                latest.setdefault(review.reviewer, {})[verdict.example] = verdict.verdict
        said = {
            name: {example: verdict for example, verdict in found.items() if verdict}
            for name, found in sorted(latest.items())
        }
        majority = list(_majorities(said))
        counts = Counter(verdict for verdict in majority if verdict)
        first = reviews[0]
        verdicts = SIDES if first.blind else VERDICTS
        return cls(
            first.dataset,
            first.version,
            first.from_version,
            first.blind,
            {name: len(found) for name, found in said.items()},
            {verdict: counts[verdict] for verdict in verdicts},
            majority.count(""),
            tuple(_agreement(a, b, said[a], said[b]) for a, b in combinations(said, 2)),
            wilson_interval(counts["newer"], counts["newer"] + counts["older"])
            if first.blind
            else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """The opinion as a JSON object."""
        found: dict[str, Any] = {
            "dataset": self.dataset,
            "version": self.version,
            "from_version": self.from_version or None,
            "blind": self.blind,
            "reviewers": dict(self.reviewers),
            "examples": sum(self.counts.values()) + self.split,
            "verdicts": dict(self.counts),
            "split": self.split,
            "agreement": [one.to_dict() for one in self.agreements],
        }
        if self.blind:
            interval = None if self.share is None else [round(end, 4) for end in self.share]
            found["newer_share_interval"] = interval
        return found


def opinions(reviews: Iterable[Review]) -> tuple[Opinion, ...]:
    """What reviews say, one opinion for each subject, in the order of the reviews."""
    by_subject: dict[tuple[str, str, bool], list[Review]] = {}
    for review in reviews:
        subject = (review.version, review.from_version, review.blind)
        by_subject.setdefault(subject, []).append(review)
    return tuple(Opinion.of(found) for found in by_subject.values())


def _majorities(said: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The verdict of most on each example, or an empty text where no verdict has most."""
    for example in sorted({example for found in said.values() for example in found}):
        counts = Counter(found[example] for found in said.values() if example in found)
        (best, most), *rest = counts.most_common()
        yield "" if any(count == most for _, count in rest) else best


def _agreement(
    first: str, second: str, one: Mapping[str, str], other: Mapping[str, str]
) -> Agreement:
    pairs = [(one[example], other[example]) for example in sorted(one.keys() & other.keys())]
    agreed = sum(a == b for a, b in pairs)
    return Agreement(first, second, len(pairs), agreed, cohen_kappa(pairs))
