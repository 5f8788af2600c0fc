"""Files of a team's own metrics and judges: running one, and what an id says of its code."""

from __future__ import annotations

import ast
import io
import linecache
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from dslineage.errors import UsageError
from dslineage.ids import Digest
from dslineage.quality.custom import OwnMetric, said
from dslineage.quality.judge import FunctionJudge

Own = OwnMetric | FunctionJudge


def load_metrics(path: Path, content: bytes) -> tuple[Own, ...]:
    """The metrics and judges of a file whose content somebody trusts: this runs it.

    Args:
        path: the file, for messages.
        content: its bytes, which are what is run, whatever the file has become.

    Raises:
        UsageError: the file does not run, or holds no metric.
    """
    name = f"dslineage_metrics_{Digest.of(content).hex[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        # Errors are shown by the text that was run.
        lines = io.StringIO(text).readlines()
        linecache.cache[str(path)] = (len(content), None, lines, str(path))
        tree = ast.parse(text, str(path))
        code = compile(tree, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - somebody trusts it
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{path} cannot be used: {said(error, str(path))}", kind="bad-metric-file"
        ) from error
    own = {
        name: one
        for name, one in vars(module).items()
        if isinstance(one, OwnMetric | FunctionJudge) and one.function.__module__ == module.__name__
    }
    if not own:
        raise UsageError(f"{path} has no function with @metric", kind="bad-metric-file")
    source = Source(text, tree)
    for place, one in own.items():
        vars(one.function)["__dslineage_code__"] = source.behind(place)
        # Workers look a function up by name, of which only the metric has its own.
        one.function.__qualname__ = f"{place}__function"
        setattr(module, one.function.__qualname__, one.function)
    return tuple(own.values())


_WITH_DOCSTRING = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """A file's text and syntax tree.

    The code behind a metric is its definition, the functions, classes, imports and constants of
    the file that it uses, and all other statements, for any of them may change any of these.
    Comments, blank lines, docstrings and the metric's own decorator, whose parameters the id names
    anyway, are left out. It is text, for a tree is printed otherwise by each release of Python.
    """

    text: str
    tree: ast.Module

    def behind(self, name: str) -> str:
        """The code behind the metric that a variable of the file holds, in the file's order."""
        definitions: dict[str, list[ast.stmt]] = {}
        kept: dict[int, ast.stmt] = {}
        for statement in self.tree.body:
            names = list(_defined(statement))
            for defined in names:
                definitions.setdefault(defined, []).append(statement)
            if not names and not _is_text(statement):
                kept[statement.lineno] = statement
        open_ = [name, *_used(kept.values())]
        while open_:
            one = open_.pop()
            statements = definitions.pop(one, [])
            kept |= {statement.lineno: statement for statement in statements}
            open_ += _used(statements)
        lines = self._lines
        return "\n".join(
            lines[number]
            for _, statement in sorted(kept.items())
            for number in _numbers(statement, own=_named(statement) == name)
            if number in lines
        )

    @property
    def _lines(self) -> dict[int, str]:
        """Lines by their number, without comments, blank lines and docstrings."""
        found = dict(enumerate(self.text.split("\n"), 1))
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            number, column = token.start
            if token.type == tokenize.COMMENT:
                found[number] = found[number][:column].rstrip()
            if token.type == tokenize.NL and not found.get(number, "").strip():
                del found[number]
        for node in ast.walk(self.tree):
            if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False):
                text = ast.get_source_segment(self.text, node.body[0]) or ""
                numbers = range(node.body[0].lineno, node.body[0].lineno + text.count("\n") + 1)
                if "\n".join(found[number] for number in numbers).strip() == text:
                    for number in numbers:
                        del found[number]
        return found


def _numbers(statement: ast.stmt, *, own: bool) -> range:
    """The lines of a statement: those of a metric's own definition begin behind its decorator."""
    first, end = statement.lineno, statement.end_lineno or statement.lineno
    decorators = getattr(statement, "decorator_list", [])
    if len(decorators) > own:
        first = decorators[int(own)].lineno
    return range(first, end + 1)


def _named(statement: ast.stmt) -> str | None:
    return statement.name if isinstance(statement, ast.FunctionDef) else None


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning, if it does nothing else."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from ((one.asname or one.name).partition(".")[0] for one in statement.names)
    elif isinstance(statement, ast.Assign):
        targets = [one for one in statement.targets if isinstance(one, ast.Name)]
        yield from (one.id for one in targets if len(targets) == len(statement.targets))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def _used(statements: Iterable[ast.stmt]) -> list[str]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
