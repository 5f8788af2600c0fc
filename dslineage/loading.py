"""A recorded version in Python: as an iterator, in Arrow, in pandas, for a trainer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from dslineage.errors import UsageError
from dslineage.formats.write_table import record_batches, table_schema
from dslineage.ids import Digest
from dslineage.packages import optional
from dslineage.results import VersionInfo

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import pyarrow as pa

    from dslineage.adapters.base import Conversation
    from dslineage.versions.stored import StoredSnapshot

_BATCH_ROWS = 1024


@dataclass(frozen=True)
class LoadedVersion:
    """A recorded version whose examples are read from the store, without a checkout.

    Iterating yields the examples in file order, members that are null left out, and keeps a few
    thousand of them in memory at most. Each iteration begins anew.
    """

    version: VersionInfo
    snapshot: StoredSnapshot

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.snapshot.read(self.snapshot.rows())

    def __len__(self) -> int:
        return self.snapshot.examples

    def _repr_html_(self) -> str:
        return self.version._repr_html_()

    def conversations(self) -> Iterator[Conversation]:
        """What a model is shown of each example, under the version's adapter."""
        return map(self.snapshot.adapter.conversation, self)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema that holds every example by value; finding it reads them all once.

        Its metadata has the version under `dslineage`, as JSON.
        """
        schema, _ = table_schema(iter(self))
        about = {b"dslineage": orjson.dumps(self._about())}
        return schema.with_metadata({**(schema.metadata or {}), **about})

    def batches(self, size: int = _BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The examples as Arrow record batches of `size` rows, the last one smaller.

        Raises:
            UsageError: `size` is less than 1.
        """
        if size < 1:
            raise UsageError(f"a batch has at least one row, not {size}")
        return record_batches(iter(self), self.schema, size)

    def to_arrow(self) -> pa.Table:
        """All examples as one Arrow table in memory."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), self.schema)

    def to_pandas(self) -> pd.DataFrame:
        """All examples as a data frame in memory; `attrs["dslineage"]` says which version it is.

        Integers and booleans have pandas' nullable types, so that an absent value changes none of
        the others; lists and objects stay lists and dicts.

        Raises:
            UsageError: pandas is not installed.
        """
        pandas = optional("pandas")
        types = {field.name: _pandas_type(field.type) for field in self.schema}
        values: dict[str, list[Any]] = {name: [] for name in types}
        for example in self:
            for name, column in values.items():
                column.append(example.get(name))
        frame: pd.DataFrame = pandas.DataFrame(
            {name: pandas.Series(values.pop(name), dtype=types[name]) for name in types}
        )
        frame.attrs["dslineage"] = self._about()
        return frame

    def to_hf(self) -> datasets.Dataset:
        """All examples as a Hugging Face data set in memory, which carries the version's id.

        The id stands in `info.description`: the place that survives `map`, `filter`, `select`,
        `train_test_split` and `save_to_disk`. After such a step it says what the examples were
        made from.

        Raises:
            UsageError: the package `datasets` is not installed.
        """
        package = optional("datasets")
        record = self.version.record
        found: datasets.Dataset = package.Dataset(
            self.to_arrow(),
            info=package.DatasetInfo(
                dataset_name=record.dataset,
                description=f"{self.version.title}\n"
                f"dslineage version: {record.id}\n"
                f"content hash: {record.content_hash}",
            ),
            fingerprint=Digest.of(record.id.encode()).hex[:16],
        )
        return found

    def _about(self) -> Mapping[str, Any]:
        record = self.version.record
        return {
            "dataset": record.dataset,
            "version": record.label,
            "id": record.id,
            "content_hash": str(record.content_hash),
        }


def _pandas_type(kind: pa.DataType) -> str:
    """The pandas type that holds the values of an Arrow column, and absent ones beside them."""
    import pyarrow as pa

    if pa.types.is_string(kind):
        return "string"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "Int64" if pa.types.is_signed_integer(kind) else "UInt64"
    return "Float64" if pa.types.is_floating(kind) else "object"
