"""The text metrics once more, in plain Python from their formulas, sharing no pattern with them."""

from __future__ import annotations

import unicodedata

from dslineage.quality.example import Example

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
