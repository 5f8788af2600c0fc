"""`recall`: examples that must go, asked for in one way or several, and all they affect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import BadDataError, NotFoundError, UsageError
from dslineage.ids import Digest
from dslineage.recall.recall import RecallResult, recall_name, recalled
from dslineage.trace.query import Found, by_content, by_digest, containing, having, of_source
from dslineage.trace.trace import Tracer

if TYPE_CHECKING:
    from dslineage.lineage.registry import Registry
    from dslineage.recall.filing import Filing
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp


@dataclass(frozen=True, slots=True)
class RecallQuery:
    """Which examples are recalled: all that any of these means.

    `hashes` is a file of digests, one a line; `where` a field and its value, `source` the id of a
    source's record, `text` a text in the example. `name` is what the recall is called.
    """

    hashes: Path | None = None
    where: tuple[str, str] | None = None
    source: str | None = None
    text: str | None = None
    name: str = ""


def recall(
    registry: Registry,
    store: Store,
    query: RecallQuery,
    filing: Filing,
    stamp: Stamp,
    *,
    infer: bool = True,
) -> RecallResult:
    """Find what is affected, and keep what is to be kept of that; see `Provenance.recall`."""
    tracer, result = _recalled(registry, store, query, infer=infer)
    claims = filing.claims(tracer, result, stamp)
    if not claims:
        return result
    filed = registry.keep(claims, store)
    _, result = _recalled(registry, store, query, infer=infer)
    return replace(result, filed=tuple(filed))


def _recalled(
    registry: Registry, store: Store, query: RecallQuery, *, infer: bool
) -> tuple[Tracer, RecallResult]:
    tracer = Tracer.of(registry.graph(), store, infer=infer)
    index = tracer.history.index
    asked: dict[str, Any] = {}
    parts: list[Found] = []
    if query.hashes is not None:
        lines, digest = _listed(query.hashes)
        asked["hashes"] = {"sha256": digest.hex, "count": len(lines)}
        parts.append(by_digest(index, lines))
    if query.where is not None:
        asked["where"] = {"field": query.where[0], "value": query.where[1]}
        parts.append(by_content(index, having(*query.where)))
    if query.source is not None:
        asked["source"] = query.source
        parts.append(of_source(tracer.history, query.source))
    if query.text is not None:
        asked["text"] = query.text
        parts.append(by_content(index, containing(query.text)))
    if not parts:
        raise UsageError(
            "say which examples are recalled",
            hint="dslineage recall with --where FIELD=VALUE, --source, --text or --hashes FILE",
        )
    return tracer, recalled(tracer, _all(parts), query.name or recall_name(asked), asked)


def _all(parts: Sequence[Found]) -> Found:
    every = Found()
    for part in parts:
        every.digests |= part.digests
        every.missing += part.missing
        every.unread = _joined(every.unread, part.unread)
    return every


def _joined(first: Mapping[int, str], second: Mapping[int, str]) -> dict[int, str]:
    return {**second, **first}


def _listed(path: Path) -> tuple[list[str], Digest]:
    """The digests in a file, one a line, and the hash of the file; `#` begins a comment.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no text.
        UsageError: there is no digest in it.
    """
    try:
        data = path.read_bytes()
        lines = [line.partition("#")[0].strip() for line in data.decode().splitlines()]
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}", kind="no-file", hint="ls") from error
    except UnicodeDecodeError as error:
        raise BadDataError(f"{path} is no list of digests: it is no text") from error
    listed = list(dict.fromkeys(filter(None, lines)))
    if not listed:
        raise UsageError(f"{path.name} lists no digest", hint="one a line; # begins a comment")
    return listed, Digest.of(data)
