"""A merge of three recorded versions: what combines, what is in conflict, and its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dslineage.canonical.jcs import digest_of
from dslineage.merging.conflicts import Choice, Conflict, conflicts_of
from dslineage.merging.decided import Decided, whole_file
from dslineage.merging.fields import Example, combined
from dslineage.merging.files import TEXT_FORMATS, New
from dslineage.merging.rows import Rows
from dslineage.merging.tablefiles import refuse_other_columns
from dslineage.merging.threeway import Threeway, three_way
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from dslineage.diff.pairing import Parents
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.stored import StoredSnapshot

_Three = tuple[Example, Example | None, Example | None]


@dataclass(frozen=True)
class Plan:
    """A merge of `versions`, ours and theirs, before anything is written."""

    store: Store
    versions: tuple[DatasetRecord, DatasetRecord]
    way: Threeway
    rows: Rows

    @classmethod
    def of(
        cls,
        store: Store,
        base: StoredSnapshot,
        versions: tuple[DatasetRecord, DatasetRecord],
        parents: tuple[Parents, Parents],
    ) -> Plan:
        """Compare two versions whose files can be merged with what they are merged by.

        Raises:
            UsageError: they are tables that have other columns on each side.
        """
        ours, theirs = (open_version(store, record) for record in versions)
        way = three_way((base, ours, theirs), parents)
        reader = versions[0].files[0].reader
        if reader["format"] not in TEXT_FORMATS:
            refuse_other_columns(
                [(entry.path, whole_file(store, entry)) for one in versions for entry in one.files]
            )
        return cls(store, versions, way, Rows(ours, reader, (way.ours.rows, way.theirs.rows)))

    @cached_property
    def _contested(self) -> list[_Three]:
        """The examples of the contests."""
        sides = self.way.base, self.way.ours, self.way.theirs
        columns = []
        for place, side in enumerate(sides):
            at = [one[place] for one in self.way.contests]
            here = [int(side.rows[where]) for where in at if where is not None]
            found = iter(self.rows.examples(here))
            columns.append([None if where is None else next(found) for where in at])
        return [(base or {}, ours, theirs) for base, ours, theirs in zip(*columns, strict=True)]

    @cached_property
    def combined(self) -> dict[int, Example]:
        """What becomes of the contests whose two edits do not touch each other, by number."""
        adapter = self.rows.snapshot.adapter
        found = {}
        for number, (contest, (base, ours, theirs)) in enumerate(
            zip(self.way.contests, self._contested, strict=True)
        ):
            if ours is not None and theirs is not None:
                twice = self.way.is_edited_twice(contest)
                one = combined(base, ours, theirs, adapter, edited_twice=twice)
                if one is not None:
                    found[number] = one
        return found

    @cached_property
    def _dropped(self) -> set[int]:
        """The numbers of contests in which one side removed what the other did not edit."""
        return {
            number
            for number, contest in enumerate(self.way.contests)
            if None in contest.places and not self.way.is_edited_twice(contest)
        }

    @cached_property
    def _open(self) -> list[int]:
        """The numbers of the contests that people have to decide, in the order of the base."""
        contests = self.way.contests
        settled = self.combined.keys() | self._dropped
        open_ = set(range(len(contests))) - settled
        return sorted(open_, key=lambda number: (contests[number].base, number))

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """Those contests, as people see them."""
        return conflicts_of([self._contested[number] for number in self._open])

    def parents(self) -> dict[str, tuple[str, ...]]:
        """The digests of the combined examples, with those of the two that each was made of."""
        found = {}
        for number, one in self.combined.items():
            sides = (side for side in self._contested[number][1:] if side is not None)
            found[digest_of(one).hex] = tuple(digest_of(side).hex for side in sides)
        return dict(sorted(found.items()))

    def decided(self, choices: Mapping[str, Choice]) -> Decided:
        """The merge, with a choice for each conflict by its id."""
        tables = self.rows.reader["format"] not in TEXT_FORMATS
        new: list[New] = []
        decided: list[list[int]] = []
        chosen = {
            number: choices[one.id] for number, one in zip(self._open, self.conflicts, strict=True)
        }
        for number, contest in enumerate(self.way.contests):
            at = [
                None if place is None else int(side.rows[place])
                for side, place in zip((self.way.ours, self.way.theirs), contest[1:], strict=True)
            ]
            sides = self._contested[number][1:]
            choice = self.combined.get(number, chosen.get(number, ""))
            if choice == "base" and tables:
                choice = self._contested[number][0]
            if isinstance(choice, dict):
                new.append(New(choice, contest.places, sides))
                decided.append([-len(new)])
            else:
                base: int | None = int(self.way.base.rows[contest.base])
                of = {"ours": at[:1], "theirs": at[1:], "both": at, "base": [base]}
                decided.append([row for row in of.get(choice, []) if row is not None])
        return Decided(self.store, self.versions, self.rows, self.way.arranged(decided), new)

    def tally(self, choices: Mapping[str, Choice]) -> dict[str, int]:
        """How often each choice was made; a new example counts as `edited`."""
        made = Counter(one if isinstance(one, str) else "edited" for one in choices.values())
        return dict(sorted(made.items()))
