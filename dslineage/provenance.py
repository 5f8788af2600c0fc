"""The facade of lineage: where data came from, where it went, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dslineage.lineage.registry import Registry
    from dslineage.workspace import Workspace


@dataclass(frozen=True)
class Provenance:
    """What can be asked of the lineage of a repository, and what records it.

    >>> repo.provenance.audit("tiny@final")
    """

    work: Workspace

    @property
    def registry(self) -> Registry:
        """All records of the work tree, read anew."""
        from dslineage.lineage.registry import Registry

        return Registry(self.work.catalog)
