"""`text`: `{"text"}`, plain text to be learnt from beginning to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import TEXT, Form


@dataclass(frozen=True)
class Text(Family):
    """One text."""

    name: ClassVar[str] = "text"

    text: str = "text"


FORMS = (Form(Text(), {"text": TEXT}),)
