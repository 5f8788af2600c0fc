"""`openai-preference`: `input{messages, tools?}`, `preferred_output`, `non_preferred_output`.

The form in which OpenAI takes pairs for direct preference optimisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from dslineage.adapters.family import Family
from dslineage.adapters.form import LIST, OBJECT, Form

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation


@dataclass(frozen=True)
class OpenAIPreference(Family):
    """A preferred and another output. `messages` and `tools` are members of `input`."""

    name: ClassVar[str] = "openai-preference"

    input: str = "input"
    messages: str = "messages"
    tools: str = "tools"
    chosen: str = "preferred_output"
    rejected: str = "non_preferred_output"

    @cached_property
    def consumed(self) -> frozenset[str]:
        """The top-level fields that the conversation is made of."""
        return frozenset({self.input, self.chosen, self.rejected})

    def conversation(self, example: Mapping[str, Any]) -> Conversation:
        """The conversation; members of `input` that are no part of it stay under `fields`."""
        given = example.get(self.input)
        if type(given) is not dict:
            known = {name: example[name] for name in example if name in self.consumed}
            return {"fields": known or dict(example)}
        outputs = {name: example[name] for name in (self.chosen, self.rejected) if name in example}
        conversation = super().conversation({**given, **outputs})
        left = {name: given[name] for name in given if name not in (self.messages, self.tools)}
        if left and "messages" in conversation:
            fields = {**conversation.get("fields", {}), self.input: left}
            conversation = cast("Conversation", {**conversation, "fields": fields})
        return conversation


FORMS = (
    Form(OpenAIPreference(), {"input": OBJECT, "chosen": LIST, "rejected": LIST}),
    Form(
        OpenAIPreference(chosen="preferred_completion", rejected="non_preferred_completion"),
        {"input": OBJECT, "chosen": LIST, "rejected": LIST},
    ),
)
