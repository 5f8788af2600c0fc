"""Keys, private keys and signed tokens once more: walked through sign by sign, without patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters, ascii_uppercase, digits
from typing import NamedTuple

ALNUM = ascii_letters + digits
UPPER = ascii_uppercase + digits
URL = ALNUM + "_-"
LOWER_HEX = digits + "abcdef"
HEX = LOWER_HEX + "ABCDEF"
MANY = 255


class Run(NamedTuple):
    """So many signs of an alphabet: as many as there are, up to `most`."""

    signs: str
    least: int
    most: int


class Form(NamedTuple):
    """What a secret is made of, texts and runs; none of the signs `closed` may follow it."""

    pieces: tuple[str | Run, ...]
    closed: str = ""
    figure: bool = False
    """Whether its last run has a figure."""


def exactly(signs: str, count: int) -> Run:
    return Run(signs, count, count)


def prefixed(prefixes: Sequence[str], run: Run, closed: str = "") -> list[Form]:
    return [Form((prefix, run), closed) for prefix in prefixes]


KEYS: Sequence[Sequence[Form]] = (
    prefixed(["AK" + "IA", "AS" + "IA"], exactly(UPPER, 16), ALNUM),
    prefixed([f"gh{kind}_" for kind in "pousr"], Run(ALNUM, 36, MANY)),
    [Form(("github_pat_", exactly(ALNUM, 22), "_", exactly(ALNUM, 59)))],
    prefixed(["glpat-"], Run(URL, 20, 64)),
    [Form(("sk-", exactly(ALNUM, 20), "T3Blbk" + "FJ", exactly(ALNUM, 20)))],
    prefixed(["sk-proj-", "sk-svcacct-", "sk-admin-"], Run(URL, 40, MANY)),
    prefixed(["sk-ant-"], Run(URL, 32, MANY)),
    prefixed(["sk-or-v1-"], exactly(LOWER_HEX, 64)),
    prefixed(["hf_"], exactly(ALNUM, 34), ALNUM),
    prefixed(["AIza"], exactly(URL, 35), URL),
    prefixed(["ya29."], Run(URL, 30, MANY)),
    [Form((f"xox{kind}-", Run(ALNUM + "-", 20, MANY)), figure=True) for kind in "abeoprs"],
    prefixed(["sk_live_", "sk_test_", "rk_live_", "rk_test_"], Run(ALNUM, 20, MANY)),
    prefixed(["npm_"], exactly(ALNUM, 36), ALNUM),
    prefixed(["pypi-AgEIcHlwaS5vcmc"], Run(URL, 50, MANY)),
    [Form(("SG.", exactly(URL, 22), ".", exactly(URL, 43)))],
    prefixed(["dop_v1_"], exactly(LOWER_HEX, 64)),
    prefixed(["dapi"], exactly(LOWER_HEX, 32), ALNUM),
    prefixed([f"shp{kind}_" for kind in ("at", "ca", "pa", "ss")], exactly(HEX, 32)),
    [Form((Run(digits, 8, 10), ":AA", exactly(URL, 33)), URL)],
    prefixed(["gsk_"], exactly(ALNUM, 52), ALNUM),
    [Form(("glsa_", exactly(ALNUM, 32), "_", exactly(LOWER_HEX, 8)))],
    prefixed(["AGE-SECRET-KEY-1"], exactly(UPPER, 58)),
)
"""The forms of providers' keys, one sequence for each line of the lexicon."""

JWT = Form(("eyJ", Run(URL, 17, 8192), ".eyJ", Run(URL, 10, 65536), ".", Run(URL, 20, 2048)))

FORMS: Mapping[str, Sequence[Sequence[Form]]] = {"provider_key": KEYS, "jwt": [[JWT]]}


def secrets(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Each secret's class and place; none begins within a word or another one's place."""
    found, place = [], 0
    while place < len(text):
        inside = place > 0 and text[place - 1] in URL
        name, stop = next(ways(text, place), ("", place)) if not inside else ("", place)
        if name and not is_documentation(text[place:stop]):
            found.append((name, (place, stop)))
        place = max(stop, place + 1)
    return found


def ways(text: str, place: int) -> Iterator[tuple[str, int]]:
    """What begins at a place, and where it ends."""
    for name, lines in FORMS.items():
        for form in (form for line in lines for form in line):
            stop = end_of(form, text, place)
            if stop:
                yield name, stop
    stop = end_of_header(text, place)
    if stop:
        yield "private_key", stop


def end_of(form: Form, text: str, place: int) -> int:
    """Where a secret of a form ends that begins at a place; 0 where there is none."""
    start = place
    for piece in form.pieces:
        start = place
        if isinstance(piece, str):
            if text[place : place + len(piece)] != piece:
                return 0
            place += len(piece)
        else:
            while place < len(text) and place - start < piece.most and text[place] in piece.signs:
                place += 1
            if place - start < piece.least:
                return 0
    if form.figure and not any(char in digits for char in text[start:place]):
        return 0
    return 0 if text[place : place + 1] in list(form.closed) else place


def end_of_header(text: str, place: int) -> int:
    """Where the header of a private key ends that begins at a place; 0 where there is none."""
    begin = place + len("-----BEGIN ")
    stop = text.find("-----", begin)
    if text[place:begin] != "-----BEGIN " or stop < 0:
        return 0
    words = text[begin:stop].removesuffix(" BLOCK").split(" ")
    *before, last, key = ["", *words]
    kinds = before[1:]
    known = len(kinds) <= 3 and all(
        0 < len(kind) <= 20 and set(kind) <= set(UPPER) for kind in kinds
    )
    return stop + len("-----") if [last, key] == ["PRIVATE", "KEY"] and known else 0


def is_documentation(secret: str) -> bool:
    """One sign eight times in a row, hyphens aside, or an ending that says so."""
    repeated = any(sign != "-" and sign * 8 in secret for sign in secret)
    return repeated or secret.endswith("EXAMPLE")
