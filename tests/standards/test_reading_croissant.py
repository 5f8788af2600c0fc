"""Croissant files that the standard's own library writes are read as sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage.lineage.croissant import read_croissant
from dslineage.records import License

mlc = pytest.importorskip("mlcroissant", reason="uv sync --group standards")


def test_what_mlcroissant_writes_is_read(tmp_path: Path) -> None:
    rows = mlc.FileObject(
        id="rows", name="rows", content_url="data/train.jsonl", content_size="32 B",
        encoding_formats=["application/jsonlines"], sha256="ab" * 32,
    )  # fmt: skip
    metadata = mlc.Metadata(
        name="faq", description="Questions", url="https://example.org/faq", version="1.0.0",
        license=["https://spdx.org/licenses/CC-BY-4.0"], creators=[mlc.Person(name="Ada")],
        date_published="2025-03-04", personal_sensitive_information=["Names"],
        data_collection="By staff", distribution=[rows],
    )  # fmt: skip
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(metadata.to_json(), default=str))
    found = read_croissant(path)
    assert (found.uri, found.title, found.revision) == ("https://example.org/faq", "faq", "1.0.0")
    assert found.license == License("CC-BY-4.0", url="https://spdx.org/licenses/CC-BY-4.0")
    assert (found.published_at, found.creators) == ("2025-03-04", ("Ada",))
    assert found.statements == {
        "rai:dataCollection": ("By staff",),
        "rai:personalSensitiveInformation": ("Names",),
    }
    [file] = found.files
    assert (file.path, file.size, file.sha256.hex) == ("data/train.jsonl", 32, "ab" * 32)
