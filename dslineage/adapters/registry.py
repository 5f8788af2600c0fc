"""The families, their precedence, and the identity of adapters."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dslineage.adapters import (
    alpaca,
    axolotl,
    fields,
    kto,
    llamafactory,
    messages,
    multimodal,
    openai_preference,
    preference,
    prompt_completion,
    prompt_only,
    question_answer,
    sharegpt,
    stepwise,
    text,
)  # fmt: skip
from dslineage.canonical.jcs import canonical_bytes
from dslineage.errors import UsageError

if TYPE_CHECKING:
    from dslineage.adapters.base import Adapter
    from dslineage.adapters.family import Family
    from dslineage.adapters.form import Form

PRECEDENCE: tuple[Form, ...] = (
    *openai_preference.FORMS,
    *axolotl.TOKENISED,
    *preference.FORMS,
    *stepwise.FORMS,
    *kto.FORMS,
    *llamafactory.FORMS,
    *axolotl.FLAGGED,
    *multimodal.FORMS,
    *messages.FORMS,
    *sharegpt.FORMS,
    *prompt_completion.FORMS[:1],
    *alpaca.FORMS,
    *axolotl.DIALECTS,
    *prompt_completion.FORMS[1:],
    *question_answer.FORMS,
    *text.FORMS,
    *prompt_only.FORMS,
)
"""Every form, the first that fits deciding; `docs/schemas.md` gives the reasons."""

FAMILIES: Mapping[str, type[Family]] = {
    form.adapter.name: type(form.adapter) for form in (*PRECEDENCE, *fields.FORMS)
}
"""The families by the names that `--schema` takes."""


def family(name: str) -> type[Family]:
    """The family with this name; an unknown one is a UsageError with the nearest."""
    if name not in FAMILIES:
        near = difflib.get_close_matches(name, FAMILIES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(FAMILIES))}"
        raise UsageError(f"unknown schema {name!r}", kind="unknown-schema", hint=hint)
    return FAMILIES[name]


def adapter_id(adapter: Adapter) -> str:
    """`name@version:` and 12 hex digits of the SHA-256 of the canonical form of the mapping."""
    digest = hashlib.sha256(canonical_bytes(dict(adapter.mapping))).hexdigest()
    return f"{adapter.name}@{adapter.version}:{digest[:12]}"


def from_id_parts(name: str, version: int, mapping: Mapping[str, Any]) -> Adapter:
    """The adapter that a record describes.

    Raises:
        UsageError: the family is unknown, its version is not one that this program has, or the
            mapping names what the family does not have.
    """
    found = family(name)
    if version != found.version:
        raise UsageError(
            f"the record was made with version {version} of schema {name}; this program has "
            f"version {found.version}",
            kind="adapter-version",
            hint="use a newer dslineage" if version > found.version else "",
        )
    try:
        return found.from_mapping(mapping)
    except (TypeError, AttributeError) as error:
        message = f"no mapping of schema {name}: {dict(mapping)!r:.200}"
        raise UsageError(message, kind="adapter-mapping") from error
