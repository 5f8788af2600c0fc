"""What all families are made of: columns with a role each, and how they become a conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from dslineage.adapters.jsontext import parsed
from dslineage.adapters.normalise import (
    Tags,
    as_turns,
    common_prefix,
    lift_system,
    tool_definitions,
    turns,
)
from dslineage.adapters.plainchat import from_messages

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation

MEDIA_COLUMNS = {"images": "image", "videos": "video", "audios": "audio"}
COLUMNS = (
    "history", "messages", "prompt", "query", "response", "chosen", "rejected", "answers",
    "labels", "label", "text", "system", "tools", "functions", *MEDIA_COLUMNS,
)  # fmt: skip
"""The roles that a column of an example can have, in the order in which they are read."""


@dataclass(frozen=True)
class Family:
    """An adapter. Each field named in `COLUMNS` holds the column with that role, or "".

    `role` and `content` are the members of a message; `roles` adds names of roles to the known
    ones; `trained` are the roles whose turns count in the loss where nothing else is said.
    A family is a subclass with defaults of its own. Raise its `version` whenever the same example
    would become another conversation.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    history: str = ""
    messages: str = ""
    prompt: str = ""
    query: str = ""
    response: str = ""
    chosen: str = ""
    rejected: str = ""
    answers: str = ""
    labels: str = ""
    label: str = ""
    text: str = ""
    system: str = ""
    tools: str = ""
    functions: str = ""
    images: str = ""
    videos: str = ""
    audios: str = ""
    role: str = "role"
    content: str = "content"
    roles: tuple[tuple[str, str], ...] = ()
    trained: tuple[str, ...] = ("assistant",)

    @cached_property
    def mapping(self) -> Mapping[str, Any]:
        """What differs from the family's defaults, as JSON values."""
        changed = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {f.name: changed[f.name] for f in fields(self) if changed[f.name] != f.default}
        if "roles" in changed:
            changed["roles"] = dict(changed["roles"])
        if "trained" in changed:
            changed["trained"] = list(changed["trained"])
        return changed

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """The adapter with this mapping; a TypeError where it has what no family has."""
        values = dict(mapping)
        roles, trained = values.pop("roles", {}), values.pop("trained", [])
        if not all(map(_is_text, [*values.values(), *roles.values(), *trained])):
            raise TypeError("what a mapping gives are names")
        if "roles" in mapping:
            values["roles"] = tuple(sorted(roles.items()))
        if "trained" in mapping:
            values["trained"] = tuple(trained)
        return cls(**values)

    def with_columns(self, columns: Mapping[str, Any]) -> Self:
        """The same adapter with other columns for some roles."""
        return replace(self, **columns)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_mapping, (dict(self.mapping),)

    @cached_property
    def consumed(self) -> frozenset[str]:
        """The top-level fields that the conversation is made of."""
        return frozenset(column for column, _ in self._plan)

    def conversation(self, example: Mapping[str, Any]) -> Conversation:
        """The conversation of an example without null members; it may share objects with it.

        A column with an unexpected value is kept under `fields`, and so is the whole example
        where none of the family's columns says anything.
        """
        draft = _Draft(self.tags)
        for column, take in self._plan:
            if column in example and not take(draft, example[column]):
                draft.fields[column] = example[column]
        return draft.finish() or {"fields": dict(example)}

    def only_places_texts(self, example: Mapping[str, Any]) -> bool:
        """Whether the conversation just has each text and integer of the example in some place.

        Then examples that differ in nothing else have conversations that differ in nothing else,
        but for a role, and for a text that one of them has and in the other is empty. Where it is
        false that may be so, too.
        """
        if type(self).conversation is not Family.conversation:
            return False
        given = {role: example[c] for role in COLUMNS if (c := getattr(self, role)) in example}
        if "messages" in given:
            chat = from_messages(given.pop("messages"), self.tags)
            if chat is None or (chat.system and "system" in given):  # which are compared
                return False
        return all(
            value in ("", []) or (role in _IS_PLACED and _IS_PLACED[role](value))
            for role, value in given.items()
        )

    @cached_property
    def _plan(self) -> tuple[tuple[str, _Take], ...]:
        named = ((getattr(self, role), _TAKES[role]) for role in COLUMNS)
        return tuple((column, take) for column, take in named if column)

    @cached_property
    def tags(self) -> Tags:
        """How its messages are written."""
        return Tags.of(self.role, self.content, dict(self.roles), self.trained)


class _Draft:
    """A conversation in the making, filled column by column."""

    __slots__ = ("fields", "media", "members", "tags", "turns")

    def __init__(self, tags: Tags) -> None:
        self.tags = tags
        self.turns: list[Any] = []
        self.media: list[dict[str, Any]] = []
        self.fields: dict[str, Any] = {}
        self.members: dict[str, Any] = {}

    def finish(self) -> Conversation:
        """The conversation; members that say nothing are left out."""
        members = self.members
        if "chosen" in members and "rejected" in members:
            self._separate_prompt(members["chosen"], members["rejected"])
        for name in [name for name, value in members.items() if value in ([], {}, "")]:
            del members[name]
        if self.turns:
            system, messages = lift_system(self.turns, members.get("system"))
            if system is not None:
                members["system"] = system
            if messages:
                members["messages"] = messages
        if self.media:
            members["media"] = self.media
        if self.fields:
            members["fields"] = self.fields
        return cast("Conversation", members)

    def _separate_prompt(self, chosen: list[Any], rejected: list[Any]) -> None:
        """Take the prompt off the answers, where they repeat it or where it stands only there."""
        count = len(self.turns) or common_prefix(chosen, rejected)
        head = self.turns or chosen[:count]
        if (
            count < len(chosen)
            and count < len(rejected)
            and head == chosen[:count] == rejected[:count]
        ):
            self.turns = head
            self.members["chosen"], self.members["rejected"] = chosen[count:], rejected[count:]


_Take = Callable[[_Draft, Any], bool]


def _history(draft: _Draft, value: Any) -> bool:
    """Earlier rounds, as pairs of a question and its answer."""
    if type(value) is not list or any(type(pair) is not list or len(pair) != 2 for pair in value):
        return False
    for question, answer in value:
        draft.turns.append({"role": "user", **_given("content", question)})
        draft.turns.append({"role": "assistant", **_given("content", answer)})
    return True


def _messages(draft: _Draft, value: Any) -> bool:
    value = parsed(value)
    if type(value) is not list:
        return False
    draft.turns += turns(value, draft.tags, draft.media)
    return True


def _prompt(draft: _Draft, value: Any) -> bool:
    draft.turns += as_turns(value, "user", draft.tags, draft.media)
    return True


def _query(draft: _Draft, value: Any) -> bool:
    """The input that an instruction is about: the same user turn, on a line of its own."""
    if type(value) is not str:
        return False
    last = draft.turns[-1] if draft.turns else None
    if type(last) is dict and last.get("role") == "user" and type(last.get("content")) is str:
        if value:
            said = last["content"]
            draft.turns[-1] = {**last, "content": f"{said}\n{value}" if said else value}
    else:
        draft.turns.append({"role": "user", "content": value})
    return True


def _response(draft: _Draft, value: Any) -> bool:
    draft.turns += as_turns(value, "assistant", draft.tags, draft.media)
    return True


def _side(name: str) -> _Take:
    def take(draft: _Draft, value: Any) -> bool:
        draft.members[name] = as_turns(value, "assistant", draft.tags, draft.media)
        return True

    return take


def _answers(draft: _Draft, value: Any) -> bool:
    """Several answers to one prompt: texts, messages, or objects that hold an `answer`."""
    if type(value) is not list:
        return False
    draft.members["answers"] = [_answer(item, draft) for item in value]
    return True


def _answer(item: Any, draft: _Draft) -> dict[str, Any]:
    if type(item) is dict and "answer" in item and "content" not in item:
        return {("content" if name == "answer" else name): item[name] for name in item}
    said = as_turns(item, "assistant", draft.tags, draft.media)
    if len(said) == 1 and type(said[0]) is dict and said[0].keys() == {"role", "content"}:
        return _given("content", said[0]["content"])
    return {"messages": said}


def _labels(draft: _Draft, value: Any) -> bool:
    """One judgement for each answer."""
    answers = draft.members.get("answers")
    if type(value) is not list or answers is None or len(value) != len(answers):
        return False
    for answer, label in zip(answers, value, strict=True):
        answer.update(_given("label", label))
    return True


def _member(name: str) -> _Take:
    def take(draft: _Draft, value: Any) -> bool:
        draft.members[name] = value
        return True

    return take


def _text(draft: _Draft, value: Any) -> bool:
    if type(value) is not str:
        return False
    draft.members["text"] = value
    return True


def _system(draft: _Draft, value: Any) -> bool:
    if value != "":
        draft.members["system"] = value
    return True


def _tools(draft: _Draft, value: Any) -> bool:
    tools = tool_definitions(value)
    if tools not in ("", []):
        draft.members["tools"] = tools
    return True


def _functions(draft: _Draft, value: Any) -> bool:
    """Definitions as they were written before there were tools."""
    found = parsed(value)
    if type(found) is not list or "tools" in draft.members:
        return bool(found == "")
    if found:
        draft.members["tools"] = [
            {"type": "function", **_given("function", item)} for item in found
        ]
    return True


def _media(kind: str) -> _Take:
    def take(draft: _Draft, value: Any) -> bool:
        found = parsed(value)
        for ref in found if type(found) is list else [found]:
            if ref != "":
                draft.media.append({"kind": kind, **_given("ref", ref)})
        return True

    return take


def _given(name: str, value: Any) -> dict[str, Any]:
    """The member with this value, none where an array held null."""
    return {} if value is None else {name: value}


_TAKES: Mapping[str, _Take] = {
    "history": _history,
    "messages": _messages,
    "prompt": _prompt,
    "query": _query,
    "response": _response,
    "chosen": _side("chosen"),
    "rejected": _side("rejected"),
    "answers": _answers,
    "labels": _labels,
    "label": _member("label"),
    "text": _text,
    "system": _system,
    "tools": _tools,
    "functions": _functions,
    **{column: _media(kind) for column, kind in MEDIA_COLUMNS.items()},
}


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_plain(value: Any) -> bool:
    return type(value) in (str, int, bool)


def _are_rounds(value: Any) -> bool:
    return type(value) is list and all(
        type(pair) is list and len(pair) == 2 and all(map(_is_text, pair)) for pair in value
    )


_IS_PLACED: Mapping[str, Callable[[Any], bool]] = {
    "history": _are_rounds,
    "prompt": _is_text,
    "query": _is_text,
    "response": _is_text,
    "chosen": _is_text,
    "rejected": _is_text,
    "answers": lambda value: type(value) is list and all(map(_is_text, value)),
    "labels": lambda value: type(value) is list and all(map(_is_plain, value)),
    "label": _is_plain,
    "text": _is_text,
    "system": _is_text,
}
"""Which values of a column are only put in some place."""
