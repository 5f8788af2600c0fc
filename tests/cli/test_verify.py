"""`dslineage verify`, as people and programs see it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dslineage.errors import IntegrityError, NotFoundError, UsageError
from dslineage_cli.exits import CODES, FINE
from tests.cli.conftest import Dslineage


@pytest.fixture
def packs(support: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The texts of the repository of the story, which is the current folder."""
    monkeypatch.chdir(support)
    return sorted((support / ".git/dslineage/packs").glob("*.zst"))


def cut(path: Path) -> bytes:
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    return data


def test_damage_is_named_and_the_next_command_with_it(
    packs: list[Path], dslineage: Dslineage
) -> None:
    cut(packs[0])
    ran = dslineage("verify")
    assert ran.code == CODES[IntegrityError]
    assert f"damaged object {packs[0].name}: it" in " ".join(ran.out.split())
    assert "\n  needed by support@v1" in ran.out
    assert ran.out.endswith("next: dslineage verify --repair\n")


def test_a_sample_says_which_one_it_was(packs: list[Path], dslineage: Dslineage) -> None:
    first = dslineage("verify", "--sample", "20%", "--json").json
    assert first["sample"]["confidence"] == 0.95
    seed = str(first["sample"]["seed"])
    assert dslineage("verify", "--sample", "20%", "--seed", seed, "--json").json == first
    ran = dslineage("verify", "--sample", "20%", "--seed", seed)
    assert ran.code == FINE
    said = " ".join(ran.out.split())
    assert f"(--seed {seed}). Had {first['sample']['noticeable']} of the" in said
    assert said.endswith("all are as they were written, as far as was looked")


def test_another_clone_repairs(packs: list[Path], support: Path, dslineage: Dslineage) -> None:
    shutil.copytree(support, support.parent / "other")
    whole = cut(packs[0])
    ran = dslineage("verify", "--repair", "--from", "../other")
    assert ran.code == FINE
    assert f"repaired: packs/{packs[0].name}" in ran.out
    assert "from ../other" in ran.out
    assert packs[0].read_bytes() == whole
    again = dslineage("verify", "--max-age", "1")
    assert "hashed before, and not touched since\n" in again.out


def test_a_remote_is_read_and_mended(
    packs: list[Path], support: Path, dslineage: Dslineage
) -> None:
    pytest.importorskip("dvc", reason="dvc is not installed: pip install 'dslineage[dvc]'")
    dslineage("remote", "add", "storage", "../storage")
    assert "not there: support@v1" in dslineage("verify", "--remote", "storage").out
    dslineage("push")
    cut(next((support.parent / "storage/dslineage/packs").glob("*.zst-*")))
    ran = dslineage("verify", "--remote", "storage")
    assert ran.code == CODES[IntegrityError]
    assert ran.out.endswith("next: dslineage verify --remote storage --repair\n")
    ran = dslineage("verify", "--remote", "storage", "--repair", "--json")
    assert ran.code == FINE
    assert [one["from"] for one in ran.json["repaired"]] == ["here"]
    assert dslineage("verify", "--remote", "storage").code == FINE


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--from", "../other"], UsageError),
        (["--remote", "storage", "--repair", "--from", ".."], UsageError),
        (["--remote", "storage", "--urls"], UsageError),
        (["--sample", "much"], UsageError),
        (["--sample", "5%", "--resume"], UsageError),
        (["--repair", "--from", "nowhere"], NotFoundError),
        (["--remote", "nowhere"], NotFoundError),
    ],
)
def test_options_that_mean_nothing_are_refused(
    packs: list[Path], dslineage: Dslineage, options: list[str], error: type[UsageError]
) -> None:
    assert dslineage("verify", *options).code == CODES[error]
