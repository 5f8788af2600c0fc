"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import generate
from dslineage_cli.commands import VERBS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_the_page_of_commands_is_what_help_prints() -> None:
    assert generate.COMMANDS.read_text(encoding="utf-8") == generate.commands_page(), "make docs"


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_an_entry(verb: str) -> None:
    assert f"\n## dslineage {verb}\n" in generate.COMMANDS.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", generate.TOLD, ids=lambda page: page.name)
def test_what_a_page_says_that_commands_print_they_print(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    marks = re.findall("<!-- (?:ran|failed) in the ", text)
    assert len(marks) == text.count("\n```console\n$ ")
    assert text == generate.told(text), "make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_commands_in_the_readme_are_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
    verbs = set(re.findall(r"^(?:\$ )?dslineage ([a-z]+)", blocks, re.MULTILINE))
    assert {"add", "diff"} <= verbs <= set(VERBS)
