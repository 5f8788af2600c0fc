"""What each metric of texts finds, what it leaves alone, and naive code that agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.adapters.alpaca import Alpaca
from dslineage.adapters.messages import Messages
from dslineage.adapters.text import Text
from dslineage.quality.core import format as form
from dslineage.quality.core import phrases, privacy
from dslineage.quality.example import Example
from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Found, Metric, Rate
from tests.quality import naive_texts
from tests.quality.material import SETS, chunk_of
from tests.quality.planting import AWS, GITHUB, JWT, OPENAI, PEM, SLACK

PROSE = "The committee met for a long time and in the end it was agreed by all of them that "


def answer(metric: Metric, target: str, prompt: str = "Q?") -> Found:
    return metric.of(Example.of({"instruction": prompt, "output": target}, Alpaca()))


def reasons(metric: Metric, target: str) -> set[str]:
    value = answer(metric, target).value
    assert isinstance(value, frozenset)
    return set(value)


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        " n/a. ",
        "<noinput>",
        "`< No input >`",
        "(null)",
        "TODO",
        "[…]",
        "...",
        "无输入",
        "#N/A",
        "[Insert your answer here]",
        "{placeholder}",
        "Keine Eingabe",
    ],
)
def test_a_placeholder_is_the_whole_of_a_text(text: str) -> None:
    assert answer(phrases.PLACEHOLDER, text).value is True
    assert answer(phrases.PLACEHOLDER, f"It says {text} there, which means nothing.").value is False


@pytest.mark.parametrize(
    "text", ["", "None", "0", "[]", "{}", '""', "Todo", "No", "()", ".", "nan", "[link]", "unknown"]
)
def test_a_short_answer_is_no_placeholder(text: str) -> None:
    assert answer(phrases.PLACEHOLDER, text).value is False


def test_a_placeholder_in_the_input_field_is_found_at_the_end_of_the_prompt() -> None:
    row = {"instruction": "Name a colour.", "input": "<noinput>", "output": "Red."}
    example = Example.of(row, Alpaca())
    value, ((part, start, stop),) = phrases.PLACEHOLDER.of(example)
    assert value is True
    assert example.parts[part].text[start:stop] == "<noinput>"


def test_the_null_that_a_tool_returned_is_no_placeholder() -> None:
    turns = [{"role": "tool", "content": "null"}, {"role": "assistant", "content": "Not there."}]
    assert phrases.PLACEHOLDER.of(Example.of({"messages": turns}, Messages())).value is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As an AI language model, I like Rome.", True),
        ("I was trained by OpenAI.", True),
        ("My knowledge cutoff is 2021.", True),
        ("En tant que modèle de langage, je ...", True),
        ("Als KI-Sprachmodell habe ich keine Meinung.", True),
        ("作为一个人工智能语言模型，我没有感情。", True),
        ("GPT-3 is a program developed by OpenAI.", False),
        ("A language model assigns probabilities to texts.", False),
        ("He works as an AI engineer.", False),
        ("My name is Claude and I paint.", False),
    ],
)
def test_boilerplate_is_what_a_model_says_of_itself(text: str, expected: bool) -> None:
    assert answer(phrases.BOILERPLATE, text).value is expected
    assert answer(phrases.BOILERPLATE, "Rome.", prompt=text).value is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I’m sorry, but I can’t help with that.", True),
        ("I cannot provide instructions for this.", True),
        ("Lo siento, pero no puedo ayudarte.", True),
        ("К сожалению, я не могу ответить.", True),
        ("申し訳ありませんが、その質問にはお答えできません。", True),
        ("I'm sorry to hear that. Try a new cable.", False),
        ("Sorry, we are closed on Sundays.", False),
        ("I cannot recommend this book enough.", False),
        ("The bank cannot provide loans.", False),
        ("<think>I cannot assist? I can.</think>Here it is.", False),
        ("<think>Hm.</think>\n\nI cannot assist with that.", True),
    ],
)
def test_a_refusal_says_that_it_will_not(text: str, expected: bool) -> None:
    assert answer(phrases.REFUSAL, text).value is expected


def test_a_refusal_counts_in_the_opening_of_an_answer_only() -> None:
    refusal = "I cannot assist with that."
    assert answer(phrases.REFUSAL, "x" * 173 + " " + refusal).value is True
    assert answer(phrases.REFUSAL, "x" * 199 + " " + refusal).value is False


def test_nothing_is_said_of_an_example_without_a_target() -> None:
    example = Example.of({"messages": [{"role": "user", "content": "Hi"}]}, Messages())
    assert phrases.REFUSAL.of(example).value is None
    assert phrases.BOILERPLATE.of(example).value is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```py\nx = 1", {"fence"}),
        ("```py\nx = 1\n```", set()),
        ("Use ```x``` here.", set()),
        ("````md\n```\n````", {"fence"}),
        ("<think>Hm", {"think"}),
        ("Hm</think>Yes.", {"think"}),
        ("<think>Hm</think>Yes.<think>No</think>", set()),
        ("<think>a<think>b</think></think>", {"think"}),
        ("Yes.<|im_end|>", {"control_token"}),
        ("[INST] Go on [/INST]", {"control_token"}),
        ("Yes.</s>", {"control_token"}),
        ("It is <s>struck</s> out.", set()),
        (PROSE + "the price of the", {"unfinished"}),
        (PROSE + "the price,", {"unfinished"}),
        (PROSE + "the following:", {"unfinished"}),
        (PROSE + "the price of the<|endoftext|>", {"unfinished", "control_token"}),
    ],
)
def test_broken_format_names_its_reasons(text: str, expected: set[str]) -> None:
    assert reasons(form.BROKEN_FORMAT, text) == expected


@pytest.mark.parametrize(
    "end",
    [
        "it was over.",
        "it was over!",
        'she said "yes."',
        "it was (nearly) over)",
        "42",
        "\n#### 72",
        "\n- a red hat\n- a blue coat",
        "\n1. First the salt",
        "\nSincerely,\nAda Lovelace",
        "\n| a | b",
        "https://example.com/a/page",
        "x = y + z",
        "\n    return total",
        "return foo(bar",
        "the end 😀",
        "that is 20 °C",
        "\n# A heading of more than five words",
        "*the end*",
        "它结束了。",
        "終わり？",
        "समाप्त।",
        "จบแล้วครับ",
        "$x^2$",
        '"Less is more" - Mies van der Rohe',
        "اور ختم۔",
    ],
)
def test_an_answer_that_ends_otherwise_than_in_prose_is_not_unfinished(end: str) -> None:
    assert reasons(form.BROKEN_FORMAT, PROSE + end) == set()


def test_a_short_answer_needs_no_terminal_mark() -> None:
    assert reasons(form.BROKEN_FORMAT, "the red house on the left side of the road") == set()


def test_control_tokens_are_at_home_in_a_text_whose_template_is_applied() -> None:
    row = {"text": "<|im_start|>user\nHi<|im_end|>"}
    assert form.BROKEN_FORMAT.of(Example.of(row, Text())).value == frozenset()


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("5 mÂ²", 1), ("5 m²", 0), ("cafÃ© â€” cafÃ©", 3), ("itâ€™s", 1), ("\x00a\x07\x7f\x85", 4),
        ("a\tb\nc", 0), ("\ud800", 1), ("\ufffd\ufffd", 2), ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", 1), ("ðŸ˜€", 1),
        ("AMANHÃ… E DEPOIS", 0), ("“Ã”", 0), ("« Â »", 0), ("größe, naïve, São, Ñandú, Ðóra", 0),
        ("привет 你好 😀 ²°é", 0), ("sÃ»r", 1), ("ï»¿a", 1), ("\u0000", 1), ("ä½\u00a0å¥½", 1),
    ],
)  # fmt: skip
def test_bad_characters_are_counted_and_a_sequence_counts_once(text: str, bad: int) -> None:
    value, spans = answer(form.BAD_CHARS, text, prompt="abc")
    assert value == Rate(bad, 3 + len(text))
    assert len(spans) == bad


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ada@example.com.", {"email"}),
        ("邮箱ada@example.com。", {"email"}),
        ("icon@2x.png and npm@latest.js", set()),
        ("@property def f(self)", set()),
        ("a @ b.com", set()),
        ("ping 93.184.215.14 now", {"ipv4"}),
        ("192.168.1.20, 10.0.0.10, 127.0.0.10, 203.0.113.77, 255.255.255.255", set()),
        ("version 10.2.33.4, v10.2.33.4 and section 1.2.3.4", set()),
        ("93.184.215.14.1 93.184.215.256 093.184.215.14", set()),
        ("Call +44 20 7946 0958 or +1 202-555-0143.", {"phone"}),
        ("(202) 555-0143", {"phone"}),
        ("tel:+4915123456789", {"phone"}),
        ("800-555-0199 is free of charge", set()),
        ("350 - 262 = 88, 20-10-5, 7 + 12345678, x+12345678", set()),
        ("from 1914-1918, on 2020-01-01, ISBN 978-3-16-148410-0, 123-45-6789", set()),
        ("4111 1111 1111 1111", {"card"}),
        ("378282246310005 and 3782 822463 10005", {"card"}),
        ("4111 1111 1111 1111 12/27", {"card"}),
        ("4111 1111 1111 1112", set()),
        ("1111111111111117", set()),
        ("DE89 3704 0044 0532 0130 00", {"iban"}),
        ("GB82WEST12345698765432 and more", {"iban"}),
        ("DE89 3704 0044 0532 0130 01", set()),
        ("ZZ89 3704 0044 0532 0130 00", set()),
    ],
)
def test_personal_data_has_a_form_and_a_checksum(text: str, expected: set[str]) -> None:
    assert reasons(privacy.PII, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"export TOKEN={GITHUB}{'aB3' * 12}", {"provider_key"}),
        (f"{AWS}ABCDEFGH23456789", {"provider_key"}),
        (f"{OPENAI}{'aB3_' * 12}", {"provider_key"}),
        (f"{SLACK}{'123456-' * 4}abc", {"provider_key"}),
        (PEM, {"private_key"}),
        (JWT, {"jwt"}),
        (f"{AWS}IOSFODNN7EXAMPLE", set()),
        (f"{GITHUB}{'x' * 36}", set()),
        ("d41d8cd98f00b204e9800998ecf8427e 5f3a0c1d9e8b7a6f5e4d3c2b1a09f8e7d6c5b4a3", set()),
        ("-----BEGIN PUBLIC KEY-----", set()),
        ("task-abcdefghijklmnopqrstuvwxyz0123456789", set()),
    ],
)
def test_a_secret_is_known_by_its_form_never_by_its_entropy(text: str, expected: set[str]) -> None:
    assert reasons(privacy.SECRET, text) == expected


@pytest.mark.parametrize("name", SETS)
def test_naive_code_finds_the_same_in_real_examples(shared_data: Path, name: str) -> None:
    for example in chunk_of(shared_data / name, SETS[name]).examples:
        assert form.BAD_CHARS.of(example).value == naive_texts.bad_characters(example)
        targets = [part for part in example.parts if part.target]
        form_value = form.BROKEN_FORMAT.of(example).value
        assert isinstance(form_value, frozenset)
        assert ("fence" in form_value) == any(naive_texts.fence_is_odd(p.text) for p in targets)
        visible = [part for part in targets if not part.path.endswith("thinking")]
        assert ("think" in form_value) == any(
            naive_texts.think_is_unbalanced(part.text) for part in visible
        )
        value = privacy.PII.of(example).value
        assert isinstance(value, frozenset)
        texts = [part.text for part in example.parts]
        found = [a for text in texts for a in naive_texts.email_addresses(text)]
        assert ("email" in value) == bool(found)
        assert ("ipv4" in value) == any(map(naive_texts.public_ipv4, texts))
        roles = [part.text for part in example.parts if part.role not in ("text", "field")]
        assert ("control_token" in form_value) == any(map(naive_texts.has_control_token, roles))
        if targets:
            boilerplate = [naive_texts.says(builtin("boilerplate@1"), p.text) for p in targets]
            assert phrases.BOILERPLATE.of(example).value == any(boilerplate)
            refused = naive_texts.refuses(builtin("refusal@1"), example)
            assert phrases.REFUSAL.of(example).value == refused


def test_the_wrong_decoding_of_toolformer_is_found_in_17_examples(shared_data: Path) -> None:
    folder = shared_data / "toolformer"
    before = chunk_of(folder / "toolformer-dedupe-only.json")
    after = chunk_of(folder / "toolformer-similarity-0.9.json")
    assert form.BAD_CHARS.batch is not None
    counts = [int((form.BAD_CHARS.batch(chunk).data > 0).sum()) for chunk in (before, after)]
    assert counts == [0, 17]


def test_checksums_are_those_of_the_standards() -> None:
    for number in ("4111111111111111", "378282246310005", "5555555555554444", "79927398713"):
        assert privacy.luhn(number)
        assert naive_texts.luhn_by_hand(number)
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert not privacy.luhn(wrong)
        assert not naive_texts.luhn_by_hand(wrong)
    for number in ("DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947"):
        assert privacy.remainder(number) == 1
        assert naive_texts.iban_by_hand(number)
