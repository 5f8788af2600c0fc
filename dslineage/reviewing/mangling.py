"""What a spreadsheet program does to a cell by itself, told from what people do.

A change is refused only where a program's habit explains all of it: `1-2` became a date, a text
lost its leading zeros, quotes were curled, white space was trimmed, or a text was cut or read in
a wrong encoding.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from dslineage.reviewing.cells import LIMIT, units


class Formula(str):
    """The text of a formula that stands in a cell."""

    __slots__ = ()


Value = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None
"""What a reader of spreadsheets gives for a cell."""

MANGLES = {
    "boolean": "a text became a truth value",
    "cut": f"the text ends where a cell is full, at {LIMIT:,} characters",
    "date": "a text became a date or time",
    "encoding": "the text was read or written in another encoding",
    "formula": "a formula, or the error of one, stands where a text was",
    "line-ends": "only line ends changed",
    "moved": "the text of another row stands here: one column was sorted without the others",
    "number": "a text became a number, or its digits were written anew",
    "quotes": "only quotes, dashes, dots or signs were set in type",
    "spaces": "only white space changed",
}
"""Each habit, and what it is in words."""

_DATE_LIKE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?"
    r"|(?:\d{1,4}[-/. ]?)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"[-/. ]?(?:\d{1,4})?(?:,? ?\d{2,4})?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?)?|\d{1,2}:\d{2}(?::\d{2})?"
    r"(?: ?[AP]M)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}[- .][A-Za-zäéû]{3,9}\.?(?:[- .]\d{2,4})?"
    r"|[A-Za-z]{3,9}[- ]\d{2,4}"
)
_SERIALS = range(1, 120_000)
"""Numbers of days since 1900 for which a spreadsheet writes a date of this or the next century."""

_SIGNS = re.compile(r"[\s$€£¥'’]")
_FRACTION = re.compile(r"(?:(\d{1,9}) )?(\d{1,9})/(\d{1,9})")
_LONGEST_NUMBER = 400

_ERROR = re.compile(r"#(?:NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|N/A)|Err:\d{3}")
_CUTS = (255, 32_759, LIMIT)
_TYPED = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'",
    "…": "...", "—": "--", "–": "-", "‑": "-", "©": "(c)", "®": "(r)", "™": "(tm)",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "→": "-->", "←": "<--",
}  # fmt: skip
_SET_IN_TYPE = re.compile("|".join(map(re.escape, _TYPED)))
_DASHES = re.compile("-+>?|<-+")
_CODE_PAGES = ("cp1252", "latin-1", "mac_roman", "cp437", "cp850", "ascii")


def mangle(before: str, now: Value) -> str:
    """The habit, of `MANGLES`, that explains how a cell came from one text to what it is now.

    Args:
        before: what was written into the cell; another text than `now`.
        now: what was read from it.

    Returns:
        The habit's name; empty where a person must have done it.
    """
    if isinstance(now, Formula):
        return "formula"
    if isinstance(now, bool):
        return "boolean"
    if isinstance(now, int | float):
        return _of_number(before, now)
    if isinstance(now, str):
        return next((name for name, found in _HABITS if found(before, now)), "")
    return "" if now is None else "date"


def as_text(value: Value) -> str:
    """A cell as the text that a person sees in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _of_number(before: str, now: float) -> str:
    if _DATE_LIKE.fullmatch(before.strip()) and now < _SERIALS.stop and not _number(before):
        return "date"
    return "number" if _is_rewritten_number(before, as_text(now)) else ""


def _is_boolean(before: str, now: str) -> bool:
    return before != now and before.lower() == now.lower() and now in ("TRUE", "FALSE")


def _is_date(before: str, now: str) -> bool:
    told = before.strip()
    if not _DATE_LIKE.fullmatch(told) or _number(told) is not None or _shape(told) == _shape(now):
        return False
    if now.isdigit() and int(now) in _SERIALS:
        return True
    return bool(_DATE.fullmatch(now)) and not now.startswith(told)


def _shape(text: str) -> str:
    """A text with its digits all alike: a date for a date is what a person writes."""
    return re.sub(r"\d", "0", text)


def _is_rewritten_number(before: str, now: str) -> bool:
    """Whether two texts write one number, as far as the 15 digits that a spreadsheet keeps."""
    return any(
        was == number or f"{was:.14E}" == f"{number:.14E}" or _shown_short(was, now)
        for was in _numbers(before)
        for number in _numbers(now)
    )


def _shown_short(was: Decimal, now: str) -> bool:
    """Whether `now` is `was` with an exponent and as few digits as a narrow column shows."""
    digits, exponent, _ = now.upper().partition("E")
    number = _number(now)
    if not exponent or number is None:
        return False
    places = len(digits.partition(".")[2])
    return f"{was:.{places}E}" == f"{number:.{places}E}"


def _numbers(text: str) -> Iterator[Decimal]:
    """The numbers that a spreadsheet may take a text for: `1,000`, `$5.00`, `50%`, `1 1/2`."""
    plain = _SIGNS.sub("", text)
    if len(plain) > _LONGEST_NUMBER:
        return
    for candidate in (plain.replace(",", ""), plain.replace(".", "").replace(",", ".")):
        number = _number(candidate.removesuffix("%"))
        if number is not None:
            yield number / 100 if candidate.endswith("%") else number
    if fraction := _FRACTION.fullmatch(text.strip()):
        whole, part, of = (int(digits or 0) for digits in fraction.groups())
        if of:
            yield whole + Decimal(part) / of


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < _LONGEST_NUMBER else None


def _is_cut(before: str, now: str) -> bool:
    if units(now) >= LIMIT:
        return True
    return before.startswith(now) and units(now) in _CUTS


def _is_recoded(before: str, now: str) -> bool:
    if any("\ud800" <= char <= "\udfff" for char in now):
        return True
    if before.isascii() and "\ufeff" not in before:
        return False
    return now in set(_recoded(before)) or _composed(before) == _composed(now)


def _recoded(text: str) -> Iterator[str]:
    """What a text becomes when it is written in one encoding and read in another."""
    yield text.replace("\ufeff", "")
    for page in _CODE_PAGES:
        yield text.encode(page, "replace").decode(page)
        for errors in ("replace", "ignore"):
            yield text.encode().decode(page, errors)
            yield text.encode(page, "replace").decode("utf-8", errors)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.removeprefix("\ufeff"))


def _plain_type(text: str) -> str:
    plain = _SET_IN_TYPE.sub(lambda match: _TYPED[match[0]], text)
    return _DASHES.sub("-", plain)


def _plain_spaces(text: str) -> str:
    lines = text.replace("\xa0", " ").replace("\t", " ").splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _same(fold: Callable[[str], str]) -> Callable[[str, str], bool]:
    return lambda before, now: fold(before) == fold(now)


def _line_ends(text: str) -> str:
    return re.sub(r"\r\n?|\u2028|\u2029|_x000D_\n?", "\n", text)


_HABITS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("formula", lambda _, now: bool(_ERROR.fullmatch(now))),
    ("boolean", _is_boolean),
    ("number", _is_rewritten_number),
    ("date", _is_date),
    ("cut", _is_cut),
    ("encoding", _is_recoded),
    ("line-ends", _same(_line_ends)),
    ("spaces", _same(_plain_spaces)),
    ("spaces", _same(lambda text: _plain_spaces(text.replace("\t", "")))),
    ("quotes", _same(lambda text: _plain_spaces(_plain_type(text)))),
)
"""From the most to the least particular."""
