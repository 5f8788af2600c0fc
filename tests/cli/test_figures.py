"""How figures are written."""

from __future__ import annotations

import pytest

from dslineage_cli.render.figures import figure_text, number_text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "share", "n/a"),
        (0.00001, "share", "<0.01%"),
        (0.99999, "share", ">99.99%"),
        (7.0, "words", "7 words"),
        (1.0, "words", "1 word"),
        (7.25, "words", "7.250 words"),
        (2_000_001.0, "words", "2,000,001 words"),
        (0.0, "ratio", "0"),
        (0.004, "ratio", "0.0040"),
        (0.0000097, "ppm", "9.7 ppm"),
    ],
)
def test_a_figure_is_written_with_its_unit_and_the_digits_that_count(
    value: float | None, unit: str, text: str
) -> None:
    assert figure_text(value, unit) == text


def test_large_numbers_have_no_exponent() -> None:
    assert [number_text(value) for value in (0.01234567, 12.0, 1_992_704.0)] == [
        "0.01235",
        "12",
        "1,993,000",
    ]
