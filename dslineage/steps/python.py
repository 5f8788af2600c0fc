"""A step in Python: examples come in, and what becomes of each is said as it happens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dslineage.errors import UsageError
from dslineage.steps.collecting import Example
from dslineage.steps.result import StepResult
from dslineage.steps.underway import Underway
from dslineage.workspace import Workspace

Made = Mapping[str, Any] | Iterable[Mapping[str, Any]] | None


def step(
    name: str,
    *,
    inputs: Sequence[str] | str = (),
    output: str,
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    message: str = "",
    each: bool = False,
    measure: bool = True,
    repository: Workspace | Path | str = ".",
) -> Step:
    """A step, to be used with `with`, or as a decorator of the function that does it.

    A decorated function takes the examples of all inputs and gives those of the output; with
    `each`, it takes one example and gives one, several, or None. Calling it runs the step.

    Args:
        name: what the step is called: a lower-case letter, then `a-z`, `0-9` and `-`.
        inputs: references and paths of what it begins with.
        output: the data set that it makes: its name, its file, or `NAME=PATH`.
        parameters: what to record of how it was run, as JSON values.
        seed: the seed to record.
        message: why the version is made.
        each: whether a decorated function takes one example at a time.
        measure: whether the metrics of the profile are measured of the new version.
        repository: the repository, or a folder in it.
    """
    return Step(
        name=name,
        inputs=(inputs,) if isinstance(inputs, str) else tuple(inputs),
        output=output,
        parameters=dict(parameters or {}),
        seed=seed,
        message=message,
        each=each,
        measure=measure,
        repository=repository,
    )


@dataclass(eq=False)
class Step:
    """A step in Python; see `step`.

    Inside a `with` block, `read` gives the examples, and `keep`, `drop` and `derive` say what
    becomes of them. The output file is written when the block ends well, all at once; where it
    does not, the file is as it was, and a record says that the step failed. Then `result` has what
    was recorded.
    """

    name: str
    inputs: tuple[str, ...]
    output: str
    parameters: Mapping[str, Any]
    seed: int | None = None
    message: str = ""
    each: bool = False
    measure: bool = True
    repository: Workspace | Path | str = "."
    _running: Underway | None = field(default=None, init=False, repr=False)
    _result: StepResult | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        if self._running is not None:
            raise UsageError(f"the step {self.name!r} is running already")
        self._running = Underway(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        running, self._running = self._open, None
        with running.resources:
            self._result = running.finished() if error is None else running.failed(error)

    def __call__(
        self,
        function: Callable[[Iterator[Example]], Iterable[Mapping[str, Any]]]
        | Callable[[Example], Made],
    ) -> Callable[[], StepResult]:
        """The function as something that runs the step when it is called."""

        @functools.wraps(function)
        def run() -> StepResult:
            with replace(self) as running:
                running._apply(function)  # noqa: SLF001 - it is ours
            return running.result

        return run

    @property
    def result(self) -> StepResult:
        """What was recorded.

        Raises:
            UsageError: the step has not ended.
        """
        if self._result is None:
            raise UsageError(f"the step {self.name!r} has not ended")
        return self._result

    def read(self, *names: str) -> Iterator[Example]:
        """The examples of the inputs, or of those that are named, in their order.

        They come from the recorded version, whatever is in the file.

        Raises:
            UsageError: no input has that name, or it is no data set.
        """
        return self._open.read(names)

    def keep(self, example: Mapping[str, Any]) -> None:
        """Write an example; one that was read and edited since is linked to what it was."""
        parents = (example.digest,) if isinstance(example, Example) else ()
        self._open.collector.write(example, parents)

    def drop(self, example: Mapping[str, Any], reason: str) -> None:
        """Leave an example out, and say why; what is neither kept nor dropped is left out, too.

        Raises:
            UsageError: it is no example that was read, or there is no reason.
        """
        if not reason:
            raise UsageError("an example is dropped for a reason", kind="no-reason")
        self._open.collector.links.drop(_digest(example), reason)

    def derive(self, example: Mapping[str, Any], parents: Iterable[Mapping[str, Any]]) -> None:
        """Write an example that was made of others; of none, if it is new.

        Raises:
            UsageError: a parent is no example that was read.
        """
        self._open.collector.write(example, [_digest(one) for one in parents])

    def _apply(self, function: Callable[[Any], Any]) -> None:
        """Run a function over all examples; see `step`."""
        if not self.each:
            for made in function(self.read()):
                self.keep(made)
            return
        for example in self.read():
            found = function(example)
            several = [found] if isinstance(found, Mapping) else list(found or ())
            for one in several:
                self.derive(one, parents=[example])
            if not several:
                self.drop(example, self.name)

    @property
    def _open(self) -> Underway:
        if self._running is None:
            raise UsageError(
                f"the step {self.name!r} is not running", hint="with dslineage.step(...) as step:"
            )
        return self._running


def _digest(example: Mapping[str, Any]) -> bytes:
    if not isinstance(example, Example):
        raise UsageError(
            "only examples that read() gave can be dropped, or be parents; this is another object",
            kind="not-read",
            hint="keep the example that read() gave, and change a copy of it",
        )
    return example.digest
