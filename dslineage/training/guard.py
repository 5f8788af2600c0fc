"""The boundary between a training and what is noted of it: the notes must not stop the training."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple

from dslineage.records import Gap
from dslineage.training.denied import is_refusal

_LOG = logging.getLogger("dslineage")
_LONGEST = 300


@dataclass
class Guard:
    """Turns what goes wrong inside its blocks into one warning for each kind of work, and gaps.

    With `strict`, errors go on; interrupts, and refusals of forgotten examples, always do. `gaps`
    are what went wrong so far.

    >>> guard = Guard()
    >>> with guard("hashing the checkpoint"):
    ...     hash_model(folder)
    """

    strict: bool = False
    gaps: list[Gap] = field(default_factory=list)
    _warned: set[str] = field(default_factory=set)

    def __call__(self, doing: str, kind: str = "capture") -> Block:
        """A block that does something, and the kind of gap that it leaves where it fails."""
        return Block(self, doing, kind)

    def meet(self, error: Exception, doing: str, kind: str) -> None:
        """Note an error."""
        text = " ".join(str(error).split()) or "no reason given"
        gap = Gap(kind, f"{doing} failed: {type(error).__name__}: {text}"[:_LONGEST])
        if doing not in self._warned:
            _LOG.warning("dslineage: %s; the training goes on", gap.message)
            self._warned.add(doing)
        if gap not in self.gaps:
            self.gaps.append(gap)


class Block(NamedTuple):
    """A block of a guard."""

    guard: Guard
    doing: str
    kind: str

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self.guard.strict or not isinstance(error, Exception) or is_refusal(error):
            return False
        self.guard.meet(error, self.doing, self.kind)
        return True
