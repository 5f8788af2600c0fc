"""What records and pointers are made of: documents, ids, names and paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

import orjson

from dslineage.errors import IntegrityError, UsageError
from dslineage.members import matching

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


def ids(found: Sequence[Any], kind: str) -> tuple[str, ...]:
    """Ids of records of one kind; a ValueError where something else stands."""
    pattern = re.compile(rf"{kind}:sha256:[0-9a-f]{{64}}")
    return tuple(matching({"id": id_}, "id", pattern) for id_ in found)


def is_name(name: str) -> bool:
    """Whether a text can name a data set; see `checked_name`."""
    return bool(_NAME.fullmatch(name)) and not name.endswith(".lock")


def checked_name(name: str) -> str:
    """A data set's name: letters, digits and `._+-`, at most 100, no path.

    Raises:
        UsageError: it is anything else.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} cannot name a data set: letters, digits, '.', '_', '+' and '-' can",
            kind="bad-name",
            hint=f"dslineage add FILE --name {name_like(name)}",
        )
    return name


def name_like(text: str) -> str:
    """A name that a data set can have, as near to a text as may be."""
    near = re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip("-.")[:100]
    return near if is_name(near) else "NAME"


def safe_path(path: str) -> str:
    """A relative POSIX path that stays inside its folder and out of `.git`.

    Raises:
        IntegrityError: it does not.
    """
    pure = PurePosixPath(path)
    inside = pure.parts and not pure.is_absolute() and ".." not in pure.parts and "\0" not in path
    if not inside or any(part.lower() in {".git", ".dslineage"} for part in pure.parts):
        raise IntegrityError(f"a record names the path {path!r}", kind="unsafe-path")
    return path


def read_document(data: bytes, name: str, schema: str, *older: str) -> dict[str, Any]:
    """The JSON object in a record's file, of this release's schema or an older one.

    Raises:
        IntegrityError: it is none, or has another schema.
    """
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise damaged(name, f"it is not JSON ({error})") from error
    found = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(found, str):
        raise damaged(name, "it has no schema")
    if found != schema and found not in older:
        why = f"has the schema {found!r:.100}; this release reads {schema!r}"
        raise newer(name, document, why)
    return dict(document)


@contextmanager
def understood(name: str) -> Iterator[None]:
    """Turn whatever a strange document makes go wrong into an IntegrityError that names it."""
    try:
        yield
    except IntegrityError as error:
        if name in error.message:
            raise
        raise IntegrityError(f"damaged record {name}: {error.message}", kind=error.kind) from error
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise damaged(name, f"a member is missing or wrong: {error}") from error


def newer(name: str, document: Mapping[str, Any], why: str) -> IntegrityError:
    """The error for a record that a newer release wrote."""
    tool = document.get("tool")
    writer = f"; {tool:.100} wrote it" if isinstance(tool, str) else ""
    return IntegrityError(
        f"{name} {why}{writer}", kind="unknown-schema", hint="pip install --upgrade dslineage"
    )


def damaged(name: str, why: str) -> IntegrityError:
    """The error for a record that cannot be what was written."""
    return IntegrityError(f"damaged record {name}: {why}", kind="damaged-record")


def pretty(document: Mapping[str, Any]) -> bytes:
    """A document as a file for people and machines."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
