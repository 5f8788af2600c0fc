"""What the verdicts on a version say: counts, how far reviewers agree, and which side won."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from dslineage.reviewing.agreement import cohen_kappa, wilson_interval
from dslineage.reviewing.sheet import VERDICTS
from dslineage.reviewing.verdicts import SIDES, Review


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
