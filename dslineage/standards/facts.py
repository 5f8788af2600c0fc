"""What documents say of a record: its members that are about the thing, and not about the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dslineage.canonical.jcs import canonical_bytes
from dslineage.records import Record

NAMESPACE = "urn:dslineage:"
"""What the names of records, terms and schemas begin with, where a standard asks for a URI."""

_HASHES = ("content_hash", "training_hash", "order_hash")
_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "source": ("title", "uri", "revision", "license", "category", "modality", "languages",
               "published_at", "acquired_at", "consent", "geography", "personal_data",
               "generator", "creators", "imported_from", "evidence"),
    "dataset": ("version", "message", "examples", "unique", "quarantined", *_HASHES, "adapter"),
    "step": ("operation", "message", "command", "exit_status", "counts", "dropped", "parameters",
             "code", "seed", "imported_from", "evidence"),
    "mixture": ("message", "components", "seed", "file", "sha256"),
    "run": ("status", "epochs", "steps", "base", "code", "parameters", "seed", "framework",
            "tokenizer_hash", "template_hash", "started_at", "ended_at", "imported_from",
            "evidence"),
    "model": ("label", "form", "message", "step", "epoch", "consumed", "license", "uri",
              "revision", "files_hash", "weights_hash", "imported_from", "evidence"),
    "claim": ("type", "body"),
}  # fmt: skip


_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_REFERENCE = re.compile(
    rf"""(?:[A-Za-z][A-Za-z0-9+.-]*:  # a scheme; or none, and no colon in the first segment
      | (?={_CHAR.replace("-]", "@-]")}*(?:[/?\#]|$)))
    (?://(?:(?:{_CHAR}|:)*@)?{_CHAR}*(?::[0-9]*)?(?=[/?\#]|$) | (?!//))  (?:{_CHAR}|[:@/])*
    (?:\?(?:{_CHAR}|[:@/?])*)?  (?:\#(?:{_CHAR}|[:@/?])*)?""",
    re.VERBOSE,
)  # RFC 3986, appendix A


def uri_reference(text: str) -> str:
    """The text as a URI reference: what may not stand in one is percent-encoded.

    Of a text that is no address at all, everything is.
    """
    quoted = quote(text, safe="!#$%&'()*+,/:;=?@~")
    return quoted if _REFERENCE.fullmatch(quoted) else quote(text, safe="")


def facts(record: Record) -> dict[str, Any]:
    """What a record says, as JSON values: its members but for edges and authors."""
    document = record.to_dict()
    return {
        name: document[name]
        for name in _MEMBERS[record.kind]
        if document.get(name) not in (None, "", [], {})
    }


def as_text(value: Any) -> str:
    """A JSON value as a text; one that has parts, as canonical JSON."""
    return value if isinstance(value, str) else canonical_bytes(value).decode()
