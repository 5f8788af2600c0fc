"""`alpaca`: `{"instruction", "input"?, "output", "system"?, "history"?}`.

The prompt is the instruction and, on a line of its own, the input where there is one. `history`
holds earlier rounds as pairs; LLaMA-Factory trains on their answers, too. GPTeacher writes
`response` for `output`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import SCALAR, TEXT, Form


@dataclass(frozen=True)
class Alpaca(Family):
    """An instruction, its input and the output."""

    name: ClassVar[str] = "alpaca"

    prompt: str = "instruction"
    query: str = "input"
    response: str = "output"
    history: str = "history"
    system: str = "system"
    tools: str = "tools"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


FORMS = tuple(
    Form(Alpaca(response=response), {"prompt": TEXT, "response": SCALAR})
    for response in ("output", "response")
)
