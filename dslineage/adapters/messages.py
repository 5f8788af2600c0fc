"""`messages`: chat messages as OpenAI, TRL and most trainers write them.

`{"messages": [{"role", "content", "name"?, "tool_calls"?, "tool_call_id"?, "weight"?}], "tools"?}`,
also with `functions` and `function_call`, their older names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.family import Family
from dslineage.adapters.form import ROLE_MESSAGES, Form


@dataclass(frozen=True)
class Messages(Family):
    """Messages with role and content."""

    name: ClassVar[str] = "messages"

    messages: str = "messages"
    system: str = "system"
    tools: str = "tools"
    functions: str = "functions"
    images: str = "images"
    videos: str = "videos"
    audios: str = "audios"


FORMS = (
    Form(Messages(), {"messages": ROLE_MESSAGES}),
    Form(Messages(messages="conversations"), {"messages": ROLE_MESSAGES}),
    Form(Messages(messages="conversation"), {"messages": ROLE_MESSAGES}),
)
