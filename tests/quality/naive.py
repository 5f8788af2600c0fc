"""The metrics of `sft-core@1` once more, slowly: plain Python written from the formulas.

It knows nothing of dslineage: a conversation comes in as plain data, a value goes out. What is
rounded is an exact fraction, in millionths.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

Conversation = dict[str, Any]

SYSTEM = ("system", "developer")
ONE_BY_ONE = [
    (0x0E00, 0x0E7F),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
]
SCRIPTS = {
    "LATIN": "Latin", "CJK": "Han", "HIRAGANA": "Hiragana", "KATAKANA": "Katakana",
    "CYRILLIC": "Cyrillic", "GREEK": "Greek", "ARABIC": "Arabic", "HEBREW": "Hebrew",
    "DEVANAGARI": "Devanagari", "HANGUL": "Hangul", "THAI": "Thai", "ARMENIAN": "Armenian",
    "BENGALI": "Bengali", "TAMIL": "Tamil", "TELUGU": "Telugu", "GEORGIAN": "Georgian",
    "ETHIOPIC": "Ethiopic", "GURMUKHI": "Gurmukhi", "KANNADA": "Kannada", "TIBETAN": "Tibetan",
    "CHEROKEE": "Cherokee", "MALAYALAM": "Malayalam", "SINHALA": "Sinhala", "GUJARATI": "Gujarati",
}  # fmt: skip
"""Scripts by the first word of the names of their letters."""


class Said(NamedTuple):
    role: str
    text: str
    trained: bool


def said(conversation: Conversation) -> list[Said]:
    """All texts, in the order in which a model is shown them."""
    system = conversation.get("system", [])
    found = list(turns_said(system)) if type(system) is list else [Said("system", system, False)]
    found += turns_said(conversation.get("messages", []))
    found += turns_said(conversation.get("chosen", []))
    found += [Said("rejected", one.text, False) for one in turns_said(rejected(conversation))]
    for answer in conversation.get("answers", []):
        judged = turns_said(answer.get("messages", [answer]))
        found += [Said("answer", one.text, False) for one in judged]
    if "text" in conversation:
        found.append(Said("text", conversation["text"], True))
    for value in conversation.get("fields", {}).values():
        found.append(Said("field", as_text(value), False))
    return [Said(role, normal(text), trained) for role, text, trained in found]


def turns_said(turns: list[Any]) -> Iterator[Said]:
    for turn in turns:
        for member in ("thinking", "content"):
            if member in turn:
                yield Said(turn["role"], as_text(turn[member]), is_trained(turn))
        for call in turn.get("tool_calls", []):
            for text in told(call["arguments"] if type(call) is dict else call):
                yield Said("tool_call", text, False)


def told(value: Any) -> list[str]:
    """The texts and whole numbers in the arguments of a call."""
    if type(value) in (str, int):
        return [str(value)]
    members = value.values() if type(value) is dict else value if type(value) is list else []
    return [text for member in members for text in told(member)]


def rejected(conversation: Conversation) -> list[Any]:
    return list(conversation.get("rejected", []))


def is_trained(turn: dict[str, Any]) -> bool:
    return turn["role"] == "assistant" and turn.get("train", True) is not False


def as_text(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is not list:
        return as_json(value)
    shown = []
    for part in value:
        if type(part) is str:
            shown.append(part)
        elif "text" in part:
            shown.append(part["text"])
        elif part.keys() == {"type", "media"}:
            shown.append(f"<{part['type']}>")
        else:
            shown.append(as_json(part))
    return "\n".join(text for text in shown if text)


def normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def prompt(conversation: Conversation) -> str | None:
    texts = [one.text for one in said(conversation) if one.role == "user"]
    return "\n".join(texts) if texts else None


def target(conversation: Conversation) -> str | None:
    texts = [one.text for one in said(conversation) if one.trained]
    return "\n".join(texts) if texts else None


def words(text: str) -> list[str]:
    found: list[str] = []
    open_word = False
    for char in text.casefold():
        if any(first <= ord(char) <= last for first, last in ONE_BY_ONE):
            found.append(char)
            open_word = False
        elif char.isalnum() or char == "_":
            found[-1:] = [found[-1] + char] if open_word else [*found[-1:], char]
            open_word = True
        else:
            open_word = False
    return found


def rounded(part: int, whole: int) -> int:
    """Millionths; `round` of a Fraction goes to the even one of two that are equally near."""
    return round(Fraction(part * 1_000_000, whole))


def dialogue(conversation: Conversation) -> list[dict[str, Any]]:
    answers = conversation.get("answers", [])
    first = answers[0].get("messages", [answers[0] | {"role": "assistant"}]) if answers else []
    return [*conversation.get("messages", []), *(conversation.get("chosen") or first)]


def is_blank(turn: dict[str, Any]) -> bool:
    return not as_text(turn.get("content", "")).strip()


def schema_ok(conversation: Conversation) -> bool | None:
    if "tokens" in conversation:
        return None
    if "fields" in conversation:
        return False
    if "text" in conversation:
        return True
    system = conversation.get("system", [])
    head = system if type(system) is list else [{"role": "system", "content": system}]
    turns = [*head, *dialogue(conversation), *rejected(conversation)]
    for turn in turns:
        if turn["role"] not in (*SYSTEM, "user", "assistant", "tool"):
            return False
        if type(turn.get("content")) not in (str, list) and not turn.get("tool_calls"):
            return False
    return any(is_trained(turn) for turn in dialogue(conversation))


def turns_ok(conversation: Conversation) -> bool | None:
    order = "".join(
        {"user": "u", "tool": "t", "assistant": "a"}.get(turn["role"], "?")
        for turn in dialogue(conversation)
    )
    if not order:
        return None
    while "tt" in order:
        order = order.replace("tt", "t")
    asked, answered = order[::2], order[1::2]
    return order[0] == "u" and order[-1] == "a" and set(asked) <= {*"ut"} and set(answered) == {"a"}


def llamafactory(conversation: Conversation) -> bool | None:
    """As its converter for `sharegpt` reads: tags that alternate, and an even number of them."""
    if "text" in conversation or "tokens" in conversation:
        return None
    if type(conversation.get("system", "")) is not str:
        return False
    turns = dialogue(conversation)
    for place, turn in enumerate(turns):
        accepted = ("user", "tool") if place % 2 == 0 else ("assistant",)
        if turn["role"] not in accepted:
            return False
    return len(turns) > 0 and len(turns) % 2 == 0


def empty_target(conversation: Conversation) -> bool | None:
    if "text" in conversation:
        return not conversation["text"].strip()
    targets = [turn for turn in dialogue(conversation) if is_trained(turn)]
    if not targets:
        return None
    return any(is_blank(turn) and not turn.get("tool_calls") for turn in targets)


def prompt_words(conversation: Conversation) -> int | None:
    text = prompt(conversation)
    return None if text is None else len(words(text))


def target_words(conversation: Conversation) -> int | None:
    text = target(conversation)
    return None if text is None else len(words(text))


def turns(conversation: Conversation) -> int | None:
    found = dialogue(conversation)
    return len([turn for turn in found if turn["role"] not in SYSTEM]) if found else None


def over_len(conversation: Conversation) -> bool:
    size = 0
    for role, text, _ in said(conversation):
        if role not in ("rejected", "answer", "field", "tool_call"):
            size += len(text.encode())
    tools = [conversation["tools"]] if "tools" in conversation else []
    both = [*conversation.get("messages", []), *conversation.get("chosen", [])]
    for value in [*tools, *(turn["tool_calls"] for turn in both if "tool_calls" in turn)]:
        size += len(as_json(value).encode())
    return math.ceil(Fraction(size, 4)) > 2048


def as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def rep4(conversation: Conversation) -> int | None:
    found = words(target(conversation) or "")
    if len(found) < 8:
        return None
    grams = [tuple(found[place : place + 4]) for place in range(len(found) - 3)]
    return rounded(len(grams) - len(set(grams)), len(grams))


def dup_line_chars(conversation: Conversation) -> int | None:
    text = target(conversation)
    if not text:
        return None
    repeated, seen, fence = 0, [], ""
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        mark = bare[:1]
        length = len(bare) - len(bare.lstrip(mark)) if mark in ("`", "~") else 0
        is_fence = length >= 3 and len(line) - len(bare) <= 3
        if fence:
            closes = is_fence and mark == fence[0] and length >= len(fence)
            if closes and not bare[length:].strip():
                fence = ""
        elif is_fence and not (mark == "`" and "`" in bare[length:]):
            fence = mark * length
        elif line.strip():
            repeated += len(line) if line in seen else 0
            seen.append(line)
    return rounded(repeated, len(text))


def script_mix(conversation: Conversation) -> str | None:
    counts: dict[str, int] = {}
    for _, text, _ in said(conversation):
        for char in text:
            if unicodedata.category(char).startswith("L"):
                first = unicodedata.name(char).removeprefix("FULLWIDTH ").split()[0]
                if first in SCRIPTS:
                    counts[SCRIPTS[first]] = counts.get(SCRIPTS[first], 0) + 1
    most = max(counts.values(), default=0)
    return min((name for name, count in counts.items() if count == most), default=None)


CORE: dict[str, Callable[[Conversation], Any]] = {
    "schema_ok": schema_ok,
    "turns_ok": turns_ok,
    "effective[llamafactory]": llamafactory,
    "empty_target": empty_target,
    "prompt_words": prompt_words,
    "target_words": target_words,
    "turns": turns,
    "over_len[2048]": over_len,
    "rep4": rep4,
    "dup_line_chars": dup_line_chars,
    "script_mix": script_mix,
}
