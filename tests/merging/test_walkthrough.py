"""What docs/merge.md shows is what its script prints, on a real file."""

from __future__ import annotations

import pytest

from docs.walkthrough import PAGE, told


@pytest.mark.usefixtures("shared_data")
def test_the_page_shows_what_happens() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert told(page) == page
