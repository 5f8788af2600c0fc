"""The file of a mixture: what it may say, and the line of what is wrong with it."""

from __future__ import annotations

import pytest

from dslineage.errors import UsageError
from dslineage.lineage.mixturefile import parse_mixture

WHOLE = """
name = "blend"
seed = 7
[[data]]
ref = "gsm8k@v3"
weight = 0.4
cap = 5000
repeats = 2
[[data]]
ref = "chat"
weight = 1
"""


def test_a_file_names_data_sets_with_weight_cap_and_repeats() -> None:
    said = parse_mixture(WHOLE.encode(), "mix.toml")
    assert (said.name, said.seed) == ("blend", 7)
    assert said.entries == (
        ("gsm8k@v3", 0.4, 5000, 2.0, 4),
        ("chat", 1.0, None, 1.0, 9),
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("name = 'a'\nseed = \n", "mix.toml:2: it is no TOML: Invalid value"),
        ("name = 'a'\nseed = 1\ndata = [", "mix.toml:3: it is no TOML: Invalid value"),
        ("name = 'a'\nseed = " + "9" * 5000, "mix.toml:2: it is no TOML: Exceeds the limit"),
        ("data = " + "[" * 5000, "mix.toml:1: it is no TOML: maximum recursion depth"),
        ("seed = 1\n", "mix.toml:1: name: it is a text, always"),
        ("name = 'a'\n\nseed = true\n", "mix.toml:3: seed: it is a whole number"),
        ("name = 'a'\nseed = -1\n[[data]]\nref='t'\n", "mix.toml:2: seed: it is a whole number"),
        ("name = 'a/b'\nseed = 1\n[[data]]\nref = 't'", "mix.toml:1: name: 'a/b' cannot name"),
        ("name = 'a'\nseeds = 1\n", "mix.toml:2: seeds: it is not known; did you mean seed?"),
        ("name = 'a'\nseed = 1\ndata = 3\n", "mix.toml:3: data: it is written as [[data]]"),
        (WHOLE.replace("cap = 5000", "cap = 0"), "mix.toml:7: cap: it is a whole number"),
        (WHOLE.replace("weight = 1", "weight = inf"), "mix.toml:11: weight: it is a number above"),
        (WHOLE.replace("weight = 1", "wieght = 1"), "mix.toml:11: wieght: it is not known; did"),
        (WHOLE.replace("weight = 1", ""), "mix.toml:9: one data set has a weight and another"),
        (WHOLE.replace('"chat"', '"gsm8k@v3"'), "mix.toml:10: ref: 'gsm8k@v3' is there twice"),
        ("message = '''\n[[data]]\n'''\nname = 'a'\nseed = 1\n[[data]]\nref = 1\n",
         "mix.toml:7: ref: it is a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(wrong: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_mixture(wrong.encode(), "mix.toml")
    assert caught.value.message.startswith(message), caught.value.message


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    with pytest.raises(UsageError, match=r"^mix.toml:2: it is not UTF-8$"):
        parse_mixture(b"name = 'a'\n# \xff\n", "mix.toml")
