"""What should not be in training data: personal data with a form of its own, and secrets."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dslineage.quality.core.screened import united
from dslineage.quality.core.suspects import Numbers, with_long_word
from dslineage.quality.lexicon import builtin
from dslineage.quality.metric import Found, Kind, Metric, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.quality.chunk import Chunk
    from dslineage.quality.example import Example
    from dslineage.quality.values import Values

_IBANS = builtin("iban@1")
_RESERVED = builtin("reserved_ipv4@1")
_SECRETS = builtin("secret@1")

Spans = Iterator[tuple[int, int]]
Findings = Iterator[tuple[str, tuple[int, int]]]
"""Where something stands in a text, first character and one behind the last; with its class."""


def pii(example: Example) -> Found:
    """Which classes of personal data the texts have."""
    return _found(example, personal)


def personal(text: str) -> Findings:
    """Personal data in a text, with its class."""
    finders = {
        "email": emails,
        "ipv4": public_addresses,
        "phone": phones,
        "card": cards,
        "iban": ibans,
    }
    for name, find in finders.items():
        for span in find(text):
            yield name, span


def emails(text: str) -> Spans:
    """E-mail addresses, but for names of files such as `icon@2x.png`."""
    local = string.ascii_letters + string.digits + "._%+-"
    label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    domain = rf"@(?:{label}\.){{1,8}}([A-Za-z]{{2,24}})(?![A-Za-z0-9_@-])"
    for match in re.finditer(domain, text):
        before = text[max(0, match.start() - 65) : match.start()]
        name = before[len(before.rstrip(local)) :].lstrip("._%+-")
        file = match[1].lower() in ("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json")
        if 1 <= len(name) <= 64 and not file:
            yield match.start() - len(name), match.end()


def in_numbers(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Where a pattern is found among figures and what separates them.

    It may look at two characters beyond them.
    """
    find = re.compile(pattern, re.ASCII).finditer
    for run in re.finditer("[(+0-9][0-9 ().+-]{6,}", text):
        yield from find(text, run.start(), run.end() + 2)


def public_addresses(text: str) -> Spans:
    """IPv4 addresses that can be somebody's; four single digits are a version or a section."""
    pattern = r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)"
    for match in in_numbers(pattern, text):
        octets = [int(octet) for octet in match[0].split(".")]
        canonical = ".".join(map(str, octets)) == match[0]
        before = text[max(0, match.start() - 10) : match.start()]
        version = re.search(r"(?i:version|release|build|section|\bv\.?)[\s:=\"']*\Z", before)
        if canonical and 9 < max(octets) < 256 and not version and not reserved(octets):
            yield match.span()


def reserved(octets: list[int]) -> bool:
    """Whether an address belongs to a network that is nobody's."""
    address = int.from_bytes(bytes(octets), "big")
    for entry in _RESERVED.entries:
        network, _, size = entry.partition("/")
        first = int.from_bytes(bytes(map(int, network.split("."))), "big")
        if address >> 32 - int(size) == first >> 32 - int(size):
            return True
    return False


def phones(text: str) -> Spans:
    """Phone numbers: international ones with `+`, North American ones with their usual marks.

    A `+` behind a figure, a bracket or a variable is a sum; numbers free of charge are nobody's.
    """
    area = r"(?!8(?:00|33|44|55|66|77|88))[2-9]\d\d"
    north = rf"(?:\+?1[ .-]?)?(?:\({area}\) ?|{area}[.-])[2-9]\d\d[.-]\d{{4}}"
    other = r"\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){6,12}"
    pattern = rf"(?<![\w.+/=*^$-])(?:{north}|{other})(?![\w/=*^%-]|[.,]\d)"
    for match in in_numbers(pattern, text):
        digits = sum(map(str.isdigit, match[0]))
        before = text[max(0, match.start() - 4) : match.start()]
        summed = match[0][0] == "+" and re.search(r"(?:[\d)\]=*/^]|\b\w)\s*\Z", before)
        if 8 <= digits <= 15 and not summed:
            yield match.span()


def cards(text: str) -> Spans:
    """Numbers of payment cards: an issuer's first digits and length, and the Luhn checksum."""
    groups = r"\d{4}(?:([ -])\d{4}\1\d{4}\1\d{4}|([ -])\d{6}\2\d{4,5}|\d{9,15})"
    for match in in_numbers(rf"(?<![\w.+-]){groups}(?![\w-]|[.,]\d)", text):
        digits = re.sub("[ -]", "", match[0])
        if re.fullmatch(issued(), digits) and luhn(digits):
            yield match.span()


def issued() -> str:
    """The numbers that Visa, Mastercard, Amex, Diners, Discover, JCB and UnionPay give out."""
    return (
        r"4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
        r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}"
        r"|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    )


def luhn(digits: str) -> bool:
    """Whether the last digit is right (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[::-2]))) % 10 == 0


def ibans(text: str) -> Spans:
    """International bank account numbers: a country's length and the checksum (ISO 13616).

    They are written in one or in groups of four, and have eight digits in a row or two groups.
    """
    lengths = iban_lengths()
    for begin in re.finditer(r"[A-Z](?<![A-Za-z0-9].)[A-Z]\d\d(?= ?[A-Z0-9])", text, re.ASCII):
        groups, rest = divmod(lengths.get(begin[0][:2], 0), 4)
        if groups:
            in_one = f"[A-Z0-9]{{{4 * groups + rest}}}"
            last = f" [A-Z0-9]{{{rest}}}" if rest else ""
            in_groups = f"[A-Z0-9]{{4}}(?: [A-Z0-9]{{4}}){{{groups - 1}}}{last}"
            written = re.compile(f"(?:{in_one}|{in_groups})(?![A-Za-z0-9])")
            match = written.match(text, begin.start())
            figures = match and re.search(r"\d{8}|\d{4} \d{4}", match[0], re.ASCII)
            if match and figures and remainder(match[0].replace(" ", "")) == 1:
                yield match.span()


@cache
def iban_lengths() -> dict[str, int]:
    """How many characters the account numbers of each country have."""
    pairs = (entry.split() for entry in _IBANS.entries)
    return {country: int(length) for country, length in pairs}


def remainder(number: str) -> int:
    """What an account number leaves modulo 97, letters read as 10 to 35, country and check last."""
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97


def secret(example: Example) -> Found:
    """Which classes of secrets the texts have."""
    return _found(example, secrets)


def secrets(text: str) -> Findings:
    """Keys with a provider's prefix, headers of private keys and signed tokens, with their class.

    A key with one character eight times in a row, or that ends in EXAMPLE, is documentation.
    """
    find = secret_pattern().finditer
    long = any(next(find(word), None) for word in text.split() if len(word) >= 20)
    for match in find(text) if long or "PRIVATE KEY" in text else ():
        if match.lastgroup and not re.search(r"([^-])\1{7}|EXAMPLE\Z", match[0]):
            yield match.lastgroup, match.span()


@cache
def secret_pattern() -> re.Pattern[str]:
    """Any pattern of the lexicon where no longer word holds it; its class is the group."""
    classes: dict[str, list[str]] = {}
    for entry in _SECRETS.entries:
        name, _, pattern = entry.partition(" ")
        classes.setdefault(name, []).append(pattern)
    groups = "|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in classes.items())
    return re.compile(rf"(?<![A-Za-z0-9_\-])(?=[A-Za-z0-9_.:\-]{{20}}|-----BEGIN )(?:{groups})")


def _found(example: Example, find: Callable[[str], Findings]) -> Found:
    found = [
        (name, Span(number, *span))
        for number, part in enumerate(example.parts)
        for name, span in find(part.text)
    ]
    spans = tuple(sorted({span for _, span in found}))
    return Found(frozenset(name for name, _ in found), spans)


def _personal(chunk: Chunk) -> Values:
    """Each class is looked for only where a screen does not rule it out."""
    numbers = Numbers.of(chunk.screen)
    suspects: Mapping[str, tuple[Callable[[str], Spans], NDArray[np.int64]]] = {
        "email": (emails, chunk.screen.having(b"@")),
        "ipv4": (public_addresses, numbers.dotted),
        "phone": (phones, np.union1d(numbers.grouped, numbers.called)),
        "card": (cards, numbers.grouped),
        "iban": (ibans, numbers.grouped),
    }
    found = (
        (part, name)
        for name, (find, parts) in suspects.items()
        for part in parts.tolist()
        if any(find(chunk.texts[part]))
    )
    return united(PII, chunk, found)


def _secrets(chunk: Chunk) -> Values:
    parts = np.union1d(with_long_word(chunk.screen), chunk.screen.having(b"PRIVATE KEY"))
    found = ((part, name) for part in parts.tolist() for name, _ in secrets(chunk.texts[part]))
    return united(SECRET, chunk, found)


PII = Metric(
    "pii",
    Kind.REASONS,
    unit="share",
    better="lower",
    function=pii,
    labels=("email", "ipv4", "phone", "card", "iban"),
    uses=(
        *(personal, emails, in_numbers, public_addresses, reserved),
        *(phones, cards, issued, luhn, ibans, iban_lengths, remainder),
    ),
    lexicons=(_IBANS, _RESERVED),
    batch=_personal,
    formula="a text has any of: email, an e-mail address; ipv4, an IPv4 address of no reserved "
    "network; phone, a number with + and 8 to 15 digits, or a North American one with its marks; "
    "card, a card number with an issuer's prefix and a right Luhn digit; iban, an account number "
    "with its country's length and checksum",
    source="RFC 5321, RFC 6890, ITU-T E.164, ISO/IEC 7812-1 (Luhn), ISO 13616 (mod 97)",
    worked="`Write to ada@example.com` -> email; `4111 1111 1111 1111` -> card",
)

SECRET = Metric(
    "secret",
    Kind.REASONS,
    unit="share",
    better="lower",
    function=secret,
    labels=("provider_key", "private_key", "jwt"),
    uses=(secrets, secret_pattern),
    lexicons=(_SECRETS,),
    batch=_secrets,
    formula="a text has any of: provider_key, a key with a provider's prefix and its length; "
    "private_key, the header of a PEM private key; jwt, a signed JSON Web Token; no rule rests on "
    "entropy alone",
    source="the providers' documentation, RFC 7468, RFC 7519; compare detect-secrets and gitleaks",
    worked="`ghp_` and 36 letters and digits -> provider_key; `git commit 5f3a0c1` -> nothing",
)

METRICS = (PII, SECRET)
