"""The changes of a diff as a table, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.packages import optional

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from dslineage.diff.result import DiffResult


def change_table(result: DiffResult) -> pa.Table:
    """The changes in Arrow; an example is JSON text, since no two need have the same fields.

    Raises:
        UsageError: the diff was made without its rows.
    """
    import pyarrow as pa

    columns = _columns(result)
    for side in ("before", "after"):
        columns[side] = [_json(example) for example in columns[side]]
    types = {
        "change": pa.string(),
        "kinds": pa.list_(pa.string()),
        "rule": pa.string(),
        "confidence": pa.float64(),
        "before_position": pa.int64(),
        "after_position": pa.int64(),
        "before_digest": pa.string(),
        "after_digest": pa.string(),
        "before": pa.string(),
        "after": pa.string(),
    }
    return pa.table(columns, schema=pa.schema(list(types.items())))


def change_frame(result: DiffResult) -> pd.DataFrame:
    """The changes in pandas; an example is a dict.

    Raises:
        UsageError: the diff was made without its rows, or pandas is not installed.
    """
    pandas = optional("pandas")
    types = {
        "change": "string",
        "kinds": "object",
        "rule": "string",
        "confidence": "float64",
        "before_position": "Int64",
        "after_position": "Int64",
        "before_digest": "string",
        "after_digest": "string",
        "before": "object",
        "after": "object",
    }
    columns = _columns(result)
    frame: pd.DataFrame = pandas.DataFrame(
        {name: pandas.Series(columns[name], dtype=kind) for name, kind in types.items()}
    )
    return frame


def _columns(result: DiffResult) -> dict[str, list[Any]]:
    if result.rows is None:
        raise UsageError(
            "this diff was made without its rows",
            kind="no-rows",
            hint="diff(…, options=DiffOptions(rows=True))",
        )
    rows = result.rows
    return {
        "change": [row.change for row in rows],
        "kinds": [list(row.kinds) for row in rows],
        "rule": [row.rule or None for row in rows],
        "confidence": [row.confidence if row.rule else None for row in rows],
        "before_position": [row.before_position for row in rows],
        "after_position": [row.after_position for row in rows],
        "before_digest": [row.before_digest or None for row in rows],
        "after_digest": [row.after_digest or None for row in rows],
        "before": [row.before for row in rows],
        "after": [row.after for row in rows],
    }


def _json(example: Mapping[str, Any] | None) -> str | None:
    return None if example is None else canonical_bytes(dict(example)).decode()
