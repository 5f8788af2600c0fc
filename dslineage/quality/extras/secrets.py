"""Secrets as detect-secrets knows them: more providers than `secret` of the default profile."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dslineage.packages import optional
from dslineage.quality.metric import Found, Kind, Metric, Span

if TYPE_CHECKING:
    from dslineage.quality.example import Example

_PACKAGE = "detect_secrets"
_LEFT_OUT = frozenset({"Basic Auth Credentials", "Public IP (ipv4)"})
"""They match addresses in prose, which are `pii` where they are anything."""


def secrets() -> Metric:
    """The metric; a UsageError where the package is not installed."""
    optional(_PACKAGE)
    model = f"{_PACKAGE} {version(_PACKAGE)}"
    return Metric(
        name="secrets",
        kind=Kind.REASONS,
        unit="share",
        better="lower",
        function=provider_secrets,
        params={"model": model},
        labels=tuple(_detectors(model)),
        formula="any line of any text matches a pattern of detect-secrets for the keys of one "
        "provider, a JSON Web Token or a private key; its entropy, keyword, basic-auth and IP "
        "detectors are left out, and nothing is verified over a network",
        source="detect-secrets (Yelp), its plugins that are regular expressions",
        worked="A line with `ghp_` and 36 letters and digits: GitHub Token.",
    )


def provider_secrets(example: Example, model: str) -> Found:
    """The kinds of secrets in the texts of an example, and where they stand."""
    kinds: set[str] = set()
    spans: set[Span] = set()
    for number, part in enumerate(example.parts):
        begin = 0
        for line in part.text.split("\n"):
            for kind, detector in _detectors(model).items():
                if list(detector.analyze_string(line)):
                    kinds.add(kind)
                    matches = (match for one in detector.denylist for match in one.finditer(line))
                    spans |= {Span(number, begin + m.start(), begin + m.end()) for m in matches}
            begin += len(line) + 1
    return Found(frozenset(kinds), tuple(sorted(spans)))


@cache
def _detectors(model: str) -> dict[str, Any]:
    """The detectors by the kind of secret they find, sorted."""
    package = model.split(maxsplit=1)[0]
    util = optional(f"{package}.core.plugins.util")
    base = optional(f"{package}.plugins.base").RegexBasedDetector
    known = util.get_mapping_from_secret_type_to_class()
    return {
        kind: known[kind]()
        for kind in sorted(known)
        if issubclass(known[kind], base) and kind not in _LEFT_OUT
    }
