"""Every form of a secret against naive code, on real texts and on texts made of near misses."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dslineage.quality.core import privacy
from dslineage.quality.lexicon import builtin
from tests.quality import naive_secrets as slow
from tests.quality.material import SETS, chunk_of
from tests.quality.planting import JWT, PEM

LINES = [(name, line) for name, lines in slow.FORMS.items() for line in lines]
FORMS = [(name, form) for name, line in LINES for form in line]
SEPARATORS = ("", " ", "\n", ".", "-", "_", "x", "7", ":", '"', "é", "EXAMPLE", "QQQQQQQQ")
HEADERS = (
    *(
        "-----BEGIN ",
        "-----",
        "PRIVATE KEY",
        "PRIVATE KEY-----",
        " BLOCK-----",
        " ",
        "RSA ",
        "PGP ",
    ),
    *("EC ", "ENCRYPTED ", "PUBLIC KEY-----", "-", "ssh ", "A1B2C3D4E5F6G7H8J9K0L ", "OPENSSH "),
)


def written(form: slow.Form, sizes: list[int]) -> str:
    """A text of a form, each run as far from its least size as `sizes` say, no sign repeated."""
    more = iter(sizes)
    return "".join(
        piece
        if isinstance(piece, str)
        else "".join(islice(cycle(piece.signs), piece.least + next(more)))
        for piece in form.pieces
    )


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """Secrets of any form, a sign too short or long here and there, between all sorts of signs."""
    texts = []
    for _ in range(draw(st.integers(1, 3))):
        _, form = draw(st.sampled_from(FORMS))
        sizes = draw(st.lists(st.sampled_from((0, 0, 0, 1, -1)), min_size=3, max_size=3))
        texts += [draw(st.sampled_from(SEPARATORS)), written(form, sizes)]
    return "".join(texts) + draw(st.sampled_from(SEPARATORS))


def test_every_line_of_the_lexicon_has_a_naive_form() -> None:
    classes = [entry.split()[0] for entry in builtin("secret@1").entries]
    assert sorted(classes) == sorted(["private_key", *(name for name, _ in LINES)])


@pytest.mark.parametrize(("name", "form"), FORMS, ids=lambda one: str(one)[:40])
def test_a_secret_of_each_form_is_found_and_one_sign_less_is_none(
    name: str, form: slow.Form
) -> None:
    runs = [piece for piece in form.pieces if isinstance(piece, slow.Run)]
    whole = written(form, [0] * len(runs))
    if form.figure:
        whole += "7"
    assert list(privacy.secrets(whole)) == [(name, (0, len(whole)))]
    for number in range(len(runs)):
        short = written(form, [-(place == number) for place in range(len(runs))])
        assert list(privacy.secrets(short)) == slow.secrets(short) == []


@settings(max_examples=400)
@given(near_misses())
@example(f"{JWT}.{JWT}")
def test_naive_code_finds_the_same_secrets_at_the_same_places(text: str) -> None:
    assert list(privacy.secrets(text)) == slow.secrets(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(HEADERS), max_size=8).map("".join))
@example(f"-{PEM}")
@example("-----BEGIN A B C PRIVATE KEY-----")
@example("-----BEGIN A B C D PRIVATE KEY-----")
@example("-----BEGIN PGP PRIVATE KEY BLOCK-----")
def test_naive_code_finds_the_same_headers_of_private_keys(text: str) -> None:
    assert list(privacy.secrets(text)) == slow.secrets(text)


@pytest.mark.parametrize("name", SETS)
def test_naive_code_finds_the_same_secrets_in_real_examples(shared_data: Path, name: str) -> None:
    for one in chunk_of(shared_data / name, SETS[name]).examples:
        found = (name for part in one.parts for name, _ in slow.secrets(part.text))
        assert privacy.SECRET.of(one).value == frozenset(found)
