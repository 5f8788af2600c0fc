"""Croissant files, read as descriptions of sources: JSON-LD in the form that tools write.

Members are found by their short names (`name`, `sc:name`) and by the full ones of schema.org; the
context is not resolved, since that would ask a network. Versions 1.0 and 1.1, and the RAI
vocabulary: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from dslineage.errors import BadDataError, IntegrityError
from dslineage.ids import Digest
from dslineage.lineage.description import Description, imported, read_document, short
from dslineage.members import day
from dslineage.records import Gap, License, NamedFile, safe_path

if TYPE_CHECKING:
    from pathlib import Path

_PREFIXES = ("", "sc:", "schema:", "cr:", "https://schema.org/", "http://schema.org/",
             "http://mlcommons.org/croissant/")  # fmt: skip
_RAI = re.compile(r"(?:rai:|https?://mlcommons\.org/croissant/RAI/)([A-Za-z]{1,60})")
_SPDX = re.compile(r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html|\.json)?/?")
_URL = re.compile(r"https?://\S+")
_HEX = re.compile(r"[0-9a-f]{64}")
_NAMING = ("@value", "name", "url", "@id")
_BYTES = re.compile(r"([0-9]{1,18})(?: ?B| bytes)?")


def read_croissant(path: Path) -> Description:
    """What a Croissant file says of its data set.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no Croissant file.
    """
    data = read_document(path, "a Croissant file")
    root = _dataset(path, data)
    published = _text(root, "datePublished")
    files, gaps = _files(path, root)
    return Description(
        uri=_text(root, "url"),
        title=_text(root, "name"),
        description=_text(root, "description"),
        revision=_text(root, "version"),
        files=files,
        license=_license(root),
        languages=tuple(_texts(root, "inLanguage")),
        published_at=_day(published),
        creators=tuple(_texts(root, "creator")),
        statements=_statements(root),
        imported_from=imported("Croissant", path, data),
        gaps=gaps,
    )


def _dataset(path: Path, data: bytes) -> Mapping[str, Any]:
    """The node of the data set in a document."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadDataError(f"{path.name} is not JSON: {error}", kind="bad-croissant") from error
    graph = document.get("@graph") if isinstance(document, dict) else None
    for node in graph if isinstance(graph, list) else [document]:
        if isinstance(node, dict) and _is_a(node, "Dataset"):
            return node
    raise BadDataError(f"{path.name} describes no data set", kind="bad-croissant")


def _files(path: Path, root: Mapping[str, Any]) -> tuple[tuple[NamedFile, ...], tuple[Gap, ...]]:
    """The files with a hash; those without one are a gap, since nothing can be known by them."""
    found: dict[str, NamedFile] = {}
    unhashed = 0
    for one in _all(root, "distribution"):
        if not isinstance(one, dict) or not _is_a(one, "FileObject"):
            continue
        digits = (_text(one, "sha256") or "").lower()
        name = _file_name(one)
        if name is None or not _HEX.fullmatch(digits):
            unhashed += "git+" not in (_text(one, "encodingFormat") or "")
            continue
        size = _BYTES.fullmatch(_text(one, "contentSize") or "")
        file = NamedFile(name, int(size[1]) if size else None, Digest.parse(f"sha256:{digits}"))
        if found.setdefault(name, file).sha256 != file.sha256:
            message = f"{path.name} names {name} twice, with two hashes"
            raise BadDataError(message, kind="bad-croissant")
    said = "1 of its files has" if unhashed == 1 else f"{unhashed:,} of its files have"
    gap = Gap("unread-files", f"{said} no SHA-256 in the Croissant file")
    return tuple(found[name] for name in sorted(found)), (gap,) if unhashed else ()


def _file_name(file: Mapping[str, Any]) -> str | None:
    """The path of a file below the data set; the last part of a URL where it is elsewhere."""
    url = _text(file, "contentUrl") or ""
    names = ("" if "://" in url else url, _text(file, "name"), url.rpartition("/")[2])
    for name in filter(None, names):
        try:
            return safe_path(name)
        except IntegrityError:
            continue
    return None


def _license(root: Mapping[str, Any]) -> License | None:
    """The licence: an SPDX id where its URL is that of one, else the text as it is."""
    found = [one for one in _texts(root, "license") if one.lower() != "unknown"]
    if not found:
        return None
    names = [match[1] if (match := _SPDX.fullmatch(one)) else one for one in found]
    url = next((one for one in found if _URL.fullmatch(one)), None)
    return License(", ".join(names), url=url)


def _statements(root: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What the RAI vocabulary says: how data was collected, what personal data is in it."""
    said = {}
    for member in sorted(root):
        match = _RAI.fullmatch(member)
        texts = tuple(_plain(root[member])) if match else ()
        if match and texts:
            said[f"rai:{match[1]}"] = texts
    return said


def _day(text: str | None) -> str | None:
    try:
        return day({"day": (text or "")[:10]}, "day")
    except ValueError:
        return None


def _is_a(node: Mapping[str, Any], kind: str) -> bool:
    types = node.get("@type", [])
    return any(
        isinstance(one, str) and re.split(r"[:/#]", one)[-1] == kind
        for one in (types if isinstance(types, list) else [types])
    )


def _all(node: Mapping[str, Any], name: str) -> list[Any]:
    """The values of a member, whichever way its name is written."""
    value: Any = next((node[p + name] for p in _PREFIXES if node.get(p + name) is not None), [])
    return value if isinstance(value, list) else [value]


def _texts(node: Mapping[str, Any], name: str) -> Iterator[str]:
    return _plain(_all(node, name))


def _text(node: Mapping[str, Any], name: str) -> str | None:
    return next(_texts(node, name), None)


def _plain(value: Any) -> Iterator[str]:
    """The texts in a value of JSON-LD: plain, in a language, or the name or address of a thing."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            named = (text for name in _NAMING for text in _all(one, name))
            yield from (short(text) for text in islice(filter(_is_text, named), 1))
        elif _is_text(one):
            yield short(one)
        elif type(one) in {int, float}:
            yield str(one)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
