"""Four versions of a support assistant's training set, the same on every machine.

The texts are written by hand; which of them meet in an example is drawn with a fixed seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

Example = dict[str, Any]
Texts = dict[str, Any]

_SYSTEM = "You are the support assistant of Harbor, an app for notes. Be brief and exact."
_SORRY = "I'm sorry, but as an AI language model I cannot"
_RETIRED = "Why did the toolbar move"
_OLD_FACT, _NEW_FACT = "the link is valid for one hour", "the link is valid for 24 hours"
_QUESTION, _ANSWER = 1, 2


class Chapter(NamedTuple):
    """One version: what its curator wrote about it, and its examples."""

    message: str
    examples: list[Example]

    def jsonl(self) -> str:
        """The data file."""
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.examples)


def chapters() -> list[Chapter]:
    """The four versions, oldest first."""
    texts = json.loads(files(__package__).joinpath("texts.json").read_text("utf-8"))
    draft = _draft(texts, random.Random(1))
    kept = [e for e in _unrepeated(draft) if not _text(e, _ANSWER).startswith(_SORRY)]
    edited = [_edited(example, texts) for example in kept]
    current = [_updated(e) for e in edited if _RETIRED not in _text(e, _QUESTION)]
    forum = _forum(texts, random.Random(2))
    return [
        Chapter("first draft from the help desk", draft),
        Chapter("drop refusals and repeated examples", kept),
        Chapter("edit pass: no filler, broken text repaired", edited),
        Chapter("add questions from the forum; reset links live for a day", [*current, *forum]),
    ]


def _draft(texts: Texts, rng: random.Random) -> list[Example]:
    """What the help desk handed over: wordy, with refusals, repeats and broken text."""
    asked = [*_asked(texts, rng)]
    rng.shuffle(asked)
    examples = [
        _example(f"h-{number:04d}", "helpdesk", category, turns)
        for number, (category, turns) in enumerate(asked, start=1)
    ]
    wordy = rng.sample(range(len(examples)), 100)
    spaced = rng.sample(range(len(examples)), 8)
    broken = rng.sample([i for i, e in enumerate(examples) if _breaks(_text(e, _ANSWER))], 6)
    for flaw, places in ((_padded, wordy), (_spaced, spaced), (_misdecoded, broken)):
        for place in places:
            text = flaw(_text(examples[place], _ANSWER), texts, rng)
            examples[place] = _with(examples[place], _ANSWER, text)
    for example in rng.sample(examples, 4):
        examples.insert(rng.randrange(len(examples)), example)
    return examples


def _padded(text: str, texts: Texts, rng: random.Random) -> str:
    """Politeness before an answer, after it, or both."""
    if text.startswith(_SORRY):
        return text
    filler, closer = rng.choice(texts["fillers"]), rng.choice(texts["closers"])
    return rng.choice([f"{filler}{text}", f"{text} {closer}", f"{filler}{text} {closer}"])


def _spaced(text: str, _texts: Texts, _rng: random.Random) -> str:
    """Two spaces after each sentence, as in the days of the typewriter."""
    return text.replace(". ", ".  ")


def _breaks(text: str) -> bool:
    """Whether a wrong decoding of the text shows, and can be undone."""
    return "→" in text and "”" not in text  # one byte of `”` means nothing in Windows-1252


def _misdecoded(text: str, _texts: Texts, _rng: random.Random) -> str:
    """UTF-8 read as Windows-1252, as a careless export does it."""
    return text.encode().decode("cp1252")


def _asked(texts: Texts, rng: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Every question twice, the second time with a context, now and then with a follow-up."""
    for context in (None, texts["contexts"]):
        for topic in texts["topics"]:
            for question in topic["questions"]:
                turns = _within(rng.choice(context) if context else None, question, topic["answer"])
                yield topic["category"], turns + _followed(texts, rng)
        for refusal in texts["refusals"]:
            chosen = rng.choice(context) | {"answer": ""} if context else None
            yield "other", _within(chosen, refusal["question"], [f"{_SORRY} {refusal['task']}."])


def _within(context: dict[str, str] | None, question: str, answer: list[str]) -> list[str]:
    if context is None:
        return [question, " ".join(answer)]
    return [f"{context['question']} {question}", " ".join([*answer, context["answer"]]).rstrip()]


def _followed(texts: Texts, rng: random.Random) -> list[str]:
    if rng.random() > 0.18:
        return []
    followup = rng.choice(texts["followups"])
    return [followup["question"], followup["answer"]]


def _forum(texts: Texts, rng: random.Random) -> Iterator[Example]:
    """New examples from another source: other people, another tone, and what one must decline."""
    asked = [(topic, question) for topic in texts["topics"] for question in topic["forum"]]
    answered = []
    for topic, question in asked:
        kept = sorted(rng.sample(range(3), 2))
        answer = [topic["answer"][place] for place in kept] + [rng.choice(texts["remarks"])]
        turns = [question, " ".join(answer).replace(_OLD_FACT, _NEW_FACT)]
        answered.append((topic["category"], turns))
    answered += [(one["category"], [one["question"], one["answer"]]) for one in texts["declined"]]
    for number, (category, turns) in enumerate(answered, start=1):
        yield _example(f"f-{number:04d}", "forum", category, turns)


def _edited(example: Example, texts: Texts) -> Example:
    """An editor's work on one example: broken text, filler, spacing, a word in the question."""
    text = _text(example, _ANSWER)
    if "â" in text:
        text = text.encode("cp1252").decode()
    for filler in texts["fillers"]:
        text = text.removeprefix(filler)
    for closer in texts["closers"]:
        text = text.removesuffix(closer)
    question = _text(example, _QUESTION).replace("acount", "account")
    return _with(_with(example, _ANSWER, " ".join(text.split())), _QUESTION, question)


def _updated(example: Example) -> Example:
    return _with(example, _ANSWER, _text(example, _ANSWER).replace(_OLD_FACT, _NEW_FACT))


def _unrepeated(examples: list[Example]) -> list[Example]:
    return [*{example["id"]: example for example in examples}.values()]


def _example(name: str, source: str, category: str, turns: list[str]) -> Example:
    messages = [{"role": "system", "content": _SYSTEM}]
    for number, turn in enumerate(turns):
        messages.append({"role": "assistant" if number % 2 else "user", "content": turn})
    return {"id": name, "source": source, "category": category, "messages": messages}


def _text(example: Example, place: int) -> str:
    text: str = example["messages"][place]["content"]
    return text


def _with(example: Example, place: int, text: str) -> Example:
    """The example with other text in one message."""
    messages = [*example["messages"]]
    messages[place] = messages[place] | {"content": text}
    return example | {"messages": messages}
