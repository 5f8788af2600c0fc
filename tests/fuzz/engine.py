"""A long run of one target in this process: guided by coverage where atheris is installed, else by
chance. What breaks is kept once for each place where it does.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.child import place_of, run
from tests.fuzz.edits import drawn, edited


class Log:
    """Counts what readings came to, and keeps the bytes of those that broke, in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._counts: Counter[str] = Counter()
        self._written = 0.0
        self._known: set[str] = set()

    def read(self, data: bytes) -> None:
        """Give bytes to the target, and note what came of it."""
        found = run(self._name, data)
        self._counts[found.status] += 1
        if found.status == "broke" and (place := place_of(found.said)) not in self._known:
            self._known.add(place)
            file = self._folder / f"broke-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
            file.with_suffix(".bytes").write_bytes(data)
            file.with_suffix(".txt").write_text(f"{self._name}\n{place}\n\n{found.said}")
        if time.monotonic() > self._written + 1:
            self.write()

    def write(self) -> None:
        """Write the counts."""
        self._written = time.monotonic()
        counts = dict(self._counts) | {"bugs": len(self._known)}
        unfinished = self._folder / "counts.unfinished"
        unfinished.write_text(json.dumps(counts))
        unfinished.replace(self._folder / "counts.json")


def by_chance(name: str, seconds: float, log: Log, seed: int) -> None:
    """Read edited seeds for some seconds."""
    from tests.fuzz.targets import TARGETS

    seeds = TARGETS[name].seeds()
    source = random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        log.read(edited(source.choice(seeds), drawn(source), source.choice(seeds)))
    log.write()


def by_coverage(name: str, seconds: float, log: Log, folder: Path, seed: int) -> None:
    """The same, what reached new code being edited further. Ends the process."""
    import atheris

    with atheris.instrument_imports(include=["dslineage", "ruamel", "tomllib", "openpyxl"]):
        from tests.fuzz.targets import TARGETS

    seeds = TARGETS[name].seeds()
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, data in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(data)

    def other(data: bytes, size: int, chance: int) -> bytes:
        source = random.Random(chance)
        if source.random() < 0.3:
            mutated: bytes = atheris.Mutate(data, size)
            return mutated
        return edited(data or seeds[0], drawn(source), source.choice(seeds))[:size]

    words = [f"-max_total_time={seconds:.0f}", f"-seed={seed}", "-max_len=65536", "-timeout=60",
             "-rss_limit_mb=4096", f"-artifact_prefix={folder}/"]  # fmt: skip
    atheris.Setup([sys.argv[0], *words, str(corpus)], log.read, custom_mutator=other)
    atheris.Fuzz()


def main() -> None:
    """`NAME SECONDS SEED FOLDER`."""
    name, seconds, seed, where = sys.argv[1:]
    folder = Path(where)
    log = Log(folder, name)
    if find_spec("atheris") is None:
        by_chance(name, float(seconds), log, int(seed))
    else:
        by_coverage(name, float(seconds), log, folder, int(seed))


if __name__ == "__main__":
    main()
