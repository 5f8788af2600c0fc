"""Judges: metrics that cost something for each example, and so are asked about a sample only."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.quality.custom import check_function, check_name, said
from dslineage.quality.example import Example
from dslineage.quality.metric import Better, code_of

_LARGEST = 2**53
Score = float | None
"""What a judge says of an example; None: it does not apply."""


class JudgeError(UsageError):
    """A judge failed; what it said before stays."""

    default_kind = "failed-judge"


class Asked(NamedTuple):
    """An example that is judged."""

    digest: str
    example: Example


@dataclass(frozen=True)
class Judge(ABC):
    """Somebody or something that gives examples a score.

    Its id covers who judges (`model`), by what instructions (`prompt`), by what code, and how many
    examples of a version are drawn for it, by which seed.
    """

    name: str
    model: str
    prompt: str
    sample: int
    seed: int
    unit: str
    better: Better

    @abstractmethod
    def scores(self, asked: Sequence[Asked]) -> Iterator[Score]:
        """The score of each example, in order.

        Raises:
            JudgeError: the judge fails; the scores so far are good.
        """

    @property
    @abstractmethod
    def code(self) -> Any:
        """What is run, as JSON."""

    @property
    @abstractmethod
    def about(self) -> str:
        """What is run, for people."""

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that could change a figure, as records keep it."""
        return {
            "model": self.model,
            "prompt": str(Digest.of(self.prompt.encode())),
            "code": self.code,
            "sample": self.sample,
            "seed": self.seed,
        }

    @cached_property
    def id(self) -> str:
        """`name@1:<16 hex digits>` over the identity."""
        identity = canonical_bytes({"name": self.name, **self.identity})
        return f"{self.name}@1:{Digest.of(identity).hex[:16]}"


@dataclass(frozen=True)
class FunctionJudge(Judge):
    """A function with `@judge` in a metric file; it is given an `Example` and returns a number."""

    function: Callable[[Example], object]

    @property
    def code(self) -> str:
        """The digest of the source text."""
        return str(Digest.of(code_of(self.function).encode()))

    @property
    def about(self) -> str:
        """The docstring."""
        return inspect.getdoc(self.function) or ""

    def scores(self, asked: Sequence[Asked]) -> Iterator[Score]:
        """What the function returns."""
        for digest, example in asked:
            try:
                found = self.function(example)
            except (Exception, SystemExit) as error:
                file = self.function.__code__.co_filename
                why = f"raised {said(error, file)}"
                raise JudgeError(f"the judge {self.name} {why} (example {digest})") from error
            yield score(self.name, found, digest)


def judge(
    name: str,
    *,
    model: str,
    prompt: str,
    sample: int = 200,
    seed: int = 0,
    unit: str = "score",
    better: Better = "neutral",
) -> Callable[[Callable[[Example], object]], FunctionJudge]:
    """Make a judge of a function on one example that returns a number, or None.

    Args:
        name: how the judge's metric is called.
        model: who judges.
        prompt: the instructions, whose hash is part of the judge's id.
        sample: how many examples of a version are judged.
        seed: by which they are drawn.
        unit: of the score.
        better: which way is better.

    Raises:
        UsageError: the judge is not well defined.
    """
    check_name(name)
    if type(sample) is not int or sample < 1 or better not in ("higher", "lower", "neutral"):
        raise UsageError(f"@judge({name!r}): no such sample or direction", kind="bad-metric-file")

    def made(function: Callable[[Example], object]) -> FunctionJudge:
        check_function(name, function)
        return FunctionJudge(name, model, prompt, sample, seed, unit, better, function)

    return made


def score(name: str, found: object, digest: str) -> Score:
    """A score that can be kept.

    Raises:
        JudgeError: it is none.
    """
    if found is None:
        return None
    if isinstance(found, bool | int | float) and abs(found) < _LARGEST:
        return float(found)
    raise JudgeError(
        f"the judge {name} gave {found!r:.60}, which is no number and not null (example {digest})"
    )
