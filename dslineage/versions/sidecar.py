"""What a file beside the data says about how to read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson


def dataset_info(folder: Path, names: Iterable[str]) -> Mapping[str, Any] | None:
    """The entry of a LLaMA-Factory `dataset_info.json` beside the files that names one of them."""
    path = folder / "dataset_info.json"
    wanted = set(names)
    try:
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    entries = document.values() if isinstance(document, dict) else ()
    found = [one for one in entries if isinstance(one, dict) and one.get("file_name") in wanted]
    return found[0] if len(found) == 1 else None
