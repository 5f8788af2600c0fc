"""Placeholders, cut-off answers and numbers once more: plain Python, without patterns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from string import ascii_letters, ascii_uppercase, digits

from dslineage.quality.example import Example
from tests.quality import naive
from tests.quality.naive_texts import iban_by_hand, luhn_by_hand

ALNUM = ascii_letters + digits
ROUND = "<>()[]{}（）\"'`#:! "
QUOTES = "\"'“‘«(（，。、；：！？…」』》—–"


def placeholder(entries: list[str], example: Example) -> bool:
    """Whether a text is a placeholder as a whole, or ends in a field that is."""
    texts = [part.text for part in example.parts if part.role not in ("tool", "tools")]
    fields = [value for value in example.fields.values() if type(value) is str]
    known = [value for value in fields if len(value) <= 100 and stands_for_nothing(entries, value)]
    return any(len(text) <= 100 and stands_for_nothing(entries, text) for text in texts) or any(
        text.rstrip().endswith("\n" + value.strip()) for text in texts for value in known
    )


def stands_for_nothing(entries: list[str], text: str) -> bool:
    text = text.strip()
    bare = text
    while bare and bare[0] in ROUND:
        bare = bare[1:]
    while bare and bare[-1] in ROUND:
        bare = bare[:-1]
    while bare and bare[-1] in ".。":
        bare = bare[:-1]
    bare = bare or text.strip("<>()[]{} ")
    return bare in entries or bare.casefold() in entries or to_be_filled_in(text)


def to_be_filled_in(text: str) -> bool:
    """`[Insert your answer here]` and the like."""
    inside = text.lstrip("[<{")
    body = inside.rstrip("]>}")
    if inside in (text, body) or any(char in body for char in "[]<>{}\n"):
        return False
    body = body.removeprefix(" ").casefold()
    for word in ("insert", "enter", "your", "add", "fill in", "put", "placeholder"):
        rest = body.removeprefix(word)
        if rest != body and len(rest) <= 60 and not (rest[:1].isalnum() or rest[:1] == "_"):
            return True
    return False


def is_unfinished(text: str) -> bool:
    """Whether an answer, its end token taken off, stops in the middle of prose."""
    text = text.rstrip()
    line = text.split("\n")[-1]
    if not lacks_a_mark(text) or not is_prose(line):
        return False
    return len(naive.words(text)) > 20 and len(naive.words(line)) >= 5 and ends_in_a_word(line)


def lacks_a_mark(text: str) -> bool:
    if not text or text[-1] in ",:、，：—–-":
        return bool(text)
    category = unicodedata.category(text[-1])
    name = unicodedata.name(text[-1], "").split(" ")[0]
    markless = name in ("THAI", "LAO", "TIBETAN", "MYANMAR", "KHMER")
    return category in ("Ps", "Pi", "Mn", "Mc") or (category[0] == "L" and not markless)


def is_prose(line: str) -> bool:
    """No item, heading, quotation or row of a table, no code, no formula, nobody quoted."""
    indent = line[: len(line) - len(line.lstrip())]
    first = line.lstrip()
    if "\t" in indent or "    " in indent or first[:1] in list("-+*•·–—>|#"):
        return False
    number = first.removeprefix("(")
    for size in (1, 2, 3):
        label, mark, gap = number[:size], number[size : size + 1], number[size + 1 : size + 2]
        is_label = len(label) == size and all(char.isalnum() or char == "_" for char in label)
        if is_label and mark in list(".):") and gap.isspace():
            return False
    if any(char in line for char in "={}\\$<>|^~;") or any(m in line for m in ("//", "->", "::")):
        return False
    for place, char in enumerate(line):
        after = line[place + 1 :].lstrip()[:1]
        called = line[place + 1 : place + 2] == "(" and (char.isalnum() or char == "_")
        if called or (char in ")]" and after == "#") or (char in "\"”’'" and after in list("-–—")):
            return False
    return True


def ends_in_a_word(line: str) -> bool:
    """Its last word has letters alone, with apostrophes and hyphens, and at most two marks."""
    line = line[-64:]
    for marks in (0, 1, 2):
        body, tail = (line[:-marks], line[-marks:]) if marks else (line, "")
        if all(char in ",:、，：([«“—–-" for char in tail):
            start = len(body)
            while start and (is_letter(body[start - 1]) or body[start - 1] in "'’-"):
                start -= 1
                before = body[start - 1 : start]
                if is_letter(body[start]) and (not before or before.isspace() or before in QUOTES):
                    return True
    return False


def is_letter(char: str) -> bool:
    return char.isalnum() and unicodedata.category(char) != "Nd"


def cards(text: str) -> list[str]:
    """Card numbers, tried from every figure on, in one or in groups."""
    found = []
    for start in range(len(text)):
        if text[start] in digits and not (start and is_inside(text[start - 1], ".+-")):
            for sizes in [(4, 4, 4, 4), (4, 6, 4), (4, 6, 5), *((n,) for n in range(13, 20))]:
                for gap in " -" if len(sizes) > 1 else " ":
                    number, stop = grouped(text, start, sizes, gap)
                    if number and ends_a_number(text, stop) and has_issuer(number):
                        found += [number] if luhn_by_hand(number) else []
    return found


def grouped(text: str, start: int, sizes: tuple[int, ...], gap: str) -> tuple[str, int]:
    """Figures in groups of these sizes with a sign between them, and where they end."""
    number, place = "", start
    for order, size in enumerate(sizes):
        if order:
            if text[place : place + 1] != gap:
                return "", place
            place += 1
        group = text[place : place + size]
        if len(group) < size or any(char not in digits for char in group):
            return "", place
        number, place = number + group, place + size
    return number, place


def is_inside(char: str, others: str) -> bool:
    return char in ALNUM + "_" + others


def ends_a_number(text: str, stop: int) -> bool:
    after, then = text[stop : stop + 1], text[stop + 1 : stop + 2]
    goes_on = after in list(".,") and then in list(digits)
    return not after or not (is_inside(after, "-") or goes_on)


def has_issuer(number: str) -> bool:
    first = [int(number[:size]) for size in range(5)[1:]]
    one, two, three, four = first
    match len(number):
        case 13:
            return False
        case 14:
            return 300 <= three <= 305 or two in (36, 38)
        case 15:
            return two in (34, 37)
        case 16:
            known = one == 4 or 51 <= two <= 55 or 2221 <= four <= 2720 or four == 6011
            return known or two in (62, 65) or 644 <= three <= 649 or 3528 <= four <= 3589
        case 19:
            return one == 4 or two == 62
        case _:
            return two == 62


def ibans(lengths: dict[str, int], text: str) -> list[str]:
    """Account numbers, tried from every country code on."""
    found = []
    for start in range(len(text)):
        length = lengths.get(text[start : start + 2], 0)
        if not length or (start and text[start - 1] in ALNUM):
            continue
        spaced = text[start : start + length + (length - 1) // 4]
        groups = [spaced[place : place + 5] for place in range(0, len(spaced), 5)]
        is_spaced = all(len(group) == 5 and group[4] == " " for group in groups[:-1])
        shown = [text[start : start + length], spaced if is_spaced else ""]
        for one in shown:
            number = one.replace(" ", "") if one == spaced else one
            follows = text[start + len(one) : start + len(one) + 1]
            if (
                len(number) == length
                and all(char in ascii_uppercase + digits for char in number)
                and all(char in digits for char in number[2:4])
                and not (follows and follows in ALNUM)
                and has_figures(one)
                and iban_by_hand(number)
            ):
                found.append(number)
    return found


def has_figures(written: str) -> bool:
    """Eight figures in a row, or two groups of four."""
    for start in range(len(written)):
        row, groups = written[start : start + 8], written[start : start + 9]
        if len(row) == 8 and all(char in digits for char in row):
            return True
        if len(groups) == 9 and groups[4] == " " and groups.replace(" ", "").isdigit():
            return True
    return False


def phones(text: str) -> list[str]:
    """Phone numbers: every way to read one from every sign on; the longest counts."""
    found = []
    for start, char in enumerate(text):
        if char not in digits + "(+" or (start and is_word(text[start - 1], ".+/=*^$-")):
            continue
        ways = [north for north in [*north_american(text, start)] if may_end(text, north)]
        ways = ways or [end for end in [*international(text, start)] if may_end(text, end)]
        if ways:
            number = text[start : max(ways)]
            count = sum(char in digits for char in number)
            if 8 <= count <= 15 and not (char == "+" and is_sum(text[max(0, start - 4) : start])):
                found.append(number)
    return found


def is_word(char: str, others: str) -> bool:
    return is_inside(char, others)


def may_end(text: str, stop: int) -> bool:
    after, then = text[stop : stop + 1], text[stop + 1 : stop + 2]
    if after and is_word(after, "/=*^%-"):
        return False
    return not (after in list(".,") and then in list(digits))


def is_sum(before: str) -> bool:
    """A figure, a bracket or a variable of one letter stands before the plus."""
    before = before.rstrip()
    last, second = before[-1:], before[-2:-1]
    variable = last and is_inside(last, "") and not (second and is_inside(second, ""))
    return bool(last) and (last in digits + ")]=*/^" or bool(variable))


def north_american(text: str, start: int) -> Iterator[int]:
    begins = [start]
    for country in ("1", "+1"):
        if text.startswith(country, start):
            place = start + len(country)
            begins += [place, place + (text[place : place + 1] in list(" .-"))]
    for begin in begins:
        bracket = text[begin : begin + 1] == "("
        area = text[begin + bracket : begin + bracket + 3]
        place = begin + bracket + 3
        if len(area) < 3 or not set(area) <= set(digits) or area[0] in "01":
            continue
        if area in ("800", "833", "844", "855", "866", "877", "888"):
            continue
        if bracket and text[place : place + 1] != ")":
            continue
        gaps = ("", " ") if bracket else (".", "-")
        for gap in gaps:
            after = text[place + bracket :]
            local = after.removeprefix(gap)
            shape = "".join("0" if char in digits else char for char in local[:8])
            if after.startswith(gap) and shape in ("000-0000", "000.0000") and local[0] not in "01":
                yield place + bracket + len(gap) + 8


def international(text: str, start: int) -> Iterator[int]:
    """Ends of `+`, a country code of up to three figures, an area in brackets, more figures."""
    if text[start : start + 1] != "+" or text[start + 1 : start + 2] not in list("123456789"):
        return
    for size in (1, 2, 3):
        code = text[start + 1 : start + 1 + size]
        if len(code) == size and set(code) <= set(digits):
            for place in past_gap(text, start + 1 + size):
                yield from subscriber(text, place)
                if text[place : place + 1] == "(":
                    stop = text.find(")", place)
                    area = text[place + 1 : stop]
                    if 1 <= len(area) <= 4 and set(area) <= set(digits):
                        for after in past_gap(text, stop + 1):
                            yield from subscriber(text, after)


def past_gap(text: str, place: int) -> list[int]:
    return [place, place + 1] if text[place : place + 1] in list(" .-") else [place]


def subscriber(text: str, place: int) -> Iterator[int]:
    """Ends of seven to thirteen figures, with at most one sign between two of them."""
    count = 0
    while text[place : place + 1] in list(digits):
        count, place = count + 1, place + 1
        if 7 <= count <= 13:
            yield place
        if text[place : place + 1] in list(" .-"):
            place += 1
