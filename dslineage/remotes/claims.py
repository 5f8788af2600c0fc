"""Claims: what the clones that push to a remote need there, version by version.

Nobody who looks at a remote sees every clone, and not every repository that uses it. So each
clone leaves a claim there before it relies on an object, whether it sends that or finds it. An
object goes only after every claim on it was ended: by the clone that made it, by one that took it
over, or by a person. How that is safe against whoever pushes meanwhile is said in `docs/format.md`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dslineage.members import matching, member
from dslineage.remotes.notes import contents, damaged, write
from dslineage.remotes.remote import Remote
from dslineage.store.files import write_file

if TYPE_CHECKING:
    from dslineage.store.store import Store

FOLDER = "claims"
_SCHEMA = "dslineage.claim/1"
_VERSION = re.compile(r"dataset:sha256:[0-9a-f]{64}")


class Need(NamedTuple):
    """What a version needs on a remote: keys of copies (see `Copy.key`)."""

    title: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Claim:
    """What a clone needs: who works there, since when it says so, and each version by its id."""

    clone: str
    by: str
    at: str
    versions: Mapping[str, Need]

    @property
    def keys(self) -> frozenset[str]:
        """All that is claimed."""
        return frozenset().union(*(need.keys for need in self.versions.values()))

    def to_bytes(self) -> bytes:
        """The note, as `docs/format.md` has it."""
        document = {"schema": _SCHEMA, "by": self.by, "at": self.at, **needs_to_dict(self.versions)}
        return orjson.dumps(document) + b"\n"

    @classmethod
    def from_bytes(cls, clone: str, data: bytes) -> Claim:
        """Read a note; what is wrong with it is a LookupError, TypeError or ValueError."""
        document = orjson.loads(data)
        if document["schema"] != _SCHEMA:
            raise ValueError(f"schema {document['schema']!r}")
        versions = needs_from_dict(document)
        return cls(clone, member(document, "by", str), member(document, "at", str), versions)


def needs_to_dict(versions: Mapping[str, Need]) -> dict[str, Any]:
    """What versions need as members of a JSON object: each key once, and then its number."""
    keys = sorted(frozenset().union(*(need.keys for need in versions.values())))
    numbers = {key: number for number, key in enumerate(keys)}
    return {
        "objects": keys,
        "versions": {
            id_: {"title": need.title, "objects": sorted(numbers[key] for key in need.keys)}
            for id_, need in sorted(versions.items())
        },
    }


def needs_from_dict(document: Mapping[str, Any]) -> dict[str, Need]:
    """The same back; what is wrong is a LookupError, TypeError or ValueError."""
    keys = [str(key) for key in member(document, "objects", list)]
    versions = {}
    for id_, need in member(document, "versions", dict).items():
        matching({"id": id_}, "id", _VERSION)
        numbers = member(need, "objects", list)
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("an object is no number")
        wanted = frozenset(keys[number] for number in numbers)
        versions[id_] = Need(member(need, "title", str), wanted)
    return versions


def clone_id(folder: Path, store: Store, *, new: bool = True) -> str:
    """Which clone this is: 16 hex digits; without `new`, empty where it never claimed anything.

    They come of a secret among the objects and the inode of git's folder. So a copy of the clone,
    or another that shares its objects, is another clone, and one that was moved is the same.

    Args:
        folder: the folder of git that all work trees share.
        store: its objects.
        new: whether it may become one now.
    """
    path = store.root / "clone"
    if not new and not path.exists():
        return ""
    if not path.exists():
        with store.lock():
            if not path.exists():
                write_file(path, f"{secrets.token_hex(16)}\n".encode())
    secret = path.read_bytes() + str(folder.stat().st_ino).encode()
    return hashlib.sha256(secret).hexdigest()[:16]


def claims(remote: Remote, clone: str | None = None) -> dict[str, Claim]:
    """The claims on a remote by path, of one clone or of all.

    Raises:
        RemoteError: one is damaged, or the remote refuses or goes away.
    """
    found = {}
    for note, data in contents(remote, FOLDER, clone).items():
        try:
            found[note.path] = Claim.from_bytes(note.clone, data)
        except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
            raise damaged(remote, note.path) from error
    return found


def put_claim(store: Store, remote: Remote, claim: Claim) -> str:
    """Make a claim; its path."""
    return write(store, remote, FOLDER, claim.clone, claim.to_bytes())


def claimed(store: Store, remote: Remote, claim: Claim) -> str:
    """Have a clone claim some versions beside those that it claims already; the path of its claim.

    What it claimed before stays claimed: what is needed no more is for garbage collection to say.
    """
    own = claims(remote, claim.clone)
    versions = united([*(one.versions for one in own.values()), claim.versions])
    for path, one in own.items():
        if one.versions == versions:
            return path
    path = put_claim(store, remote, replace(claim, versions=versions))
    for before in own:
        remote.delete(before)
    return path


def united(said: Iterable[Mapping[str, Need]]) -> dict[str, Need]:
    """All that is said of each version."""
    keys: dict[str, set[str]] = defaultdict(set)
    titles = {}
    for versions in said:
        for id_, need in versions.items():
            titles[id_] = need.title
            keys[id_] |= need.keys
    return {id_: Need(titles[id_], frozenset(keys[id_])) for id_ in titles}
