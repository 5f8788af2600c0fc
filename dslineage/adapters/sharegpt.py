"""`sharegpt`: `{"conversations": [{"from": "human"|"gpt"|…, "value"}], "system"?, "tools"?}`.

`tools` is JSON in a string; a `function_call` turn holds the calls as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dslineage.adapters.form import FROM_MESSAGES, Form
from dslineage.adapters.messages import Messages


@dataclass(frozen=True)
class ShareGPT(Messages):
    """Messages with from and value."""

    name: ClassVar[str] = "sharegpt"

    messages: str = "conversations"
    role: str = "from"
    content: str = "value"


FORMS = (
    Form(ShareGPT(), {"messages": FROM_MESSAGES}),
    Form(ShareGPT(messages="conversation"), {"messages": FROM_MESSAGES}),
    Form(ShareGPT(messages="messages"), {"messages": FROM_MESSAGES}),
)
