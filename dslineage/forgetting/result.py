"""What `forget` found, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dslineage.elsewhere.place import Place
    from dslineage.remotes.erasing import RemoteErased


@dataclass(frozen=True, slots=True)
class ForgottenExample:
    """An example that goes, or is gone: its digest, and the versions that have it.

    `named` says whether it was asked for, and not only shows a model the same as one that was;
    `kept` whether anything of its bytes was among the objects.
    """

    digest: str
    versions: tuple[str, ...]
    named: bool
    kept: bool

    def to_dict(self) -> dict[str, Any]:
        """The example as a JSON object."""
        return {
            "digest": self.digest,
            "versions": list(self.versions),
            "named": self.named,
            "kept": self.kept,
        }


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """What goes, or went: `deleted` says whether anything was done.

    `unknown` are digests of no stored example, which are denied all the same; `versions` those that
    cannot be restored whole any more, with how many of their examples are forgotten; `rewritten`
    and `removed` are objects of this repository; `places` are what was found elsewhere; `filed` are
    the paths of the claims that are its case file.
    """

    deleted: bool
    examples: tuple[ForgottenExample, ...]
    unknown: tuple[str, ...]
    versions: Mapping[str, int]
    rewritten: tuple[str, ...]
    removed: tuple[str, ...]
    remotes: tuple[RemoteErased, ...]
    places: tuple[Place, ...]
    notices: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()

    @property
    def remains(self) -> bool:
        """Whether a place that can be seen still has bytes of an example."""
        here = not self.deleted and any(one.kept for one in self.examples)
        there = any(one.remains for one in self.remotes)
        return here or there or any(one.remains for one in self.places)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.forget/1`."""
        return {
            "schema": "dslineage.forget/1",
            "deleted": self.deleted,
            "examples": [one.to_dict() for one in self.examples],
            "unknown": list(self.unknown),
            "versions": dict(self.versions),
            "rewritten": list(self.rewritten),
            "removed": list(self.removed),
            "remotes": [one.to_dict() for one in self.remotes],
            "places": [one.to_dict() for one in self.places],
            "remains": self.remains,
            "notices": list(self.notices),
            "filed": list(self.filed),
        }
