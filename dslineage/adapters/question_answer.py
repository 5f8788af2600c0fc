"""`question-answer`: `{"question", "answer"}` and its other spellings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import SCALAR, TEXT, Form


@dataclass(frozen=True)
class QuestionAnswer(Family):
    """A question and its answer."""

    name: ClassVar[str] = "question-answer"

    prompt: str = "question"
    response: str = "answer"
    system: str = "system"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


_SPELLINGS = (
    ("question", "answer"),
    ("question", "response"),
    ("question", "output"),
    ("query", "response"),
    ("query", "answer"),
    ("problem", "solution"),
    ("input", "output"),
    ("input", "target"),
)

FORMS = tuple(
    Form(QuestionAnswer(prompt=asked, response=said), {"prompt": TEXT, "response": SCALAR})
    for asked, said in _SPELLINGS
)
