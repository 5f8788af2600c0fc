"""Chats of turns that are only texts, which are most: read in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.adapters.normalise import SYSTEM_ROLES
from dslineage.adapters.visible import SEPARATOR

if TYPE_CHECKING:
    from dslineage.adapters.base import Conversation, Message
    from dslineage.adapters.normalise import Tags


class PlainChat(NamedTuple):
    """A conversation of turns that are only texts, and a system text, "" where there is none.

    `asked` are the turns of others than the assistant, `said` is what the assistant says, and
    `texts` are all of it in order, the system's first.
    """

    system: str
    turns: list[Message]
    roles: list[str]
    asked: list[Message]
    said: list[str]
    texts: list[str]

    @property
    def conversation(self) -> Conversation:
        """The same as a conversation."""
        if self.system:
            return {"system": self.system, "messages": self.turns}
        return {"messages": self.turns}

    def visible_text(self) -> str:
        """The same as of the conversation."""
        return SEPARATOR.join(self.texts)


def from_messages(messages: Any, tags: Tags) -> PlainChat | None:
    """What a family makes of a column of messages alone; None where there is more to tell."""
    if type(messages) is not list:
        return None
    chat = _read(messages, tags.role, tags.content, tags.plain)
    if chat is None or not chat.turns or chat.roles[0] not in SYSTEM_ROLES:
        return chat if chat and chat.turns else None
    _, turns, roles, asked, said, texts = chat
    if roles[0] != "system" or not texts[0] or len(roles) == 1 or roles[1] in SYSTEM_ROLES:
        return None
    return PlainChat(texts[0], turns[1:], roles[1:], asked[1:], said, texts)


def from_conversation(conversation: Conversation) -> PlainChat | None:
    """The conversation, where it is a plain chat."""
    messages = conversation.get("messages")
    system = conversation.get("system", "")
    if messages is None or type(system) is not str or len(conversation) > 1 + (system != ""):
        return None
    chat = _read(messages, "role", "content", _AS_IT_IS)
    return chat._replace(system=system, texts=[system, *chat.texts]) if chat and system else chat


class _AsItIs(dict[str, str]):
    """Every role under its own name."""

    def __missing__(self, role: Any) -> str:
        if type(role) is not str:
            raise KeyError(role)
        return role


_AS_IT_IS = _AsItIs()


def _read(
    messages: list[Any], role_key: str, content_key: str, plain: Mapping[str, str]
) -> PlainChat | None:
    """Messages of only a role, among those that are plain, and a text; None if one is not so."""
    same_keys = role_key == "role" and content_key == "content"
    turns, roles, asked, said, texts = [], [], [], [], []
    try:
        for turn in messages:
            name, content = turn[role_key], turn[content_key]
            role = plain[name]
            if len(turn) != 2 or type(content) is not str:
                return None
            if not same_keys or role != name:
                turn = {"role": role, "content": content}  # noqa: PLW2901
            turns.append(turn)
            roles.append(role)
            texts.append(content)
            if role == "assistant":
                said.append(content)
            else:
                asked.append(turn)
    except (KeyError, TypeError):  # not a message, or one with more to tell
        return None
    return PlainChat("", turns, roles, asked, said, texts)
