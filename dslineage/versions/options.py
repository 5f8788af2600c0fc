"""How files are to be read and stored, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dslineage.formats.base import Limits
from dslineage.ids import Digest
from dslineage.progress import Progress, Report
from dslineage.versions.measurer import Measurer
from dslineage.versions.scanning import CHUNK_BYTES

__all__ = ["Progress", "ReadOptions", "Report", "StoreMode"]

StoreMode = Literal["auto", "rows", "index"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options of reading a data set's files.

    `format` and `delimiter` override what the file name says; `schema` and `columns` override
    detection, as does `info`, an entry of a LLaMA-Factory `dataset_info.json`. With `quarantine`
    bad spans are put aside instead of refused. `store` is how bytes are kept: `auto` restores
    text files byte for byte from rows and keeps others whole, `rows` keeps rows only, `index`
    keeps neither. `media_dir` is the folder that media are relative to; None: each data file's
    own. `workers` None means one a core; `chunk_bytes` changes
    no result. New rows of text files are measured by `measurer`. `content_hash` is what the files
    hold, where whoever wrote them knows it: they are recorded only if they do.
    """

    format: str | None = None
    delimiter: str | None = None
    schema: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    info: Mapping[str, Any] | None = None
    strict_schema: bool = False
    key: str | None = None
    quarantine: bool = False
    store: StoreMode = "auto"
    media_dir: str | None = None
    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    chunk_bytes: int = CHUNK_BYTES
    measurer: Measurer | None = None
    content_hash: Digest | None = None
