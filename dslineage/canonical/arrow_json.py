"""Hugging Face `Json()` columns: JSON texts inside Arrow, and the features that declare them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dslineage.canonical.fast import parse_rows
from dslineage.canonical.rows import Row
from dslineage.canonical.strict import MAX_DEPTH, JsonError, parse_json

if TYPE_CHECKING:
    import pyarrow as pa

JSON_TYPE = "arrow.json"
JSON_FEATURE = {"_type": "Json"}


class ArrowValueError(ValueError):
    """A value that no example can hold.

    `code` is the stable name of the fault, `row` counts from 0 within the converted batch,
    `column` is the top-level column; it is empty where the schema itself is at fault.
    """

    def __init__(self, code: str, message: str, *, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.column = column


def json_features(schema: pa.Schema) -> Any:
    """The Hugging Face features that a schema declares in its metadata, or None.

    Source: `datasets` writes `{"info": {"features": …}}` under the key `huggingface`.
    """
    text = (schema.metadata or {}).get(b"huggingface")
    try:
        declared = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    for key in ("info", "features"):
        declared = declared.get(key) if isinstance(declared, Mapping) else None
    return declared


def parsed(texts: list[str | None]) -> list[Any]:
    """The values of JSON texts, of any root, without null members.

    Objects go through the fast parser as they are, arrays as the only member of an object: after
    a text that begins with `[` and ends with `]`, a further member can only be one that shows.
    """
    raw = [b"" if text is None else text.strip(" \t\r\n").encode() for text in texts]
    wrapped = [b'{"":%b}' % text if _is_array(text) else text for text in raw]
    quick = parse_rows([text if text[:1] == b"{" else b"{}" for text in wrapped], MAX_DEPTH + 1)
    values: list[Any] = []
    for given, text, found in zip(texts, raw, quick, strict=True):
        if given is None:
            values.append(None)
        elif isinstance(found, Row) and text[:1] == b"{":
            values.append(found.value)
        elif isinstance(found, Row) and _is_array(text) and found.value.keys() == {""}:
            values.append(found.value[""])
        else:
            values.append(_parse_strictly(text))
    return values


def _is_array(text: bytes) -> bool:
    return text[:1] == b"[" and text[-1:] == b"]"


def _parse_strictly(text: bytes) -> Any:
    try:
        return parse_json(text)
    except JsonError as error:
        _, message, offset, _ = error.fault
        raise ArrowValueError(
            error.fault.code, f"in a Json() text, at its byte {offset}: {message}"
        ) from None


def tag(feature: Any) -> str | None:
    """The `_type` of a Hugging Face feature; None for a struct, a list in brackets, or nothing."""
    tag = feature.get("_type") if isinstance(feature, Mapping) else None
    return tag if isinstance(tag, str) else None


def items(feature: Any) -> Any:
    """The feature of a list's items."""
    if isinstance(feature, list):
        return feature[0] if feature else None
    return feature.get("feature") if tag(feature) else None


def member(feature: Any, name: str) -> Any:
    """The feature of a struct's member. A Sequence of a struct is stored as a struct of lists."""
    if tag(feature) == "Sequence":
        return {"_type": "List", "feature": member(feature.get("feature"), name)}
    if isinstance(feature, Mapping) and tag(feature) is None:
        return feature.get(name)
    return None
