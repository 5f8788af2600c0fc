"""`trace`: the examples that somebody asks for, each traced."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.canonical.jcs import canonical_bytes
from dslineage.canonical.strict import JsonError, parse_json
from dslineage.errors import NotFoundError, UsageError
from dslineage.trace.query import Found, by_content, by_digest, containing, having, of_snapshot
from dslineage.trace.trace import Tracer
from dslineage.trace.traced import ExampleTrace

if TYPE_CHECKING:
    from dslineage.lineage.graph import Graph
    from dslineage.versions.options import ReadOptions
    from dslineage.versions.sides import Sides


@dataclass(frozen=True, slots=True)
class TraceResult:
    """The examples that were asked for, each traced.

    `missing` are those that have no exact match; `left` counts those that were found and not traced
    since there were more than the limit. `unsearched` says of versions that could not be read, or
    not wholly, why; `notices` what else could not be found out.
    """

    examples: tuple[ExampleTrace, ...]
    left: int
    missing: tuple[str, ...]
    versions: int
    unsearched: Mapping[str, str]
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.trace/1`."""
        return {
            "schema": "dslineage.trace/1",
            "examples": [example.to_dict() for example in self.examples],
            "left": self.left,
            "missing": list(self.missing),
            "versions": self.versions,
            "unsearched": [{"version": ref, "why": why} for ref, why in self.unsearched.items()],
            "notices": list(self.notices),
        }


def trace(
    graph: Graph,
    sides: Sides,
    *,
    digest: str | None = None,
    key: tuple[str, str] | None = None,
    text: str | None = None,
    file: Path | str | None = None,
    example: str | None = None,
    read: ReadOptions | None = None,
    limit: int | None = None,
    infer: bool = True,
) -> TraceResult:
    """Trace examples; see `Provenance.trace`."""
    if sum(one is not None for one in (digest, key, text, file, example)) != 1:
        raise UsageError(
            "say which example is meant, in one way",
            hint="dslineage trace --digest DIGEST, --key FIELD=VALUE, --text TEXT or --file FILE",
        )
    tracer = Tracer.of(graph, sides.store, infer=infer)
    index = tracer.history.index
    if digest is not None:
        found = by_digest(index, [digest])
    elif key is not None:
        found = by_content(index, having(*key))
    elif text is not None:
        found = by_content(index, containing(text))
    elif file is not None:
        found = _in_file(sides, tracer, Path(file), read)
    else:
        found = _like(sides, tracer, example or "", read)
    return traced(tracer, found, limit)


def traced(tracer: Tracer, found: Found, limit: int | None = None) -> TraceResult:
    """Trace the examples that were found, by digest, at most `limit` of them."""
    digests = sorted(found.digests)
    examples = tuple(tracer.trace(digest) for digest in digests[:limit])
    return TraceResult(
        examples=examples,
        left=len(digests) - len(examples),
        missing=tuple(found.missing),
        versions=len(tracer.history.index.number),
        unsearched=tracer.unsearched | tracer.named(found.unread),
        notices=tuple(tracer.threads.undecided),
    )


def _in_file(sides: Sides, tracer: Tracer, path: Path, read: ReadOptions | None) -> Found:
    """The examples of a file in any format, or of another state that a reference names."""
    here = sides.here / path
    if not here.exists():
        raise NotFoundError(f"there is no file {path}", kind="no-file", hint="ls")
    with sides.one(str(here), read) as snapshot:
        return of_snapshot(tracer.history.index, snapshot)


def _like(sides: Sides, tracer: Tracer, example: str, read: ReadOptions | None) -> Found:
    """One example, as JSON, on as many lines as it may be.

    Raises:
        UsageError: it is no JSON object.
    """
    hint = """dslineage trace '{"prompt": "2 + 2?", "completion": "5"}'"""
    try:
        row = parse_json(example.encode(errors="surrogateescape"))
    except JsonError as error:
        raise UsageError(f"the example is no JSON: {error}", hint=hint) from error
    if not isinstance(row, dict):
        raise UsageError("an example is a JSON object", hint=hint)
    with tempfile.TemporaryDirectory(prefix="dslineage-") as folder:
        path = Path(folder) / "example.jsonl"
        path.write_bytes(canonical_bytes(row) + b"\n")
        return _in_file(sides, tracer, path, read)
