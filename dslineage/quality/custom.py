"""A team's own metrics: functions with `@metric` in a file of the repository."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.quality.metric import Better, Kind, Metric

_KINDS = {"share": Kind.FLAG, "category": Kind.CATEGORY, "ppm": Kind.RATE}


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
    where it does not apply, or `Found(value, spans)`.

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
    """
    chosen = Kind(kind) if kind else Kind.REASONS if labels else _KINDS.get(unit, Kind.NUMBER)

    def made(function: Callable[..., Any]) -> Metric:
        return Metric(
            name,
            chosen,
            unit,
            better,
            function,
            version=version,
            params=dict(params or {}),
            labels=labels,
            formula=formula or (function.__doc__ or "").strip(),
            source=source,
        )

    return made


def load_metrics(path: Path, content: bytes) -> tuple[Metric, ...]:
    """The metrics of a file whose content somebody trusts: this runs it.

    Args:
        path: the file, for messages.
        content: its bytes, which are what is run.

    Raises:
        UsageError: the file does not run, or holds no metric.
    """
    text = content.decode("utf-8", "replace")
    name = f"dslineage_metrics_{Digest.of(content).hex[:16]}"
    file = str(path)
    # Functions are looked up by name in workers, and shown in errors, by the text that is run.
    linecache.cache[file] = (len(content), None, text.splitlines(keepends=True), file)
    module = ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    try:
        tree = ast.parse(text, file)
        exec(compile(tree, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except Exception as error:
        raise UsageError(
            f"{path} cannot be used: {type(error).__name__}: {error}{_line_of(error, file)}",
            kind="bad-metric-file",
        ) from error
    found = tuple(one for one in vars(module).values() if isinstance(one, Metric))
    own = [one for one in found if one.function.__module__ == name]
    if not own:
        raise UsageError(f"{path} has no function with @metric", kind="bad-metric-file")
    for one in own:
        _by_name(module, one)
        vars(one.function)["__dslineage_code__"] = _code(text, tree, one.function.__name__)
    return tuple(own)


def _by_name(module: ModuleType, one: Metric) -> None:
    """Let workers find the function, of which only the metric has the name."""
    function = one.function
    function.__qualname__ = f"{function.__qualname__}__function"
    setattr(module, function.__qualname__, function)


def _code(text: str, tree: ast.Module, name: str) -> str:
    """The source of a function and of all that it uses of its file, in the file's order."""
    definitions: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for defined in _defined(statement):
            definitions[defined] = statement
    wanted, open_ = set(), [name]
    while open_:
        one = open_.pop()
        if one in wanted or one not in definitions:
            continue
        wanted.add(one)
        used = (n.id for n in ast.walk(definitions[one]) if isinstance(n, ast.Name))
        open_.extend(used)
    kept = {id(definitions[one]): definitions[one] for one in wanted}
    parts = sorted(kept.values(), key=lambda statement: statement.lineno)
    return "\n".join(ast.unparse(part) for part in parts)


def _defined(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from ((one.asname or one.name).partition(".")[0] for one in statement.names)
    else:
        targets = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
        yield from (n.id for n in targets if isinstance(n.ctx, ast.Store))


def _line_of(error: BaseException, file: str) -> str:
    """Where in the file an error came from."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f" (line {lines[-1]})" if lines else ""
