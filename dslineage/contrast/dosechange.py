"""What became of the data of a training: versions that changed, came, went, or were used more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dslineage.contrast.counts import Counts

if TYPE_CHECKING:
    from dslineage.contrast.trained import Dose
    from dslineage.diff.recorded import RecordedDiff
    from dslineage.diff.result import DiffResult

Change = Literal["same", "amount", "version", "added", "removed", "unknown"]


@dataclass(frozen=True, slots=True)
class DoseChange:
    """What became of one data set; `diff` is that of two versions of it, where there are two.

    `share` is which part of all that was shown it changed, 0 to 1: see `share_of`; None where that
    is not known. `blind` says that nothing at all is known of the data of the side that lacks it.
    """

    before: Dose | None
    after: Dose | None
    diff: DiffResult | RecordedDiff | None
    share: float | None
    blind: bool = False

    @property
    def dataset(self) -> str:
        """The name of the data set, or what else the data is called."""
        dose = self.after or self.before
        if dose is None:
            return ""
        return dose.version.dataset if dose.version else dose.name

    @property
    def change(self) -> Change:
        """What changed, the weightiest first."""
        if self.blind:
            return "unknown"
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before.content_hash is None or self.before.content_hash != self.after.content_hash:
            return "version"
        return "same" if self.before.times == self.after.times else "amount"

    @property
    def counts(self) -> Counts | None:
        """The counts of the diff, where there are any."""
        return None if self.diff is None else Counts.of(self.diff)

    @property
    def commands(self) -> tuple[str, ...]:
        """Commands that show the change, or that write data for a training without a part of it."""
        return tuple(self._commands())

    def _commands(self) -> Iterator[str]:
        before, after = self.before, self.after
        if not (before and after and before.version and after.version):
            known = after or before
            if known is not None and known.version is not None:
                yield f"dslineage show {known.name}"
            return
        if self.change != "version":
            return
        pair = f"{before.name} {after.name}"
        yield f"dslineage diff {pair}"
        counts = self.counts
        for what in ("added", "removed", "edited"):
            if counts is not None and getattr(counts, what):
                yield (
                    f"dslineage export {pair} --without {what} "
                    f"-o {after.version.dataset}-without-{what}.jsonl"
                )

    def to_dict(self) -> dict[str, Any]:
        """The change as a JSON object."""
        counts = self.counts
        return {
            "dataset": self.dataset,
            "change": self.change,
            "from": self.before.to_dict() if self.before else None,
            "to": self.after.to_dict() if self.after else None,
            "examples": counts.to_dict() if counts else None,
            "share": self.share,
            "commands": list(self.commands),
        }


def share_of(
    before: Dose | None, after: Dose | None, counts: Counts | None, whole: float
) -> float | None:
    """Which part of all examples that were shown a change is about.

    An example that was added, removed or edited counts as often as it was shown, on the side that
    showed it more; an unchanged one as much more or less often as it was shown. Where the counts
    are not known, every example counts; where not even the number of examples is, None.
    """
    if any(dose is not None and dose.examples is None for dose in (before, after)):
        return None
    if not whole:
        return 0.0
    if before is None or after is None:
        dose = after or before
        return dose.shown / whole if dose else 0.0
    most = max(before.times, after.times)
    if before.content_hash is not None and before.content_hash == after.content_hash:
        return (before.examples or 0) * abs(after.times - before.times) / whole
    if counts is None:
        return min(1.0, max(before.shown, after.shown) / whole)
    changed = counts.removed * before.times + counts.added * after.times + counts.edited * most
    changed += counts.unchanged * abs(after.times - before.times)
    return changed / whole


def matched(
    before: Sequence[Dose], after: Sequence[Dose]
) -> Iterator[tuple[Dose | None, Dose | None]]:
    """Doses of equal content, then of one data set; the rest came or went."""
    older, newer = list(before), list(after)
    found: list[tuple[Dose | None, Dose | None]] = []
    for same in (_same_content, _same_name):
        for dose in list(newer):
            twin = next((one for one in older if same(one, dose)), None)
            if twin is not None:
                older.remove(twin)
                newer.remove(dose)
                found.append((twin, dose))
    yield from found
    yield from ((None, dose) for dose in newer)
    yield from ((dose, None) for dose in older)


def _same_content(one: Dose, other: Dose) -> bool:
    return one.content_hash is not None and one.content_hash == other.content_hash


def _same_name(one: Dose, other: Dose) -> bool:
    if one.version is None or other.version is None:
        return False
    return one.version.dataset == other.version.dataset
