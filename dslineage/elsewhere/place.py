"""A place outside the store where the bytes of forgotten examples are, or may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Kind = Literal["data", "file", "git", "lfs", "dvc", "dvc-remote", "model", "clone", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order in which places are listed."""
Certainty = Literal["sure", "likely", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """One such place.

    `kind` is `data` for files of data sets and `file` for others in a work tree; `git` for its
    objects, `lfs` and `dvc` for those of Git LFS and DVC on this machine, `dvc-remote` for DVC's on
    a remote; `model` for what was trained on them; `clone` and `other` for what nobody can see from
    here. `where` names it for people, `why` says what was seen, `removal` is the command that
    removes it, or empty. `sure` are bytes that were recognised, `likely` a text of an example;
    `unknown` means that nobody could look.
    """

    kind: Kind
    where: str
    certainty: Certainty
    why: str
    removal: str = ""

    @property
    def remains(self) -> bool:
        """Whether the bytes were seen there, so that somebody has to remove them.

        What a model keeps of an example, nobody can see: about models people decide.
        """
        return self.certainty != "unknown" and self.kind != "model"

    def to_dict(self) -> dict[str, Any]:
        """The place as a JSON object."""
        return {
            "kind": self.kind,
            "where": self.where,
            "certainty": self.certainty,
            "why": self.why,
            "removal": self.removal or None,
            "remains": self.remains,
        }
