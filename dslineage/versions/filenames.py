"""What the name of a file says: whether it is data, and what to call a data set after it."""

from __future__ import annotations

from pathlib import PurePosixPath

TABLE_SUFFIXES = frozenset({".parquet", ".pq", ".arrow", ".arrows", ".ipc", ".feather"})
SIDECARS = ("state.json", "dataset_info.json")
"""Files of a `save_to_disk` folder that belong to it and hold no examples."""

_TEXT = {".jsonl", ".ndjson", ".json", ".csv", ".tsv"}
_COMPRESSED = {".gz", ".zst"}


def is_data(name: str) -> bool:
    """Whether a file in a folder of data is data, by its name."""
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _TEXT | TABLE_SUFFIXES


def stem(name: str) -> str:
    """A file's name without what says its format."""
    path = PurePosixPath(name)
    return path.with_suffix("").stem if path.suffix in _COMPRESSED else path.stem
