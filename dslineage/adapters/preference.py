"""`preference`: a preferred and a rejected answer, with the prompt apart or inside both.

`{"prompt"?, "chosen", "rejected"}` of TRL, texts or messages; `chosen_response` and
`rejected_response`, a prompt called `instruction`, `input` or `question`, and `answers` with
ranks, of Axolotl; `conversations` with one more turn on each side, of LLaMA-Factory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import ANSWER, LIST, PROMPT, TEXT, TURNS, Form, Shape


@dataclass(frozen=True)
class Preference(Family):
    """A prompt and two answers."""

    name: ClassVar[str] = "preference"

    prompt: str = "prompt"
    chosen: str = "chosen"
    rejected: str = "rejected"
    system: str = "system"
    tools: str = "tools"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


_ANSWERS = {"chosen": ANSWER, "rejected": ANSWER}
_NAMED: dict[str, Any] = {"chosen": "chosen_response", "rejected": "rejected_response"}
_RANKED = Shape(
    lambda value: LIST.holds(value) and all(type(v) is dict and "answer" in v for v in value),
    "[] with answer",
)

FORMS = (
    Form(Preference(), {"prompt": PROMPT, **_ANSWERS}),
    Form(Preference(prompt="conversations"), {"prompt": TURNS, **_ANSWERS}),
    Form(Preference(prompt="question"), {"prompt": TEXT, **_ANSWERS}),
    Form(Preference(prompt="instruction"), {"prompt": TEXT, **_ANSWERS}),
    Form(Preference(prompt="input"), {"prompt": PROMPT, **_ANSWERS}),
    *(
        Form(Preference(prompt=prompt, **_NAMED), {"prompt": PROMPT, **_ANSWERS})
        for prompt in ("prompt", "instruction", "input", "question")
    ),
    Form(Preference(), _ANSWERS),
    Form(
        Preference(chosen="", rejected="", answers="answers"), {"prompt": TEXT, "answers": _RANKED}
    ),
)
