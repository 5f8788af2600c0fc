"""YAML and JSON that other programs wrote, read as plain values and never as code."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslineage.errors import BadDataError, NotFoundError

_HUGE = 8 << 20
_MOST = 100_000
_DEEPEST = 32
_SECRET = re.compile(
    r"(?:^|[_.-])(?:token|password|passwd|secret|(?:api|access)_?key)$", re.IGNORECASE
)
_INTERPOLATED = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")


def read_values(path: Path) -> dict[str, Any]:
    """The mapping in a YAML or JSON file, as JSON values without null members.

    YAML is read as version 1.1, as PyYAML reads it, which all these programs use.

    Raises:
        NotFoundError: there is no such file.
        BadDataError: it is no mapping, or is made to harm: too large, too deep, of other types.
    """
    try:
        if path.stat().st_size > _HUGE:
            raise _bad(path, "it is larger than any configuration")
        found = _parsed(path, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFoundError(f"there is no file {path.name}", kind="no-file") from error
    if not isinstance(found, Mapping):
        raise _bad(path, "it is no mapping of names to values")
    return _Plain(path).mapping(found, 0)


def scalar(text: str) -> Any:
    """A value as it stands on a command line, of the type that YAML gives it."""
    try:
        found = _yaml(text)
    except (LookupError, ValueError, RecursionError, _yaml_error()):
        return text
    if isinstance(found, list) and all(type(one) in {bool, int, float, str} for one in found):
        return found
    return found if type(found) in {bool, int, float} else text


def is_secret(name: str) -> bool:
    """Whether a setting of this name holds a password, a key or a token."""
    return bool(_SECRET.search(name))


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those whose names say that they are a password, a key or a token."""

    def open_to_all(value: Any) -> Any:
        if isinstance(value, Mapping):
            return without_secrets(value)
        return [open_to_all(one) for one in value] if isinstance(value, list) else value

    return {name: open_to_all(value) for name, value in values.items() if not is_secret(name)}


def interpolated(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in which `${output_dir}` and `${a.b}` stand for other settings, as in OmegaConf."""

    def replaced(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: replaced(one) for name, one in value.items()}
        if isinstance(value, list):
            return [replaced(one) for one in value]
        return _INTERPOLATED.sub(_of(values), value) if isinstance(value, str) else value

    return dict(replaced(values))


def _of(values: Mapping[str, Any]) -> Any:
    def text(found: re.Match[str]) -> str:
        value: Any = values
        for part in found[1].split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else found[0]

    return text


def _parsed(path: Path, data: bytes) -> Any:
    try:
        if path.suffix.lower() == ".json":
            return json.loads(data)
        return _yaml(data)
    except (LookupError, ValueError, RecursionError, _yaml_error()) as error:
        message = " ".join(str(error).split())
        raise _bad(path, f"it cannot be read: {message:.200}") from error


def _yaml(data: bytes | str) -> Any:
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it minds `1e-4`, which means here what people mean
        return reader.load(data)


def _yaml_error() -> type[Exception]:
    from ruamel.yaml.error import YAMLError

    found: type[Exception] = YAMLError
    return found


def _bad(path: Path, why: str) -> BadDataError:
    return BadDataError(f"{path.name} is no configuration: {why}", kind="no-configuration")


@dataclass
class _Plain:
    """Copies values as JSON; aliases are written out, so what they come to is counted."""

    path: Path
    count: int = 0

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        """An object, without null members."""
        members = {self.text(str(key)): self.value(one, depth) for key, one in value.items()}
        return {name: one for name, one in members.items() if one is not None}

    def value(self, value: Any, depth: int) -> Any:
        """Any value; what JSON has no type for is its text."""
        self.count += 1
        if self.count > _MOST or depth > _DEEPEST:
            raise _bad(self.path, "it has more values, or goes deeper, than any configuration")
        if isinstance(value, Mapping):
            return self.mapping(value, depth + 1)
        if isinstance(value, (list, tuple, set)):
            return [self.value(one, depth + 1) for one in value]
        if isinstance(value, float) and not abs(value) < float("inf"):
            return str(value)
        if value is None or type(value) in {bool, int, float}:
            return value
        return self.text(str(value))

    def text(self, value: str) -> str:
        """A text that a record can hold."""
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _bad(self.path, "a text in it is no UTF-8") from error
        return value
