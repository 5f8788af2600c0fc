"""Examples of every family, and JSON that looks nearly like them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dslineage.adapters.base import Adapter
from dslineage.adapters.registry import PRECEDENCE

ADAPTERS: dict[str, Adapter] = {
    f"{form.adapter.name} {dict(form.adapter.mapping)}": form.adapter for form in PRECEDENCE
}

_NAMES = st.sampled_from(
    sorted(
        {column for adapter in ADAPTERS.values() for column in adapter.consumed}
        | {"role", "from", "content", "value", "type", "text", "train", "weight", "label", "answer"}
        | {"tool_calls", "function", "function_call", "arguments", "name", "thinking", "url", "id"}
        | {"reasoning_content", "train_detail", "loss_weight", "image_url", "parameters", "😀", "é"}
    )
)
texts = st.text(alphabet='aBéÂ²ßﬁ😀 \n\0"\\{[', max_size=10)
"""Short texts of characters that are easily treated wrongly."""

_WORDS = (
    "user assistant system human gpt function_call tool text image_url reasoning tool_call Hi {} [ "
    '[] "a" 1 \u00c2\u00b2 e\u0301'
)
_TEXTS = st.sampled_from(["", '{"a": 1.0}', '[{"name": "f"}]', *_WORDS.split()]) | texts
_SCALARS = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS

values: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner | st.none(), max_size=3) | st.dictionaries(_NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)
"""JSON values without null members, made of the names and texts that adapters look for."""

examples: st.SearchStrategy[dict[str, Any]] = st.dictionaries(_NAMES, values, max_size=5)
"""Examples that may be of any family, and mostly are of none."""

_turns = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["system", "developer", "user", "assistant", "tool", "humam"]),
    texts,
)
chats = st.lists(_turns, max_size=5)
"""Chat messages that are only text."""
