"""`prompt-only`: `{"prompt"}`, for collections of prompts and for reinforcement learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import PROMPT, Form


@dataclass(frozen=True)
class PromptOnly(Family):
    """A prompt without an answer."""

    name: ClassVar[str] = "prompt-only"

    prompt: str = "prompt"
    system: str = "system"
    tools: str = "tools"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


FORMS = (Form(PromptOnly(), {"prompt": PROMPT}),)
