"""The text metrics once more, in plain Python from their formulas, sharing no pattern with them."""

from __future__ import annotations

import ipaddress
import itertools
import unicodedata
from functools import cache

from dslineage.quality.example import Example
from dslineage.quality.lexicon import Lexicon

DIGITS = "0123456789"
MARKS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
"""What Windows-1252 has where Latin-1 has controls."""


def is_continuation(char: str) -> bool:
    return "\x80" <= char <= "\xbf" or char in MARKS


def bad_characters(example: Example) -> tuple[int, int]:
    """Bad characters, a sequence of mojibake being one, and all characters."""
    found = 0
    for part in example.parts:
        place = 0
        while place < len(part.text):
            width = mojibake_at(part.text, place)
            char = part.text[place]
            control = unicodedata.category(char) == "Cc" and char not in "\t\n"
            if width or control or char == "\ufffd" or "\ud800" <= char <= "\udfff":
                found += 1
            place += width or 1
    return found, sum(len(part.text) for part in example.parts)


def mojibake_at(text: str, place: int) -> int:
    """The length of the simple sequences that real text shows: one or two continuation bytes."""
    lead, rest = text[place], text[place + 1 : place + 3]
    if lead in "ÂÃ" and rest and is_continuation(rest[0]):
        before = text[place - 1 : place]
        closing = "»" + (MARKS if lead == "Ã" else "")
        inside = before.isascii() and (before.islower() or before.isdigit())
        return 2 if rest[0] not in closing or (inside and lead == "Ã") else 0
    if lead == "â" and len(rest) == 2 and is_continuation(rest[0]) and is_continuation(rest[1]):
        return 3
    return 0


def email_addresses(text: str) -> list[str]:
    """Addresses, found outwards from each `@`."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found = []
    for place in (i for i, char in enumerate(text) if char == "@"):
        start, stop = place, place + 1
        while start and text[start - 1] in letters + DIGITS + "._%+-":
            start -= 1
        while stop < len(text) and text[stop] in letters + DIGITS + ".-":
            stop += 1
        name, labels = (
            text[start:place].lstrip("._%+-"),
            text[place + 1 : stop].rstrip(".-").split("."),
        )
        while labels and (not labels[-1] or labels[-1].startswith("-")):
            labels.pop()
        top = labels[-1] if labels else ""
        if (
            name
            and len(labels) > 1
            and all(label and label[0] != "-" and label[-1] != "-" for label in labels)
            and 2 <= len(top) <= 24
            and all(char in letters for char in top)
            and text[stop : stop + 1] not in ("_", "@")
        ):
            found.append(f"{name}@{'.'.join(labels)}")
    return found


def luhn_by_hand(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban_by_hand(number: str) -> bool:
    """Modulo 97, digit by digit."""
    rest = 0
    for char in number[4:] + number[:4]:
        for digit in char if char in DIGITS else str(ord(char) - ord("A") + 10):
            rest = (rest * 10 + int(digit)) % 97
    return rest == 1


def fence_is_odd(text: str) -> bool:
    """Runs of three or more backticks, counted one character at a time."""
    runs, length = 0, 0
    for char in text + " ":
        length = length + 1 if char == "`" else 0
        runs += length == 3
    return runs % 2 == 1


def think_is_unbalanced(text: str) -> bool:
    """Every `<think>` is followed by its `</think>` before the next, and the other way round."""
    rest = text
    while "<think>" in rest or "</think>" in rest:
        before, opened, after = rest.partition("<think>")
        inside, closed, behind = after.partition("</think>")
        if not opened or not closed or "</think>" in before or "<think>" in inside:
            return True
        rest = behind
    return False


@cache
def spelled_out(lexicon: Lexicon) -> frozenset[str]:
    """Every text that an entry of a lexicon stands for, in small letters."""
    found: set[str] = set()
    for entry in lexicon.entries:
        pieces: list[list[str]] = [[]]
        for number, group in enumerate(entry.replace(")", "(").split("(")):
            optional = number % 2 == 0 and number > 0 and group.startswith("?")
            if optional:
                pieces[-1] = [*pieces[-1], ""]
            pieces.append(group.split("|") if number % 2 else [group.removeprefix("?")])
        for chosen in itertools.product(*pieces[1:]):
            found.add(" ".join("".join(chosen).lower().split()))
    return frozenset(found)


def says(lexicon: Lexicon, text: str) -> bool:
    """Whether a text has a phrase of a lexicon as whole words, by comparing strings."""
    plain = text.lower().replace("’", "'").replace(", ", " ").replace(",\n", " ").replace("\n", " ")
    for phrase in spelled_out(lexicon):
        start = plain.find(phrase)
        while start >= 0:
            before, after = plain[:start][-1:], plain[start + len(phrase) :][:1]
            if not (joined(before, phrase[0]) or joined(phrase[-1], after)):
                return True
            start = plain.find(phrase, start + 1)
    return False


def joined(left: str, right: str) -> bool:
    """Whether two letters belong to one word: both are letters, of a script that parts words."""
    return all(
        char.isalnum()
        and not unicodedata.name(char, "").startswith(("CJK", "HANGUL", "HIRA", "KATA"))
        for char in (left, right)
        if char
    ) and bool(left and right)


def refuses(lexicon: Lexicon, example: Example) -> bool:
    """Whether one of the answers refuses in its first 200 characters."""
    answers = [part for part in example.parts if part.target and "thinking" not in part.path]
    openings = [part.text.split("</think>", 1)[-1][:200] for part in answers]
    return any(says(lexicon, opening) for opening in openings)


def public_ipv4(text: str) -> list[str]:
    """Addresses among the words of a text, by the standard library's idea of a global one."""
    words = "".join(char if char in DIGITS + "." else " " for char in text).split()
    found = []
    for word in (word.strip(".") for word in words):
        if word.count(".") == 3 and all(part.isdigit() for part in word.split(".")):
            try:
                address = ipaddress.IPv4Address(word)
            except ValueError:
                continue
            if address.is_global and not address.is_multicast and max(address.packed) > 9:
                found.append(word)
    return found


def has_control_token(text: str) -> bool:
    """The tokens that real data shows, as plain strings."""
    names = ("im_start", "im_end", "endoftext", "begin_of_text", "user", "assistant", "system")
    return any(f"<|{name}|>" in text for name in names) or "[INST]" in text or "<<SYS>>" in text
