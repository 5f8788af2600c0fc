"""The sheet that people read and edit: one row for each example, one column for each text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.reviewing.cells import Cell, cell_of, defused
from dslineage.reviewing.leaves import WHOLE, Path, in_order, leaves, name_of
from dslineage.reviewing.sampling import newer_is_a

ANSWERS = ("verdict", "note", "reviewer")
VERDICTS = ("keep", "fix", "drop")
BLIND_VERDICTS = ("A", "B", "same")
BEFORE, METRIC, SIDE_A, SIDE_B = "before: ", "metric: ", "A: ", "B: "
FACTS = (
    "change", "kinds", "stratum", "stratum_size", "dataset", "from_version", "version",
    "before", "base", "A", "B", "seed",
)  # fmt: skip
MARKS = "_cells"
MOST_TEXTS = 500
"""More columns of texts than this nobody reads, and few spreadsheets hold."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One example of a sample, or a pair of them.

    `before` is the older form where there is one, `after` the newer or only one; digests are
    `sha256:` texts. `metrics` are values of the newer form, or of the only one.
    """

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    before_digest: str
    after_digest: str
    change: str
    kinds: tuple[str, ...]
    stratum: str
    stratum_size: int
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, and how. `from_version` and `version` are ids of records."""

    dataset: str
    from_version: str
    version: str
    seed: int
    blind: bool
    rows: tuple[Sampled, ...]

    @property
    def id(self) -> str:
        """A letter and eight hex digits, which depend on what was drawn and on the seed."""
        drawn = [[row.before_digest, row.after_digest] for row in self.rows]
        facts = [self.from_version, self.version, self.seed, self.blind, drawn]
        return f"s{hashlib.sha256(canonical_bytes(facts)).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Names of columns, and rows of cells by those names. `editable` columns hold texts."""

    header: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    editable: frozenset[str]
    notices: tuple[str, ...]


def sheet_of(sample: Sample, *, spreadsheet: bool = True) -> Sheet:
    """A sample as a sheet.

    Args:
        sample: what was drawn.
        spreadsheet: write cells that every spreadsheet holds and none runs; else texts as they
            are, for files that programs read.
    """
    sides = [_sides(row, sample) for row in sample.rows]
    columns = _text_columns(sides, sample)
    metrics = sorted({name for row in sample.rows for name in row.metrics})
    facts = [name for name in FACTS if _has_fact(name, sample)]
    header = (
        "row", *ANSWERS, *columns, *(METRIC + name for name in metrics), *facts,
        *(() if sample.blind else (MARKS,)),
    )  # fmt: skip
    rows, read_only, missing = [], 0, 0
    for number, (row, texts) in enumerate(zip(sample.rows, sides, strict=True), 1):
        cells = {name: _cell(text, spreadsheet=spreadsheet) for name, text in texts.items()}
        read_only += sum(not cell.held for cell in cells.values())
        missing += sum(name not in columns for name in cells)
        shown = {name: cell.text for name, cell in cells.items() if name in columns}
        values = _facts(row, sample)
        known = {name: values[name] for name in facts}
        if spreadsheet:
            known = {name: defused(value) for name, value in known.items()}
        measured = {METRIC + name: _figure(row.metrics.get(name)) for name in metrics}
        marks = {} if sample.blind else {MARKS: marks_of(texts_of(row.after), cells)}
        id_ = {"row": f"{sample.id}-{number:04}"}
        rows.append(id_ | shown | measured | known | marks)
    notices = []
    if read_only:
        notices.append(f"{read_only} texts do not fit into a cell: they are read-only, and say so")
    if missing:
        notices.append(f"{missing} texts are in no column: a sheet has {MOST_TEXTS} for texts")
    editable = frozenset() if sample.blind else frozenset(columns)
    return Sheet(header, tuple(rows), frozenset(c for c in editable if not c.startswith(BEFORE)),
                 tuple(notices))  # fmt: skip


def texts_of(example: Mapping[str, Any] | None) -> dict[str, tuple[Path, str]]:
    """What the columns of an example are called, with the path and the text of each.

    An example without any text has one column: itself, as JSON.
    """
    if example is None:
        return {}
    found = leaves(example) or {WHOLE: canonical_bytes(example).decode()}
    return {column_of(path): (path, text) for path, text in found.items()}


def column_of(path: Path) -> str:
    """The name of a text's column: the path, behind `$.` where that is another column's name."""
    name = name_of(path)
    taken = name in {"row", MARKS, *ANSWERS, *FACTS}
    return f"$.{name}" if taken or name.startswith((BEFORE, METRIC, SIDE_A, SIDE_B, "$")) else name


def marks_of(texts: Mapping[str, tuple[Path, str]], cells: Mapping[str, Cell]) -> str:
    """A mark for each text of an example, in its order: what its cell was when it was written."""
    return " ".join(["cells", *(cells[name].mark for name in texts)])


def _cell(text: str, *, spreadsheet: bool) -> Cell:
    return cell_of(text) if spreadsheet else Cell(text)


def _sides(row: Sampled, sample: Sample) -> dict[str, str]:
    """The texts of a row by column."""
    older = {name: text for name, (_, text) in texts_of(row.before).items()}
    newer = {name: text for name, (_, text) in texts_of(row.after).items()}
    if sample.blind:
        sides = (older, newer)
        if newer_is_a(sample.seed, row.before_digest, row.after_digest):
            sides = (newer, older)
        names = zip((SIDE_A, SIDE_B), sides, strict=True)
        return {side + name: text for side, texts in names for name, text in texts.items()}
    return {BEFORE + name: text for name, text in older.items()} | newer


def _text_columns(sides: Sequence[Mapping[str, str]], sample: Sample) -> list[str]:
    """The columns of texts, the sides of one text beside each other."""
    examples = [example for row in sample.rows for example in (row.after, row.before)]
    every = [path for one in examples for path, _ in texts_of(one).values()]
    filled = {name for texts in sides for name in texts}
    prefixes = (SIDE_A, SIDE_B) if sample.blind else (BEFORE, "")
    names = [prefix + column_of(path) for path in in_order(every) for prefix in prefixes]
    return [name for name in names if name in filled][:MOST_TEXTS]


def _has_fact(name: str, sample: Sample) -> bool:
    if name in ("A", "B"):
        return sample.blind
    if name in ("change", "kinds", "from_version", "before"):
        return bool(sample.from_version) and not (sample.blind and name == "before")
    return not (sample.blind and name == "base")


def _facts(row: Sampled, sample: Sample) -> dict[str, str]:
    first_is_new = newer_is_a(sample.seed, row.before_digest, row.after_digest)
    digests = (row.before_digest, row.after_digest)
    a, b = reversed(digests) if first_is_new else digests
    return {
        "change": row.change,
        "kinds": " ".join(row.kinds),
        "stratum": row.stratum,
        "stratum_size": str(row.stratum_size),
        "dataset": sample.dataset,
        "from_version": sample.from_version,
        "version": sample.version,
        "before": row.before_digest,
        "base": row.after_digest,
        "A": a,
        "B": b,
        "seed": str(sample.seed),
    }


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
