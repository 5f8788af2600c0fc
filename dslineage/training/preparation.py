"""What a trainer made of its rows, told from the data set that it feeds to the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dslineage.records import Consumed, Gap, Prepared

_AT_ONCE = 1000
_WHOLE = (None, "bfd")
"""Ways to pack that leave each row in one piece, with a mark where it ends."""


@dataclass(frozen=True, slots=True)
class Fed:
    """What a trainer feeds to the model.

    `rows` is how many rows are in the sequences, by the marks that packing leaves; without any, a
    sequence is a row. `full` is how many of the rows have just the greatest length, and `tokens`
    how many there are in all: None where a sequence is no list of tokens.
    """

    sequences: int
    rows: int
    tokens: int | None = None
    full: int | None = None

    @classmethod
    def of(cls, dataset: Any, max_length: int | None) -> Fed | None:
        """Count what is fed; None where it has no length, as a stream has none."""
        try:
            sequences = len(dataset)
        except TypeError:
            return None
        tokens = rows = full = 0
        for lengths in _lengths(dataset):
            if lengths is None:
                return cls(sequences, sequences)
            tokens += sum(lengths)
            rows += len(lengths)
            full += sum(length == max_length for length in lengths)
        return cls(sequences, rows, tokens, full)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a trainer does to rows, by its settings.

    `max_length` is at how many tokens it cuts them, `packing` how it puts them into sequences.
    `drops_masked`: it drops rows of which no token bears loss, and no others.
    """

    max_length: int | None = None
    packing: str | None = None
    drops_masked: bool = False


def prepared_of(rows: int, fed: Fed | None, how: Treatment) -> tuple[Prepared, tuple[Gap, ...]]:
    """What became of the rows of the training data, and what of that is not known."""
    if fed is None:
        why = "the trainer reads a stream: what becomes of its rows was not counted"
        return Prepared(rows, max_length=how.max_length, packing=how.packing), _gap(why)
    kept = fed.rows if how.packing in _WHOLE else None
    masked = max(0, rows - kept) if how.drops_masked and kept is not None else None
    truncated = None if how.max_length is None or kept is None else fed.full
    prepared = Prepared(
        rows,
        kept=kept,
        masked=masked,
        truncated=truncated,
        sequences=fed.sequences,
        tokens=fed.tokens,
        max_length=how.max_length,
        packing=how.packing,
    )
    return prepared, tuple(gap for why in _unknown(prepared) for gap in _gap(why))


def _unknown(found: Prepared) -> Iterator[str]:
    if found.kept is None:
        yield f"rows were packed ({found.packing}) without a mark of where one ends"
    elif found.kept > found.rows:
        yield (
            f"the trainer has {found.kept:,} rows, and {found.rows:,} were watched: "
            "some of its data is not known"
        )
    elif found.kept < found.rows and found.masked is None:
        yield f"{found.rows - found.kept:,} of {found.rows:,} rows are not in what it feeds"
    if found.truncated:
        yield (
            f"{found.truncated:,} rows have just {found.max_length} tokens: "
            "which of them were cut there is not known"
        )


def _gap(why: str) -> tuple[Gap]:
    return (Gap("preparation", why),)


def consumed_of(
    prepared: Prepared | None, *, epochs: float | None, steps: int, doubts: tuple[str, ...] = ()
) -> Consumed:
    """How much of its data a model had seen after some steps.

    Args:
        prepared: what became of the rows.
        epochs: how often the trainer went through the prepared rows, where it says so.
        steps: the steps of the optimizer.
        doubts: what else makes it uncertain that each row was seen.
    """
    why = [*_losses(prepared), *doubts]
    if prepared is None or epochs is None:
        return Consumed("unknown", epochs, steps, "; ".join(why) or "the trainer does not say")
    if epochs < 1:
        why.append("less than one epoch")
    return Consumed("upper-bound" if why else "exact", epochs, steps, "; ".join(why))


def _losses(prepared: Prepared | None) -> Iterator[str]:
    """Why not every row can have been seen as a whole."""
    if prepared is None:
        yield "what the trainer made of its rows is not known"
        return
    if prepared.packing is not None:
        yield f"rows were packed ({prepared.packing})"
    if prepared.kept is None:
        yield "how many rows were kept is not known"
    elif prepared.kept != prepared.rows:
        yield f"{prepared.kept:,} of {prepared.rows:,} rows were kept"
    if prepared.max_length is not None and prepared.truncated is None:
        yield f"how many rows were cut at {prepared.max_length} tokens is not known"
    elif prepared.truncated:
        yield f"up to {prepared.truncated:,} rows were cut at {prepared.max_length} tokens"


def _lengths(dataset: Any) -> Iterator[list[int] | None]:
    """The lengths of the rows in each part of a data set of tokens; None where there are none."""
    columns = getattr(dataset, "column_names", None)
    if isinstance(columns, list):
        yield from _column_lengths(dataset, columns)
        return
    for place in range(len(dataset)):
        row = dataset[place]
        tokens = row.get("input_ids") if isinstance(row, Mapping) else None
        if tokens is None:
            yield None
            return
        yield [len(tokens)]


def _column_lengths(dataset: Any, columns: list[str]) -> Iterator[list[int] | None]:
    """The same, from the columns of a `datasets.Dataset`, without making Python lists of tokens."""
    import pyarrow.compute as pc

    if "input_ids" not in columns:
        yield None
        return
    for table in dataset.with_format("arrow").iter(batch_size=_AT_ONCE):
        if "seq_lengths" in columns:
            yield pc.list_flatten(table["seq_lengths"]).to_pylist()
        else:
            yield pc.list_value_length(table["input_ids"]).to_pylist()
