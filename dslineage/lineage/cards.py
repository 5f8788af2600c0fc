"""Cards of Hugging Face data sets, read as descriptions of sources.

A card is a Markdown file that begins with a block of YAML. Every scalar is taken as the text that
it is: `no` is a language here. https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dslineage.errors import BadDataError
from dslineage.lineage.description import Description, imported, read_document, short
from dslineage.records import Gap, License

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_NOTHING = {"", "~", "null", "none"}
_UNKNOWN = {"unknown", *_NOTHING}


def read_card(path: Path) -> Description:
    """What a card says of its data set.

    The licence is the one that the card names; of several, nobody knows which holds for what, and
    that is a gap. What the prose says is not read.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no card.
    """
    data = read_document(path, "a card")
    header = _header(path, data)
    licence, gaps = _license(path, header)
    return Description(
        title=_text(path, header, "pretty_name"),
        license=licence,
        languages=_texts(path, header, "language"),
        imported_from=imported("card", path, data),
        gaps=gaps,
    )


def _header(path: Path, data: bytes) -> dict[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        match = _HEADER.match(data.decode())
        if match is None:
            raise BadDataError(f"{path.name} is no card: it has no YAML header", kind="bad-card")
        header = YAML(typ="base", pure=True).load(match[1])
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        why = " ".join(str(error).split())
        raise BadDataError(f"{path.name} is no card: {why:.200}", kind="bad-card") from error
    if not isinstance(header, dict):
        raise BadDataError(f"{path.name} is no card: its header has no fields", kind="bad-card")
    return header


def _license(path: Path, header: dict[Any, Any]) -> tuple[License | None, tuple[Gap, ...]]:
    names = [one for one in _texts(path, header, "license") if one.lower() not in _UNKNOWN]
    link = _text(path, header, "license_link")
    named = _text(path, header, "license_name")
    if names == ["other"] and named:
        names = [named]
    if not names:
        return None, ()
    url = link if link and re.fullmatch(r"https?://\S+", link) else None
    licence = License(", ".join(names), url=url)
    if len(names) == 1:
        return licence, ()
    message = "its card names several licences, and not which of them holds for what"
    return licence, (Gap("licence", message),)


def _text(path: Path, header: dict[Any, Any], name: str) -> str | None:
    found = _texts(path, header, name)
    return ", ".join(found) or None


def _texts(path: Path, header: dict[Any, Any], name: str) -> tuple[str, ...]:
    """A field that is a text or a list of texts."""
    value = header.get(name, "")
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in values):
        raise BadDataError(f"{path.name}: {name} is neither a text nor a list", kind="bad-card")
    return tuple(short(one) for one in values if one.strip().lower() not in _NOTHING)
