"""`docs/security.md` names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", (ROOT / "docs/security.md").read_text())


def test_every_row_names_a_test() -> None:
    rows = re.findall(
        r"^\| .*\((?:[HG]\d+(?:, )?)+\) \|(.*)\|$",
        (ROOT / "docs/security.md").read_text(),
        re.MULTILINE,
    )
    assert len(rows) == 18
    assert all("::test_" in row for row in rows)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()
