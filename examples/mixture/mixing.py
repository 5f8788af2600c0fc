"""A mixture of two data sets, as a file and as a stream. Usage: python mixing.py [FOLDER]."""

from __future__ import annotations

import shutil
import sys
import tempfile
from itertools import islice
from pathlib import Path

import dslineage
from dslineage.contrast.mixtures import MixtureDiff

HERE = Path(__file__).resolve().parent


def main(work: Path) -> None:
    """Make the repository, mix, and print what is known afterwards."""
    dslineage.Repository.init(work)
    repository = dslineage.Repository.open(work)
    sums = [{"prompt": f"{n} + {n}?", "completion": f"{2 * n}."} for n in range(30)]
    chats = [
        {"prompt": f"Tell me of topic {n}.", "completion": f"Topic {n} is one of 50."}
        for n in range(50)
    ]
    repository.write("sums", sums, message="made for the example")
    repository.write("chats", chats, message="made for the example")
    shutil.copy(HERE / "mix.toml", work / "mix.toml")
    provenance = repository.provenance

    built = provenance.build_mixture("mix.toml", "train.jsonl", measure=False)
    for ref, count in built.step.parameters["yielded"].items():
        print(f"{count:>3} of {ref}")

    stream = dslineage.mixture("mix.toml", repository=work)
    print(f"{len(list(stream))} from the stream, {stream.yielded.bound}")
    early = dslineage.mixture("mix.toml", repository=work)
    list(islice(early, 10))
    print(f"{early.doubt}")
    early.record("a training that was stopped")

    text = (work / "mix.toml").read_text(encoding="utf-8")
    (work / "more-chats.toml").write_text(text.replace("cap = 20", "cap = 30"), encoding="utf-8")
    found = provenance.contrast("mix.toml", "more-chats.toml")
    for change in found.changes if isinstance(found, MixtureDiff) else ():
        if change.before and change.after:
            print(f"{change.dataset}: {change.before.drawn} -> {change.after.drawn} examples")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()).absolute())
