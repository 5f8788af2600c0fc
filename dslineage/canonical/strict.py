"""The strict JSON parser: what counts as JSON, and where a record is not.

It accepts RFC 8259 and refuses what ready-made parsers let pass: duplicate keys, numbers that are
not finite, half surrogate pairs. Its faults are those of `docs/format.md`, section Canonical form.
It keeps its own stack, so that depth is a limit and never a crash.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Never

from dslineage.canonical.rows import RowFault

MAX_DEPTH = 256
MAX_DIGITS = 4300
_PATH_LENGTH = 160

_TOKEN = re.compile(r"[^ \t\n\r]")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_NOT_PLAIN = re.compile(r'["\\\x00-\x1f]')
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?([-+.\w]*)")
_ALMOST_NUMBER = re.compile(r"[-+]?\.?[0-9]|[-+](?![A-Za-z])")
_HEX4 = re.compile(r"[0-9a-fA-F]{4}")
_LOW_SURROGATE = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
_COMMENT = re.compile(r"//|/\*|#")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")

_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_ESCAPES = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip


class JsonError(ValueError):
    """A text that is not strict JSON; `fault` says why and where."""

    def __init__(self, fault: RowFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parse_record(raw: bytes, *, depth: int = MAX_DEPTH) -> dict[str, Any] | RowFault:
    """The object that a record is, without null members at any depth, or its first fault."""
    try:
        value = parse_json(raw, depth=depth)
    except JsonError as error:
        return error.fault
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return RowFault("array-root", "the record is an array; an example is an object", 0)
    return RowFault("not-an-object", "the record is a bare value; an example is an object", 0)


def parse_json(raw: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """The value that a JSON text is, without null members at any depth.

    Raises:
        JsonError: the text is not strict JSON, or nests deeper than `depth` levels.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8 here"
        raise JsonError(RowFault("invalid-utf8", message, error.start)) from None
    return _Parser(text, depth).document()


@dataclass(slots=True)
class _Container:
    """An object or array that has begun: what is in it so far, and where its keys stood."""

    value: dict[str, Any] | list[Any]
    begin: int
    key: str | None = None
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def closer(self) -> str:
        return "}" if isinstance(self.value, dict) else "]"

    @property
    def step(self) -> str:
        """What a path adds for the member or item that is being read."""
        if isinstance(self.value, list):
            return f"[{len(self.value)}]"
        if self.key is None:
            return ""
        return f".{self.key}" if _NAME.fullmatch(self.key) else f"[{self.key!r:.80}]"

    def take(self, value: Any) -> None:
        """Add a finished value; a null member is left out."""
        if isinstance(self.value, list):
            self.value.append(value)
        elif value is not None and self.key is not None:
            self.value[self.key] = value


class _Parser:
    """One pass over one text. `at` is the position of the next character."""

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.at = 0
        self.stack: list[_Container] = []

    def document(self) -> Any:
        if self.text.startswith("\ufeff"):
            self.fail("byte-order-mark", "a byte-order mark stands before the record", 0)
        if (nul := self.text.find("\0")) >= 0:
            self.fail("nul-byte", "the record holds a NUL byte", nul)
        if not self.peek():
            self.fail("empty-record", "the record is empty")
        while True:
            char = self.text[self.at : self.at + 1]
            if char in ("{", "["):
                if self.open(char):
                    continue
                value: Any = self.stack.pop().value
            else:
                value = self.scalar(char)
            while self.stack:
                self.stack[-1].take(value)
                if self.goes_on():
                    break
                value = self.stack.pop().value
            else:
                return self.end(value)

    def open(self, bracket: str) -> bool:
        """Enter an object or array; false if it is empty, and so closed again."""
        if len(self.stack) == self.depth:
            self.fail("too-deep", f"more than {self.depth} levels of objects and arrays")
        top = _Container({} if bracket == "{" else [], self.at)
        self.stack.append(top)
        self.at += 1
        if self.peek() == top.closer:
            self.at += 1
            return False
        if bracket == "{":
            self.read_key(top)
        return True

    def goes_on(self) -> bool:
        """After a member or item: true before a further one, false after the closing bracket."""
        top = self.stack[-1]
        char = self.peek()
        if char == ",":
            comma = self.at
            self.at += 1
            if self.peek() == top.closer:
                self.fail("trailing-comma", f"a comma before {top.closer!r}", comma)
            if top.closer == "}":
                self.read_key(top)
            return True
        if char != top.closer:
            self.unexpected(f"',' or {top.closer!r}")
        self.at += 1
        return False

    def read_key(self, top: _Container) -> None:
        top.key = None
        if self.text[self.at : self.at + 1] != '"':
            self.unexpected("a key in double quotes")
        begin = self.at
        top.key = self.string()
        if top.key in top.seen:
            first, second = self.offset(top.seen[top.key]), self.offset(begin)
            where = f"at byte {first} and at byte {second} of the record"
            self.fail("duplicate-key", f"key {top.key!r:.80} stands twice, {where}", begin)
        top.seen[top.key] = begin
        if self.peek() != ":":
            self.unexpected("':'")
        self.at += 1
        self.peek()

    def scalar(self, char: str) -> Any:
        if char == '"':
            return self.string()
        if char in _LITERALS:
            word, value = _LITERALS[char]
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def number(self) -> int | float:
        found = _NUMBER.match(self.text, self.at)
        if not found:
            if _ALMOST_NUMBER.match(self.text, self.at):
                self.fail("bad-number", "JSON numbers begin with a digit, or '-' and a digit")
            self.unexpected("a value")
        whole, fraction, exponent, junk = found.groups()
        if junk:
            self.fail("bad-number", f"JSON writes no number like {found[0]:.40}")
        if fraction or exponent:
            number = float(found[0])
            if math.isinf(number):
                self.fail("not-finite", f"{found[0]:.40} is too large for a double")
            self.at = found.end()
            return number
        if len(whole) > MAX_DIGITS:
            self.fail("integer-too-long", f"an integer of {len(whole)} digits, over {MAX_DIGITS}")
        self.at = found.end()
        return int(found[0])

    def string(self) -> str:
        if plain := _PLAIN_STRING.match(self.text, self.at):
            self.at = plain.end()
            return plain[1]
        begin = self.at
        self.at += 1
        pieces = []
        while True:
            stop = _NOT_PLAIN.search(self.text, self.at)
            if stop is None:
                where = self.offset(begin)
                self.fail(
                    "truncated", f"the string at byte {where} of the record does not end", begin
                )
            pieces.append(self.text[self.at : stop.start()])
            self.at, char = stop.start(), stop[0]
            if char == '"':
                self.at += 1
                return "".join(pieces)
            if char != "\\":
                self.fail("control-character", f"U+{ord(char):04X} stands raw in a string")
            pieces.append(self.escape())

    def escape(self) -> str:
        char = self.text[self.at + 1 : self.at + 2]
        if char in _ESCAPES:
            self.at += 2
            return _ESCAPES[char]
        digits = _HEX4.match(self.text, self.at + 2) if char == "u" else None
        if digits is None:
            why = "\\u takes four hex digits" if char == "u" else f"no escape begins with {char!r}"
            self.fail("bad-escape", f"a backslash that escapes nothing: {why}")
        unit = int(digits[0], 16)
        if not 0xD800 <= unit <= 0xDFFF:
            self.at = digits.end()
            return chr(unit)
        low = _LOW_SURROGATE.match(self.text, digits.end())
        if unit >= 0xDC00 or low is None:
            self.fail("lone-surrogate", f"\\u{digits[0]} is half a surrogate pair")
        self.at = low.end()
        return chr(0x10000 + ((unit - 0xD800) << 10) + (int(low[1], 16) - 0xDC00))

    def end(self, value: Any) -> Any:
        char = self.peek()
        if char == ",":
            self.fail("trailing-comma", "a comma after the record")
        if _COMMENT.match(self.text, self.at):
            self.unexpected("the end of the record")
        if char:
            self.fail("extra-data", f"after the record something follows, beginning {char!r}")
        return value

    def peek(self) -> str:
        """The next character that is no white space, or nothing at the end."""
        token = _TOKEN.search(self.text, self.at)
        self.at = token.start() if token else len(self.text)
        return token[0] if token else ""

    def unexpected(self, expected: str) -> Never:
        """Fail at the next character, under the name of the habit that put it there."""
        text, at = self.text, self.at
        if at == len(text):
            top = self.stack[-1]
            kind = "object" if top.closer == "}" else "array"
            where = self.offset(top.begin)
            self.fail("truncated", f"the {kind} at byte {where} of the record does not end")
        if _COMMENT.match(text, at):
            self.fail("comment", "JSON has no comments")
        if text[at] == "'":
            self.fail("single-quotes", "JSON strings and keys stand in double quotes")
        if found := _NOT_FINITE.match(text, at):
            self.fail("not-finite", f"{found[0]} is no JSON number")
        self.fail("syntax", f"expected {expected}, found {text[at]!r}")

    def fail(self, code: str, message: str, at: int | None = None) -> Never:
        path = "$" + "".join(container.step for container in self.stack)
        if len(path) > _PATH_LENGTH:
            path = f"{path[: _PATH_LENGTH // 2]}…{path[-_PATH_LENGTH // 2 :]}"
        raise JsonError(RowFault(code, message, self.offset(self.at if at is None else at), path))

    def offset(self, at: int) -> int:
        """The byte offset of a character."""
        return len(self.text[:at].encode())
