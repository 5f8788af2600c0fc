"""The shape of a conversation: who speaks in which order, and what kind of thing each turn holds.

There are few shapes in a data set, so what follows from the shape alone is worked out once each.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.adapters.parts import plain_text

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation


class Content(Enum):
    """What the content of a turn is."""

    TEXT = "text"
    """A text, or parts with one, that is more than white space."""
    BLANK = "blank"
    """White space at most, or parts without a text."""
    NONE = "none"
    """There is none."""
    MEDIA = "media"
    """Parts that show something other than a text."""
    OTHER = "other"
    """What no trainer reads as content."""


class Turn(NamedTuple):
    """What a turn is: its role, content, whether it calls tools, whether it counts in the loss."""

    role: str
    content: Content
    calls: bool
    trained: bool


class Shape(NamedTuple):
    """The turns of a conversation by where they stand, and what else it holds.

    `system` are leading system turns, `answer` the turns of the preferred answer, or of the first
    of several; `rejected` those of the rejected one. `text` is the content of a plain text.
    """

    system: tuple[Turn, ...]
    turns: tuple[Turn, ...]
    answer: tuple[Turn, ...]
    rejected: tuple[Turn, ...]
    text: Content | None
    others: frozenset[str]

    @property
    def dialogue(self) -> tuple[Turn, ...]:
        """The turns behind the leading system turns, the preferred answer's included."""
        return self.turns + self.answer

    @property
    def targets(self) -> tuple[Turn, ...]:
        """The turns that a model is trained to say."""
        return tuple(turn for turn in self.dialogue if turn.trained and turn.role == "assistant")


def shape_of(conversation: Conversation) -> Shape:
    """The shape of a conversation; that of a plain chat is the same object every time."""
    system: Any = conversation.get("system", ())
    plain = type(system) is str and not system.isspace()
    if len(conversation) == plain + 1:
        roles = _plain_roles(conversation.get("messages", ()))
        if roles:
            return _plain_chat(plain, roles)
    answer: Any = conversation.get("chosen", ())
    answers = conversation.get("answers")
    if answers and not answer:
        answer = answers[0].get("messages", [{"role": "assistant"} | answers[0]])
    text = conversation.get("text")
    return Shape(
        _turns(system if type(system) is list else [{"role": "system", "content": system}])
        if system
        else (),
        _turns(conversation.get("messages", ())),
        _turns(answer),
        _turns(conversation.get("rejected", ())),
        None if text is None else _content(text),
        _OTHERS.intersection(conversation),
    )


def trained(turn: dict[str, Any]) -> bool:
    """Whether a loss mask lets anything of a turn count, where its role does."""
    mask = turn.get("train", True)
    if type(mask) is dict:
        parts = mask.get("parts")
        return bool(mask.get("turn", True)) or (type(parts) is list and any(parts))
    return mask not in (False, 0)


_OTHERS = frozenset({"answers", "fields", "label", "tokens"})


def _plain_roles(turns: Any) -> tuple[str, ...] | None:
    """The roles of turns that hold a role and a text; None where there is one with more to tell."""
    roles = []
    for turn in turns:
        if type(turn) is not dict or len(turn) != 2:
            return None
        role, content = turn.get("role"), turn.get("content")
        if type(role) is not str or type(content) is not str or not content or content.isspace():
            return None
        roles.append(role)
    return tuple(roles)


@lru_cache(4096)
def _plain_chat(system: bool, roles: tuple[str, ...]) -> Shape:
    turns = tuple(Turn(role, Content.TEXT, calls=False, trained=True) for role in roles)
    head = (Turn("system", Content.TEXT, calls=False, trained=True),) if system else ()
    return Shape(head, turns, (), (), None, frozenset())


def _turns(turns: Any) -> tuple[Turn, ...]:
    return tuple([_turn(turn) for turn in turns])


def _turn(turn: Any) -> Turn:
    if type(turn) is not dict or type(turn.get("role")) is not str:
        return Turn("", Content.OTHER, calls=False, trained=False)
    content = _content(turn.get("content"))
    return Turn(turn["role"], content, bool(turn.get("tool_calls")), trained(turn))


def _content(content: Any) -> Content:
    if content is None:
        return Content.NONE
    if type(content) is str:
        return Content.BLANK if not content or content.isspace() else Content.TEXT
    if type(content) is not list:
        return Content.OTHER
    if any(type(part) is not dict or "type" not in part for part in content):
        return Content.OTHER
    if any("media" in part for part in content):
        return Content.MEDIA
    text = plain_text(content)
    return Content.TEXT if text and not text.isspace() else Content.BLANK
