"""Optional metrics, each of which needs a package that dslineage can do without.

Where the package is absent a metric is "not measured", with the command that installs it; nothing
else is measured in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dslineage.errors import UsageError
from dslineage.quality.extras.lang import lang
from dslineage.quality.extras.secrets import secrets
from dslineage.quality.extras.tokens import exact_tokens, over_exact_length

if TYPE_CHECKING:
    from dslineage.quality.metric import Metric
    from dslineage.quality.profile import Profile

EXTRAS: Mapping[str, Callable[..., Metric]] = {
    "lang": lang,
    "tokens": exact_tokens,
    "over_tokens": over_exact_length,
    "secrets": secrets,
}
"""What makes each of them. It raises a UsageError of kind `missing-package` where one is absent."""


def with_extra(profile: Profile, name: str, **options: Any) -> Profile:
    """A profile with an optional metric more; or, where its package is absent, a word on that.

    Args:
        profile: what is measured besides.
        name: one of EXTRAS.
        options: those of the function that makes it.

    Raises:
        UsageError: there is no such metric, or an option is not as it should be.
    """
    if name not in EXTRAS:
        known = f"known: {', '.join(sorted(EXTRAS))}"
        raise UsageError(f"unknown optional metric {name!r}", kind="unknown-metric", hint=known)
    try:
        metric = EXTRAS[name](**options)
    except UsageError as error:
        if error.kind != "missing-package":
            raise
        why = f"not measured: {error} ({error.hint})"
        return replace(profile, unavailable={**profile.unavailable, name: why})
    return replace(profile, metrics=(*profile.metrics, metric))
