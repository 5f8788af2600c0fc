"""Messages of every dialect, in one form.

What has an unexpected shape is kept as it is: it still counts in the conversation, and nothing
here fails on data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.adapters.jsontext import parsed
from dslineage.adapters.parts import take_apart

if TYPE_CHECKING:
    from dslineage.adapters.base import Message

ROLES: Mapping[str, str] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "observation": "tool",
    "function": "tool",
    "function_response": "tool",
    "ipython": "tool",
    "function_call": "function_call",
}
"""Role names of all families; `function_call` is an assistant turn whose content is the calls."""

SYSTEM_ROLES = ("system", "developer")
_FLAGS = ("train", "weight", "loss_weight")
_THINKING = ("thinking", "reasoning_content")


class Tags(NamedTuple):
    """How messages are written: the members for role and content, and what roles are called.

    `trained` are the roles whose turns count in the loss where a message has no flag. `plain` are
    those of the `roles` with which a message of only a role and a text has nothing else to tell.
    """

    role: str
    content: str
    roles: Mapping[str, str]
    trained: frozenset[str]
    plain: Mapping[str, str]

    @classmethod
    def of(cls, role: str, content: str, roles: Mapping[str, str], trained: Iterable[str]) -> Tags:
        """Tags with further names of roles."""
        known, counted = {**ROLES, **roles}, frozenset(trained)
        plain = {
            name: role
            for name, role in known.items()
            if role != "function_call" and (role in counted) == (role == "assistant")
        }
        return cls(role, content, known, counted, plain)


def turns(messages: list[Any], tags: Tags, media: list[dict[str, Any]]) -> list[Any]:
    """Normalise messages; references to media in their parts are appended to `media`.

    The result may share objects with the example.
    """
    role_key, content_key, _, _, plain = tags
    out: list[Any] = []
    for raw in messages:
        try:
            role, content = plain[raw[role_key]], raw[content_key]
        except (KeyError, TypeError):  # not a message, or one with more to tell
            out.append(message(raw, tags, media))
            continue
        if len(raw) == 2 and type(content) is str:
            out.append({"role": role, "content": content})
        else:
            out.append(message(raw, tags, media))
    return out


def message(raw: Any, tags: Tags, media: list[dict[str, Any]]) -> Any:
    """Normalise one message; what has no role comes back as it is."""
    role_key = _first(raw, (tags.role, "role", "from"))
    if role_key is None or type(raw[role_key]) is not str:
        return raw
    left = dict(raw)
    role = tags.roles.get(left.pop(role_key), raw[role_key])
    called = role == "function_call"
    out: Message = {"role": "assistant" if called else role}
    content_key = _first(left, (tags.content, "content", "value"))
    flags: dict[str, Any] = {}
    if content_key is not None:
        content = left.pop(content_key)
        if called and "tool_calls" not in left:
            out["tool_calls"] = calls(parsed(content))
        elif type(content) is list:
            _take_parts(out, content, media, flags)
        else:
            out["content"] = content
    _take_thinking(out, left, flags)
    _take_calls(out, left)
    _take_train(out, left, flags, tags.trained)
    return raw if left.keys() & out.keys() else out | left


def as_turns(value: Any, role: str, tags: Tags, media: list[dict[str, Any]]) -> list[Any]:
    """The turns that a column holds: messages, one message, or a bare content of the given role."""
    if type(value) is str:
        return [{"role": role, "content": value}]
    if type(value) is list and all(is_message(item, tags) for item in value):
        return turns(value, tags, media)
    if is_message(value, tags):
        return [message(value, tags, media)]
    return [{"role": role, "content": value}]


def is_message(value: Any, tags: Tags) -> bool:
    """Whether the value is an object that says whose turn it is."""
    key = _first(value, (tags.role, "role", "from"))
    return key is not None and type(value[key]) is str


def calls(value: Any) -> Any:
    """Tool calls as `[{"name", "arguments", "id"?}]`, arguments parsed where they are JSON."""
    if type(value) is dict:
        return [_call(value)]
    return [_call(item) for item in value] if type(value) is list else value


def tool_definitions(value: Any) -> Any:
    """Tools as a list, whether they came as one or as JSON in a string; `parameters` likewise."""
    value = parsed(value)
    if type(value) is dict:
        value = [value]
    return [_definition(item) for item in value] if type(value) is list else value


def lift_system(messages: list[Any], column: Any) -> tuple[Any, list[Any]]:
    """Take the leading system and developer turns off some messages.

    One system turn that is only text is that text. Where there is more to tell, the result is a
    list of messages, the text of a system column before them unless the first repeats it.
    """
    count = 0
    for turn in messages:
        if type(turn) is not dict or turn.get("role") not in SYSTEM_ROLES:
            break
        count += 1
    if not count:
        return column, messages
    head = messages[:count]
    first = head[0]
    said = first["content"] if first.keys() == {"role", "content"} else None
    if column is not None and not (first["role"] == "system" and said == column):
        head = [{"role": "system", "content": column}, *head]
    elif count == 1 and first["role"] == "system" and type(said) is str:
        return said, messages[1:]
    return head, messages[count:]


def common_prefix(left: list[Any], right: list[Any]) -> int:
    """How many leading turns two answers share, the last turn of either never counted."""
    bound = min(len(left), len(right)) - 1
    return next((i for i in range(bound) if left[i] != right[i]), max(bound, 0))


def _first(value: Any, names: tuple[str, ...]) -> str | None:
    if type(value) is not dict:
        return None
    return next((name for name in names if name in value), None)


def _take_parts(
    out: Message, content: list[Any], media: list[dict[str, Any]], flags: dict[str, Any]
) -> None:
    taken = take_apart(content, media)
    if taken.content is not None:
        out["content"] = taken.content
    if taken.thinking is not None:
        out["thinking"] = taken.thinking
    if taken.calls:
        out["tool_calls"] = calls(list(taken.calls))
    if taken.flags is not None:
        flags["parts"] = taken.flags


def _take_thinking(out: Message, left: Message, flags: dict[str, Any]) -> None:
    name = _first(left, _THINKING)
    if name is None or "thinking" in out:
        return
    value = left.pop(name)
    if type(value) is list:
        taken = take_apart(value, [])
        if taken.flags is not None:
            flags["thinking"] = taken.flags
        if taken.thinking is None and not taken.calls:
            value = taken.content
    out["thinking"] = value


def _take_calls(out: Message, left: Message) -> None:
    if "tool_calls" in out:
        return
    if "tool_calls" in left:
        made = left.pop("tool_calls")
        if made != []:
            out["tool_calls"] = calls(made)
    elif type(left.get("function_call")) is dict:
        out["tool_calls"] = calls(left.pop("function_call"))


def _take_train(
    out: Message, left: Message, flags: dict[str, Any], trained: frozenset[str]
) -> None:
    """Set `train` where the mask is not the default: assistant turns count, others do not."""
    default = out["role"] == "assistant"
    name = _first(left, _FLAGS)
    weight = left.pop(name) if name is not None else out["role"] in trained
    if weight in (0, 1):
        weight = bool(weight)
    if "train_detail" in left:
        flags["detail"] = left.pop("train_detail")
    if flags:
        out["train"] = {"turn": weight, **flags}
    elif weight is not default:
        out["train"] = weight


def _call(call: Any) -> Any:
    if type(call) is not dict:
        return call
    out = dict(call)
    function = out.pop("function", None)
    if out.get("type") == "function":
        del out["type"]
    if type(function) is not dict or out.keys() & function.keys():
        out = dict(call)
    else:
        out |= function
    if "arguments" in out:
        arguments = parsed(out["arguments"])
        out["arguments"] = arguments if type(arguments) is dict else out["arguments"]
    return out


def _definition(tool: Any) -> Any:
    function = tool.get("function") if type(tool) is dict else None
    if type(function) is not dict or type(function.get("parameters")) is not str:
        return tool
    return {**tool, "function": {**function, "parameters": parsed(function["parameters"])}}
