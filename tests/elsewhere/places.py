"""An example that is to go, and what a search for it finds."""

from __future__ import annotations

import hashlib
import json

from dslineage.canonical.jcs import canonical_bytes
from dslineage.elsewhere.place import Place
from dslineage.elsewhere.search import search
from dslineage.elsewhere.wanted import KnownFile, Wanted
from dslineage.results import VersionInfo
from tests.versions.support import Bench

SECRET = {
    "prompt": 'Where does Ada "the Countess" live?',
    "completion": "At 12 St James's Square in London; her number is 555-0142.\nÖffnen!",
}
OTHERS = [{"prompt": f"What is {n} + {n}?", "completion": str(2 * n)} for n in range(50)]


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def wanted(*versions: VersionInfo, said: bool = True) -> Wanted:
    """What is known of the example: with `said` also its bytes, which the store had till now."""
    return Wanted(
        examples=frozenset({hashlib.sha256(canonical_bytes(SECRET)).digest()}),
        conversations=frozenset(),
        raw=frozenset({lines(SECRET).rstrip()}) if said else frozenset(),
        texts=frozenset({SECRET["completion"]}) if said else frozenset(),
        files=tuple(
            KnownFile(entry.path, entry.sha256, entry.size, f"train@{info.record.label}")
            for info in versions
            for entry in info.record.files
        ),
        versions=frozenset(info.record.id for info in versions),
    )


def found(bench: Bench, sought: Wanted) -> list[Place]:
    """The places where something was seen."""
    return [place for place in search(bench.repo, sought) if place.certainty != "unknown"]


def told(bench: Bench, sought: Wanted) -> list[str]:
    """The same in lines, with paths that do not depend on where the test runs."""
    return [
        f"{one.kind} {one.where}: {one.certainty}, {one.why}".replace(f"{bench.root}/", "")
        for one in found(bench, sought)
    ]


def tracked(bench: Bench, name: str, data: bytes) -> VersionInfo:
    """A version whose file git tracks, committed."""
    bench.put(name, data)
    bench.git("add", name)
    return bench.commit(name)
