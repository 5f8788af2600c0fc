"""Any result as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from dslineage_cli.sanitise import json_text


class Result(Protocol):
    """What every result of the library can do."""

    def to_dict(self) -> dict[str, Any]:
        """The result as a JSON object with a `schema` member."""


def document(result: Result) -> str:
    """The result as indented JSON that is safe on a terminal."""
    return dumped(result.to_dict())


def dumped(content: Mapping[str, Any]) -> str:
    """A JSON object, indented and safe on a terminal.

    The standard library's encoder writes integers of any size, which data may hold.
    """
    return json_text(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"
