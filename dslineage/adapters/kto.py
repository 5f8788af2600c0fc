"""`kto`: one answer and whether it is wanted, unpaired.

`{"prompt", "completion", "label"}` of TRL; messages or an Alpaca triple with a `label` or
`kto_tag`, of LLaMA-Factory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import (
    ANSWER,
    BOOLEAN,
    FLAG,
    FROM_MESSAGES,
    PROMPT,
    ROLE_MESSAGES,
    TEXT,
    Form,
    Shape,
)


@dataclass(frozen=True)
class KTO(Family):
    """A prompt, an answer and a label."""

    name: ClassVar[str] = "kto"

    prompt: str = "prompt"
    response: str = "completion"
    label: str = "label"
    system: str = "system"
    tools: str = "tools"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


_CHAT: dict[str, Any] = {"prompt": "", "response": "", "messages": "messages"}
_SHAREGPT: dict[str, Any] = {
    **_CHAT, "messages": "conversations", "role": "from", "content": "value",
}  # fmt: skip
_ALPACA: dict[str, Any] = {"prompt": "instruction", "query": "input", "response": "output"}


def _labelled(label: str, shape: Shape) -> tuple[Form, ...]:
    return (
        Form(KTO(**_CHAT, label=label), {"messages": ROLE_MESSAGES, "label": shape}),
        Form(KTO(**_SHAREGPT, label=label), {"messages": FROM_MESSAGES, "label": shape}),
        Form(KTO(**_ALPACA, label=label), {"prompt": TEXT, "response": TEXT, "label": shape}),
    )


FORMS = (
    Form(KTO(), {"prompt": PROMPT, "response": ANSWER, "label": FLAG}),
    *_labelled("label", BOOLEAN),
    *_labelled("kto_tag", FLAG),
)
