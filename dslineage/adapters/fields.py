"""`fields`: data of no known family, versioned and compared field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import Form

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation


@dataclass(frozen=True)
class Fields(Family):
    """The conversation is the example itself, and its digest the example digest."""

    name: ClassVar[str] = "fields"

    def conversation(self, example: Mapping[str, Any]) -> Conversation:
        """The example, under `fields`."""
        return {"fields": dict(example)}


FORMS = (Form(Fields(), {}),)
