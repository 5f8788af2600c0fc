"""`prompt-completion`: `{"prompt", "completion"}` of TRL and of OpenAI's older format.

Each a text or messages; the answer also as `response` or `generation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import ANSWER, PROMPT, Form


@dataclass(frozen=True)
class PromptCompletion(Family):
    """A prompt and what completes it."""

    name: ClassVar[str] = "prompt-completion"

    prompt: str = "prompt"
    response: str = "completion"
    system: str = "system"
    tools: str = "tools"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


FORMS = tuple(
    Form(PromptCompletion(response=response), {"prompt": PROMPT, "response": ANSWER})
    for response in ("completion", "response", "generation", "output")
)
