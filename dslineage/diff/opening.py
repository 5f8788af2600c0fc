"""The rule `opening`: one conversation continues the other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dslineage.adapters.base import Conversation
from dslineage.adapters.encode import encode
from dslineage.adapters.visible import is_answer, prompt_text, response_text
from dslineage.diff.pairing import is_distinctive
from dslineage.diff.pool import Pool, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Opening(NamedTuple):
    """The first `turns` turns of a conversation. `whole`: there are no more."""

    side: int
    example: int
    turns: int
    whole: bool
    telling: bool


def pair_by_opening(pool: Pool, free: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
    """Pair conversations of which one is the other's beginning, prompt and answer included.

    The shorter one must be distinctive, stand once on its side, and begin one conversation only;
    the longer one is paired with the longest such beginning.

    Args:
        pool: where pairs are made.
        free: the indices to look at on each side.
    """
    by_digest: dict[bytes, list[_Opening]] = {}
    for place, side in enumerate((pool.before, pool.after)):
        for digest, opening in _openings(side, place, free[place]):
            by_digest.setdefault(digest, []).append(opening)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for same in by_digest.values():
        wholes = [opening for opening in same if opening.whole and opening.telling]
        for shorter in wholes:
            rivals = [o for o in same if o.side == shorter.side and o.whole]
            longer = [o for o in same if o.side != shorter.side and not o.whole]
            if len(rivals) == len(longer) == 1:
                key = longer[0].side, longer[0].example
                found[key] = max(found.get(key, (0, 0)), (shorter.turns, shorter.example))
    pairs = [
        (short, index) if side == 1 else (index, short)
        for (side, index), (_, short) in sorted(found.items())
    ]
    # A conversation may continue one and be continued by another: then nobody can say.
    uses = Counter(i for i, _ in pairs), Counter(j for _, j in pairs)
    pairs = [(i, j) for i, j in pairs if uses[0][i] == uses[1][j] == 1]
    before, after = np.array(pairs, np.int64).reshape(-1, 2).T
    pool.pair("opening", before, after)


def _openings(
    side: Side, place: int, indices: NDArray[np.int64]
) -> Iterator[tuple[bytes, _Opening]]:
    """The openings of some conversations that include an answer, with a digest of their turns."""
    conversations = side.view.conversations(side.rows[indices])
    for index, conversation in zip(indices.tolist(), conversations, strict=True):
        messages = conversation.get("messages", [])
        state = hashlib.sha256(encode(conversation.get("system", "")))
        answered = False
        for turns, message in enumerate(messages, 1):
            state.update(encode(message) + b"\n")
            answered = answered or is_answer(message)
            whole = turns == len(messages)
            if answered:
                telling = whole and is_distinctive(_text(conversation))
                yield state.digest(), _Opening(place, index, turns, whole, telling)


def _text(conversation: Conversation) -> str:
    return prompt_text(conversation) + response_text(conversation)
