"""Placeholders, cut-off answers and numbers against naive code, on real and made-up texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dslineage.quality.core import format as form
from dslineage.quality.core import phrases, privacy
from dslineage.quality.lexicon import builtin
from tests.quality import naive_forms as slow
from tests.quality.material import SETS, chunk_of

ENTRIES = list(builtin("placeholder@1").entries)
LENGTHS = {entry.split()[0]: int(entry.split()[1]) for entry in builtin("iban@1").entries}
TOKENS = ("<|endoftext|>", "<|im_end|>", "</s>")

# Pieces of which numbers are made, so that near misses are common.
NUMBERS = (
    *"0123456789+-.,()/= x", "4111", "1111", " 1111", "-1111", "378282246310005", "5555", "4444",
    "202", "555", "-0143", "(202) ", "+1 ", "+49", "800", "DE89", " 3704", " 0044", " 0532",
    " 0130", " 00", "3704004405320130", "GB82", "WEST12345698765432", "NO93", "86011117947",
)  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_naive_code_finds_the_same_in_real_examples(shared_data: Path, name: str) -> None:
    for one in chunk_of(shared_data / name, SETS[name]).examples:
        texts = [part.text for part in one.parts]
        assert phrases.PLACEHOLDER.of(one).value == slow.placeholder(ENTRIES, one)
        found = privacy.PII.of(one).value
        assert isinstance(found, frozenset)
        assert ("phone" in found) == any(map(slow.phones, texts))
        assert ("card" in found) == any(map(slow.cards, texts))
        assert ("iban" in found) == any(slow.ibans(LENGTHS, text) for text in texts)
        said = [p for p in one.parts if p.target and p.role == "assistant"]
        answers = [part.text for part in said if not part.path.endswith("thinking")]
        answer = answers[-1].rstrip() if answers else ""
        for token in TOKENS:
            answer = answer.removesuffix(token)
        broken = form.BROKEN_FORMAT.of(one).value
        assert isinstance(broken, frozenset)
        assert ("unfinished" in broken) == slow.is_unfinished(answer), answer


@settings(max_examples=400)
@given(st.lists(st.sampled_from(NUMBERS), max_size=12).map("".join))
@example("+1234567 8901234 5678901234")
@example("4111111111111111,5")
@example("DE89 3704 0044 0532 0130 00")
def test_naive_code_finds_the_same_numbers_in_texts_of_their_pieces(text: str) -> None:
    assert any(privacy.phones(text)) == bool(slow.phones(text))
    assert any(privacy.cards(text)) == bool(slow.cards(text))
    assert any(privacy.ibans(text)) == bool(slow.ibans(LENGTHS, text))
