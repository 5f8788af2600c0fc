"""YAML with tags that its parser stumbles over is bad data, wherever YAML is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dslineage.errors import BadDataError
from dslineage.lineage.dvcfile import read_dvc_file
from dslineage.lineage.dvcstages import stages_of
from dslineage.standards.frontmatter import read_fields
from dslineage.trainers.documents import read_values, scalar

STRANGE = ["!!float ''", "!!int ''", "!!bool x", "!!timestamp x", "2026-02-30"]


def _configuration(text: str) -> object:
    path = Path("sft.yaml")
    path.write_text(text)
    return read_values(path)


@pytest.mark.parametrize("value", STRANGE)
@pytest.mark.parametrize(
    "read",
    [
        _configuration,
        lambda text: stages_of(text.encode(), "dvc.lock"),
        lambda text: read_dvc_file(text.encode(), "x.dvc"),
        lambda text: read_fields(f"---\n{text}---\n"),
    ],
    ids=["configuration", "dvc.lock", ".dvc", "card"],
)
def test_a_strange_value_is_bad_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[str], object], value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadDataError):
        read(f"a: {value}\n")


@pytest.mark.parametrize("value", STRANGE)
def test_on_a_command_line_it_is_a_text(value: str) -> None:
    assert scalar(value) == value
