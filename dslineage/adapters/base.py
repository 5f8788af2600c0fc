"""What every adapter shares: the conversation, and the adapter's own identity."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypedDict

Message = dict[str, Any]
"""A normalised message. Members, each only where it says something:

`role` (system, developer, user, assistant, tool), `content` (a string, or a list of parts),
`name`, `tool_calls` (`[{"name", "arguments", "id"?}]`, arguments parsed), `tool_call_id`,
`thinking`, and `train` (true, false or a weight, where the loss mask differs from the default:
assistant turns are trained on, the others are not; an object with `turn` and with `parts`,
`thinking` or `detail` where it is finer than turns). Members that are not known stay.
"""


class Conversation(TypedDict, total=False):
    """The model-visible view of an example. Members that say nothing are left out.

    `system` is the leading system text (or turns, where there is more to tell), `messages` all
    further turns, `tools` the parsed tool definitions, `chosen` and `rejected` the preferred and
    rejected answers as messages, `answers` several judged or ranked answers, `label` a judgement of
    the whole, `media` references with their kind and, where they could be read, a digest, `text` a
    plain text, `tokens` data that is tokenised already, `fields` an example of no known family, or
    columns with a value of an unexpected shape.
    """

    system: Any
    messages: list[Message]
    tools: Any
    chosen: list[Message]
    rejected: list[Message]
    answers: list[dict[str, Any]]
    label: Any
    media: list[dict[str, Any]]
    text: str
    tokens: dict[str, Any]
    fields: dict[str, Any]


class Facets(NamedTuple):
    """Digests of the parts of one example, from which a diff is summarised.

    `conversation` is a SHA-256. The others are 8 bytes, by XXH3, or 8 zero bytes where the part
    is absent. The normative text is `docs/views.md`.
    """

    conversation: bytes
    prompt: bytes
    response: bytes
    rejected: bytes
    system: bytes
    structure: bytes
    tools: bytes
    label: bytes
    mask: bytes
    media: bytes
    rest: bytes
    key: bytes
    unkeyed: bytes
    folded: bytes
    repaired: bytes


class Adapter(Protocol):
    """Makes a conversation from an example. Instances are frozen, hashable and can be pickled."""

    @property
    def name(self) -> str:
        """The family, such as `messages`; also the value of `--schema`."""

    @property
    def version(self) -> int:
        """Raised whenever the same example would become another conversation."""

    @property
    def mapping(self) -> Mapping[str, Any]:
        """Columns, roles and tags that differ from the family's defaults, as JSON values."""

    @cached_property
    def consumed(self) -> frozenset[str]:
        """The top-level fields that the conversation is made of."""

    def conversation(self, example: Mapping[str, Any]) -> Conversation:
        """The conversation of an example without null members.

        Never fails on data: what has an unexpected shape is kept as it is, so that a change of
        it is a change of the conversation.
        """
