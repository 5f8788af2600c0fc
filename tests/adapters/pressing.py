"""What a record is by its stencil, beside what it is when it is read by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dslineage.adapters.base import Adapter
from dslineage.adapters.facets import Faceter
from dslineage.adapters.stencils import Printed, Stencils
from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row
from dslineage.canonical.strict import MAX_DEPTH


@dataclass(frozen=True)
class Pressing:
    """Records under an adapter and a key."""

    adapter: Adapter
    key: str | None = None

    def read(self, record: bytes) -> Printed | None:
        """What a record is, read by itself; None where it is no example."""
        [row] = parse_rows([record])
        if not isinstance(row, Row):
            return None
        digest = hashlib.sha256(row.canonical).digest()
        return Printed(
            row.canonical, Faceter(self.adapter, self.key).facets(row.value, digest), row.shape
        )

    def pressed(self, *records: bytes, stencils: Stencils | None = None) -> list[Printed | None]:
        """What records are by stencils, new ones if none are given."""
        stencils = stencils or Stencils(self.adapter, self.key, MAX_DEPTH)
        return list(stencils.printed(records, b"\n".join(records)))

    def agree(self, records: Sequence[bytes]) -> int:
        """How many of some records have a stencil; each of these is what it is by itself."""
        found = self.pressed(*records)
        for record, row in zip(records, found, strict=True):
            assert row is None or row == self.read(record), record
        return len(records) - found.count(None)
