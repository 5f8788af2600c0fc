"""`stepwise`: `{"prompt", "completions": […], "labels": […]}`, each step judged by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import LIST, PROMPT, Form


@dataclass(frozen=True)
class Stepwise(Family):
    """A prompt, the steps of an answer, and a label for each."""

    name: ClassVar[str] = "stepwise"

    prompt: str = "prompt"
    answers: str = "completions"
    labels: str = "labels"
    system: str = "system"


FORMS = (Form(Stepwise(), {"prompt": PROMPT, "answers": LIST, "labels": LIST}),)
