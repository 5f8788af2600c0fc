from __future__ import annotations

from importlib.util import find_spec

import pytest


def test_the_trainers_are_installed() -> None:
    missing = [
        name
        for name in ("torch", "transformers", "trl", "lightning", "safetensors")
        if find_spec(name) is None
    ]
    if missing:
        pytest.skip(f"no trainer is tested without {', '.join(missing)}: make trainers")
