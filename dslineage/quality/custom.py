"""A team's own metrics: functions with `@metric`, whose values are checked one by one."""

from __future__ import annotations

import inspect
import pickle
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.quality.metric import MICRO, Better, Found, Kind, Metric, Rate, Span, Value

if TYPE_CHECKING:
    from dslineage.quality.example import Example

_KINDS = {"share": Kind.FLAG, "category": Kind.CATEGORY, "ppm": Kind.RATE}
_LABELS = 31
_CATEGORY = 100
_U4 = 2**32 - 2
_LARGEST = 2**63 // MICRO - 1


class MetricError(UsageError):
    """A metric of a team's own failed for an example; `metric` is its name."""

    default_kind = "failed-metric"
    metric = ""


@dataclass(frozen=True)
class OwnMetric(Metric):
    """A metric whose function nobody but its authors has tested: what it does is checked."""

    def of(self, example: Example) -> Found:
        """The value of one example.

        Raises:
            MetricError: the function raised, changed the example, or returned what it should not.
        """
        before = _image(example)
        try:
            found: object = self.function(example, **self.params)
        except (Exception, SystemExit) as error:
            raise self._failed(before, f"raised {said(error, _file(self.function))}") from error
        if _image(example) != before:
            raise self._failed(before, "changed the example")
        pair = isinstance(found, Found) or (type(found) is tuple and len(found) == 2)
        value, spans = cast("tuple[object, Any]", found) if pair else (found, ())
        try:
            return Found(_checked(self, value), tuple(Span(*span) for span in spans))
        except (TypeError, ValueError) as error:
            raise self._failed(before, f"returned {value!r:.60}: {error}") from error

    def _failed(self, image: bytes, why: str) -> MetricError:
        fields, _ = pickle.loads(image)  # noqa: S301 - made above, of values of JSON
        digest = Digest.of(canonical_bytes(fields)).hex[:12]
        return failure(self, f"{why} (example {digest})")


def failure(metric: Metric, why: str) -> MetricError:
    """The error of a metric that cannot be used."""
    error = MetricError(f"the metric {metric.name} {why}")
    error.metric = metric.name
    return error


def metric(
    name: str,
    *,
    better: Better = "neutral",
    unit: str = "share",
    version: int = 1,
    params: Mapping[str, Any] | None = None,
    kind: str | None = None,
    labels: tuple[str, ...] = (),
    formula: str = "",
    source: str = "",
) -> Callable[[Callable[..., Any]], Metric]:
    """Make a metric of a pure function on one example.

    The function is given an `Example` and the parameters by name. It returns a truth value (unit
    `share`), a number, a name (unit `category`), a `Rate` (unit `ppm`), a set of `labels`, None
    where it does not apply, or a pair of that and the spans that caused it.

    Args:
        name: how the metric is called.
        better: which way is better; a neutral metric can only warn.
        unit: of the figure.
        version: raised when the meaning changes; the source text is part of the id anyway.
        params: keyword arguments of the function, part of the id.
        kind: `flag`, `count`, `number`, `rate`, `category` or `reasons`, where the unit does not
            say it.
        labels: the reasons of a metric of kind `reasons`.
        formula: what is computed, for people; by default the function's docstring.
        source: where it comes from.

    Raises:
        UsageError: the metric is not well defined.
    """
    chosen = Kind(kind) if kind else Kind.REASONS if labels else _KINDS.get(unit, Kind.NUMBER)
    if chosen is Kind.KEY or better not in ("higher", "lower", "neutral"):
        raise UsageError(f"@metric({name!r}): no such kind or direction", kind="bad-metric-file")
    if (chosen is Kind.REASONS) != bool(labels) or len(labels) > _LABELS:
        raise UsageError(
            f"@metric({name!r}): a metric of reasons has 1 to {_LABELS} labels, others have none",
            kind="bad-metric-file",
        )
    check_name(name)

    def made(function: Callable[..., Any]) -> Metric:
        check_function(name, function)
        return OwnMetric(
            name,
            chosen,
            unit,
            better,
            function,
            version=version,
            params=dict(params or {}),
            labels=tuple(labels),
            formula=formula or (function.__doc__ or "").strip(),
            source=source,
        )

    return made


def check_name(name: str) -> None:
    """Refuse what cannot name a metric: a `/` would stand before a label."""
    if not name.isprintable() or not 0 < len(name) <= _CATEGORY or set(name) & set("/@: "):
        raise UsageError(
            f"{name!r:.120} is no name of a metric: one has no space, `/`, `@` or `:`",
            kind="bad-metric-file",
        )


def check_function(name: str, function: Callable[..., Any]) -> None:
    """Refuse other callables, of which nobody could say what code is behind them."""
    if not inspect.isfunction(function):
        raise UsageError(f"{name} is made of something that is no function", kind="bad-metric-file")


def said(error: BaseException, file: str) -> str:
    """What an error of somebody's code says, and the line of their file that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    where = f", line {lines[-1]}" if lines else ""
    return f"{type(error).__name__}: {error!s:.200}{where}"


def _file(function: Callable[..., Any]) -> str:
    return str(getattr(getattr(function, "__code__", None), "co_filename", ""))


def _image(example: Example) -> bytes:
    """All that a function could change of an example."""
    return pickle.dumps((example.fields, example.conversation))


def _checked(one: Metric, value: object) -> Value:
    """A value that can be kept; a TypeError or ValueError says why another cannot."""
    if value is None:
        return None
    return _CHECKS[one.kind](one, value)


def _flag(_: Metric, value: object) -> bool:
    if type(value) is not bool:
        raise TypeError("a share is made of True and False")
    return value


def _count(_: Metric, value: object) -> int:
    if type(value) is not int or not 0 <= value <= _U4:
        raise TypeError(f"a count is a whole number from 0 to {_U4:,}")
    return value


def _number(_: Metric, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("it is no number")
    if not abs(value) <= _LARGEST:  # as of NaN, too
        raise ValueError(f"a number is finite, and at most {_LARGEST:,}")
    return value


def _rate(_: Metric, value: object) -> Rate:
    if not isinstance(value, Rate) or any(type(n) is not int or not 0 <= n <= _U4 for n in value):
        raise TypeError("a rate is a Rate of two natural numbers")
    return value


def _category(_: Metric, value: object) -> str:
    if type(value) is not str or not 0 < len(value) <= _CATEGORY:
        raise TypeError(f"a category is a name of at most {_CATEGORY} characters")
    value.encode()
    return value


def _reasons(one: Metric, value: object) -> frozenset[str]:
    if not isinstance(value, set | frozenset) or not value <= set(one.labels):
        raise TypeError(f"reasons are a set of {', '.join(one.labels)}")
    return frozenset(value)


_CHECKS: Mapping[Kind, Callable[[Metric, object], Value]] = {
    Kind.FLAG: _flag,
    Kind.COUNT: _count,
    Kind.NUMBER: _number,
    Kind.RATE: _rate,
    Kind.CATEGORY: _category,
    Kind.REASONS: _reasons,
}
