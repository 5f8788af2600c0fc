"""The files that a run works on, made once per folder, size, seed and style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import edits
from benchmarks.chatdata import Style, generate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARQUET_BLOCK = 32 << 20  # bytes of JSONL read, and then written as one row group


@dataclass(frozen=True, slots=True)
class Material:
    """Generated data sets in `folder`."""

    folder: Path
    examples: int
    seed: int

    def first(self, style: Style = Style.COMPACT) -> Path:
        """The first version."""

        def make(path: Path) -> None:
            generate(path, self.examples, seed=self.seed, style=style)

        return self._made(f"v1-{style}.jsonl", make)

    def second(self, style: Style = Style.COMPACT) -> Path:
        """The next version, 1% of its examples edited, removed or added."""

        def make(path: Path) -> None:
            edits.next_version(self.first(style), path, seed=self.seed + 1, style=style)

        return self._made(f"v2-{style}.jsonl", make)

    def column(self) -> Path:
        """The first version with one more column."""
        return self._made(
            "column.jsonl", lambda path: edits.added_column(self.first(), path, seed=self.seed)
        )

    def rewritten(self) -> Path:
        """The first version with every answer rewritten."""
        return self._made(
            "rewritten.jsonl",
            lambda path: edits.rewritten_answers(self.first(), path, seed=self.seed),
        )

    def shuffled(self) -> Path:
        """The first version in another order."""
        return self._made(
            "shuffled.jsonl", lambda path: edits.shuffled(self.first(), path, seed=self.seed)
        )

    def renumbered(self) -> Path:
        """The first version with 5% dropped and its running id assigned anew."""
        return self._made(
            "renumbered.jsonl", lambda path: edits.renumbered(self.first(), path, seed=self.seed)
        )

    def parquet(self, jsonl: Path) -> Path:
        """The same examples as Parquet."""
        return self._made(jsonl.with_suffix(".parquet").name, lambda path: to_parquet(jsonl, path))

    def _made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The file, made if it is not there; one that was cut short keeps another name."""
        folder = self.folder / f"chat-{self.examples}-seed{self.seed}"
        folder.mkdir(parents=True, exist_ok=True)
        path, part = folder / name, folder / f"part-{name}"
        if not path.exists():
            make(part)
            truth = edits.truth_path(part)
            if truth.exists():
                truth.rename(edits.truth_path(path))
            part.rename(path)
        return path


def to_parquet(jsonl: Path, path: Path) -> None:
    """Write the JSONL file as Parquet, in streams; columns have the types that Arrow infers."""
    import pyarrow.json as arrow_json
    import pyarrow.parquet as pq

    options = arrow_json.ReadOptions(block_size=PARQUET_BLOCK)
    with (
        arrow_json.open_json(jsonl, read_options=options) as reader,
        pq.ParquetWriter(path, reader.schema) as writer,
    ):
        for batch in reader:
            writer.write_batch(batch)
