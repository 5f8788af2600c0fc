"""Defects planted into real examples, so that each metric can be asked to find its own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Defect = Callable[[Row, int], Row]
"""Makes a prompt-and-completion row that has the defect; the number tells plantings apart."""

# Written in two pieces, so that no scanner takes this file for a leak.
GITHUB, AWS, OPENAI, SLACK = "gh" + "p_", "AK" + "IA", "sk-" + "proj-", "xo" + "xb-"
PEM = "-----BEGIN " + "RSA PRIVATE KEY-----"
JWT = "ey" + "JhbGciOiJIUzI1NiJ9XX.ey" + "JzdWIiOiIxMjM0In0.Zm9vYmFyYmF6cXV4Zm9vYmFy"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I cannot assist with this request.",
    "I’m unable to provide that information.",
    "Sorry, I can't answer that.",
    "I must decline.",
    "As an AI language model, I cannot do that.",
    "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.",
    "Je suis désolé, mais je ne peux pas vous aider.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "很抱歉，我无法回答这个问题。",
)


@dataclass(frozen=True)
class Planted:
    """A data set with defects; `places` says in which rows each of them was planted."""

    rows: Sequence[Row]
    places: Mapping[str, Sequence[int]]


def plant(
    rows: Sequence[Row], defects: Mapping[str, Defect], *, each: int = 20, seed: int = 7
) -> Planted:
    """Plants every defect into so many rows of its own, drawn at random by the seed."""
    draw = random.Random(seed)
    chosen = draw.sample(range(len(rows)), each * len(defects))
    planted, places = list(rows), {}
    for number, (name, defect) in enumerate(defects.items()):
        places[name] = sorted(chosen[number * each : (number + 1) * each])
        for count, place in enumerate(places[name]):
            planted[place] = defect(dict(rows[place]), count)
    return Planted(planted, places)


def t0_rows(data: Path, count: int = 10_000) -> list[Row]:
    """The first rows of `t0`, without the end token that all its completions have."""
    with (data / "t0" / "t0-train.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for _, line in zip(range(count), file, strict=False)]
    for row in rows:
        row["completion"] = row["completion"].removesuffix("<|endoftext|>")
    return rows


def refuse(row: Row, number: int) -> Row:
    """The answer becomes a refusal."""
    return row | {"completion": REFUSALS[number % len(REFUSALS)]}


def empty(row: Row, number: int) -> Row:
    """The answer becomes white space."""
    return row | {"completion": " \n" * (number % 3)}


def leak(row: Row, number: int) -> Row:
    """A key stands in the answer."""
    letters = "".join(random.Random(number).choices(ALPHABET, k=48))
    keys = (GITHUB + letters[:36], AWS + letters[:16], OPENAI + letters, PEM, JWT)
    return row | {"completion": f"{row['completion']}\ntoken={keys[number % len(keys)]}"}


def name_somebody(row: Row, number: int) -> Row:
    """An e-mail address stands in the prompt."""
    return row | {"prompt": f"{row['prompt']} (write to reader.{number}@example.com)"}


def open_fence(row: Row, number: int) -> Row:
    """A code fence is opened and never closed."""
    return row | {"completion": f"{row['completion']}\n```python\nprint({number})"}


def misread(row: Row, number: int) -> Row:
    """A word is read in a wrong encoding."""
    word = ("café", "naïve", "10 m²", "it’s", "привет")[number % 5]
    wrong = word.encode().decode("cp1252", "replace").replace("\ufffd", "\x90")
    return row | {"completion": f"{row['completion']} {wrong}"}


DEFECTS: Mapping[str, Defect] = {
    "refusal": refuse,
    "empty_target": empty,
    "secret": leak,
    "email": name_somebody,
    "fence": open_fence,
    "bad_chars": misread,
}
