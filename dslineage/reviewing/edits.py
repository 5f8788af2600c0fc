"""What an edited sheet asks for: which texts change, which examples go, and what cannot be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import digest_of
from dslineage.canonical.rows import RowFault
from dslineage.canonical.strict import parse_record
from dslineage.errors import Fault, UsageError
from dslineage.reviewing.cells import Cell, cell_of, text_of
from dslineage.reviewing.leaves import WHOLE, Path, with_texts
from dslineage.reviewing.mangling import MANGLES, as_text, mangle
from dslineage.reviewing.places import is_digest, places_of
from dslineage.reviewing.sheet import (
    ANSWERS,
    BEFORE,
    FACTS,
    MARKS,
    METRIC,
    VERDICTS,
    marks_of,
    texts_of,
)

if TYPE_CHECKING:
    from dslineage.reviewing.workbook import Filled, Line
    from dslineage.versions.snapshot import Snapshot

DROPPED = "dropped"
_DISTINCTIVE = 10

Example = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do to the current version, by position in it.

    `parents` maps the digest (hex) of each new example to that of the one it was made from;
    `rows` each row of the sheet that is done hereby to the new digest or `DROPPED`.
    """

    edits: Mapping[int, Mapping[Path, str]]
    drops: frozenset[int]
    parents: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, str]
    editors: tuple[str, ...]
    done: int
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]


def planned(
    sheet: Filled,
    current: Snapshot,
    examples: Mapping[str, Example],
    applied: Mapping[str, str],
    *,
    editor: str,
    accept: Collection[str] = (),
) -> Plan:
    """What a sheet asks of the current version.

    Args:
        sheet: as people left it.
        current: the version that is to be changed.
        examples: each example that the sheet was written of, by its digest.
        applied: the rows that were applied before, each with the new digest or `DROPPED`.
        editor: who edited the rows that name no reviewer.
        accept: habits of spreadsheet programs (see `MANGLES`) that were people's own doing.

    Raises:
        UsageError: the sheet is blind, or there is no such habit.
    """
    if sheet.blind:
        raise UsageError(
            f"{sheet.path.name} is a blind sheet: it has verdicts, and no edits",
            kind="blind-sheet",
            hint=f"dslineage review import {sheet.path.name}",
        )
    for name in accept:
        if name not in MANGLES:
            raise UsageError(f"unknown habit {name!r}", hint=f"one of {', '.join(MANGLES)}")
    wishes = _Reader(sheet, examples, frozenset(accept)).wishes()
    return _resolved(sheet, wishes, current, applied, editor)


@dataclass(slots=True)
class _Wish:
    """What one row asks for."""

    line: Line
    base: str
    example: Example | None
    texts: dict[Path, str] = field(default_factory=dict)
    drop: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.line.text("row")


class _Reader:
    """Reads what the rows ask for."""

    def __init__(self, sheet: Filled, examples: Mapping[str, Example], accept: frozenset[str]):
        self.sheet = sheet
        self.examples = examples
        self.accept = accept
        fixed = {"row", MARKS, *ANSWERS, *FACTS}
        self.columns = [
            name for name in sheet.header if name not in fixed and not name.startswith(METRIC)
        ]
        self.changed: list[tuple[_Wish, str, str, str]] = []

    def wishes(self) -> list[_Wish]:
        """One for each row, by row id: the order of the rows says nothing."""
        found = [self._wish(line) for line in self.sheet.lines]
        self._refuse_moved(found)
        twice = {id_ for id_, count in Counter(wish.id for wish in found).items() if count > 1}
        for wish in found:
            if wish.id in twice:
                wish.faults.append(self._fault(wish, "row", "repeated", "this row stands twice"))
        return sorted(found, key=lambda wish: wish.id)

    def _wish(self, line: Line) -> _Wish:
        base = line.text("base")
        wish = _Wish(line, base, self.examples.get(base))
        verdict = line.text("verdict").lower()
        if verdict and verdict not in VERDICTS:
            message = f"{verdict!r:.40} is no verdict: {', '.join(VERDICTS)}"
            wish.faults.append(self._fault(wish, "verdict", "verdict", message))
        wish.drop = verdict == "drop"
        if not wish.id or (base and not is_digest(base)):
            message = "the columns that say which example this is were changed"
            wish.faults.append(self._fault(wish, "base", "no-example", message))
        elif wish.example is not None or not base:
            self._read_texts(wish)
        return wish

    def _read_texts(self, wish: _Wish) -> None:
        before = self.examples.get(wish.line.text("before"))
        older = {BEFORE + name: text for name, (_, text) in texts_of(before).items()}
        newer = texts_of(wish.example)
        written = {name: self._cell(text) for name, (_, text) in newer.items()}
        if newer and wish.line.text(MARKS) != marks_of(newer, written):
            message = f"the column {MARKS} is not what was written for this example"
            wish.faults.append(self._fault(wish, MARKS, "no-example", message))
            return
        for name in self.columns:
            now = wish.line.cells.get(name)
            if name in newer:
                path, text = newer[name]
                self._read_text(wish, name, path, text, written[name])
            elif as_text(now) != (self._cell(older[name]).text if name in older else ""):
                message = "this cell is for reading: a change here changes nothing"
                if not name.startswith(BEFORE):
                    message = "this example has no such text, and a sheet adds none"
                wish.faults.append(self._fault(wish, name, "read-only", message))

    def _read_text(self, wish: _Wish, name: str, path: Path, text: str, cell: Cell) -> None:
        now = wish.line.cells.get(name)
        if now == cell.text or (now is None and not cell.text):
            return
        habit = mangle(cell.text, now)
        new = text_of(as_text(now), text) if self.sheet.spreadsheet else as_text(now)
        if not habit and new == text:
            return
        if not cell.held:
            message = "this text is not held by a cell, and was changed in one"
            wish.faults.append(self._fault(wish, name, "read-only", message))
        elif habit and habit not in self.accept:
            shown = f"{MANGLES[habit]}: {cell.text!r:.40} became {as_text(now)!r:.40}"
            wish.faults.append(self._fault(wish, name, habit, shown))
        elif path == WHOLE and isinstance(fault := parse_record(new.encode()), RowFault):
            wish.faults.append(self._fault(wish, name, fault.code, fault.message))
        else:
            wish.texts[path] = new
        self.changed.append((wish, name, cell.text, as_text(now)))

    def _refuse_moved(self, wishes: Sequence[_Wish]) -> None:
        """Refuse texts that were another row's: somebody sorted one column without the others."""
        if "moved" in self.accept:
            return
        holders = Counter(
            (name, self._cell(text).text)
            for wish in wishes
            for name, (_, text) in texts_of(wish.example).items()
        )
        gone = {(name, was) for _, name, was, _ in self.changed}
        for wish, name, _, now in self.changed:
            key = (name, now)
            if len(now) >= _DISTINCTIVE and holders[key] == 1 and key in gone:
                wish.faults.append(self._fault(wish, name, "moved", MANGLES["moved"]))

    def _cell(self, text: str) -> Cell:
        return cell_of(text) if self.sheet.spreadsheet else Cell(text)

    def _fault(self, wish: _Wish, column: str, code: str, message: str) -> Fault:
        return _fault(self.sheet, wish.line, column, code, message)


def _resolved(
    sheet: Filled,
    wishes: Sequence[_Wish],
    current: Snapshot,
    applied: Mapping[str, str],
    editor: str,
) -> Plan:
    asking = [wish for wish in wishes if (wish.texts or wish.drop) and not wish.faults]
    new = {wish.id: _new_digest(wish) for wish in asking}
    texts = {f"sha256:{digest}" for digest in new.values() if digest != DROPPED}
    places = places_of(current, {wish.base for wish in asking} | texts)
    edits: dict[int, Mapping[Path, str]] = {}
    drops: set[int] = set()
    parents: dict[str, tuple[str, ...]] = {}
    rows: dict[str, str] = {}
    editors: set[str] = set()
    done = 0
    faults = [fault for wish in wishes for fault in wish.faults]
    for wish in asking:
        wanted = new[wish.id]
        before = applied.get(wish.id)
        free = places.get(wish.base, [])
        if f"sha256:{wanted}" == wish.base:
            continue
        if before == wanted or (before is None and not free and f"sha256:{wanted}" in places):
            done += 1
            continue
        if before is not None or not free:
            faults.append(_fault(sheet, wish.line, "base", "conflict", _conflict(wish, before)))
            continue
        position = free.pop(0)
        rows[wish.id] = wanted
        editors.add(wish.line.text("reviewer") or editor)
        if wish.drop:
            drops.add(position)
        else:
            edits[position] = wish.texts
            parents[wanted] = tuple(sorted({*parents.get(wanted, ()), wish.base[7:]}))
    return Plan(
        edits,
        frozenset(drops),
        dict(sorted(parents.items())),
        rows,
        tuple(sorted(editors)),
        done,
        tuple(sorted(faults, key=lambda fault: (fault.line, fault.column, fault.code))),
        tuple(_notices(wishes)),
    )


def _new_digest(wish: _Wish) -> str:
    if wish.drop:
        return DROPPED
    return digest_of(edited(wish.example, wish.texts)).hex


def edited(example: Any, texts: Mapping[Path, str]) -> Any:
    """An example with new texts; at `WHOLE` stands a new example, as valid JSON."""
    if WHOLE in texts:
        return parse_record(texts[WHOLE].encode())
    return with_texts(example, texts)


def _conflict(wish: _Wish, before: str | None) -> str:
    if before == DROPPED:
        return "this example was dropped by an earlier edit"
    if before is not None:
        return f"this row was applied before, with another text (it is now {before[:8]})"
    if not wish.base:
        return "this example was removed, and there is nothing to drop"
    return f"the example {wish.base[7:15]} is not in the current version any more"


def _notices(wishes: Sequence[_Wish]) -> Iterator[str]:
    waiting = sum(
        wish.line.text("verdict").lower() == "fix" and not wish.texts and not wish.faults
        for wish in wishes
    )
    if waiting:
        yield f"{waiting} rows say fix, and no text in them was changed"


def _fault(sheet: Filled, line: Line, column: str, code: str, message: str) -> Fault:
    return Fault(code, message, sheet.path.name, line.number, sheet.column(column), 0, path=column)
