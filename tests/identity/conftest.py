"""The test vectors of `docs/format.md`, made by hand and checked by `vectors.mjs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

Vectors = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    """All vectors, by kind."""
    loaded: Vectors = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
    return loaded
