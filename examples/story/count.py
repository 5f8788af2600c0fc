"""Train a model of word pairs: python count.py DATA OUT STEPS [CHECKPOINT].

It needs no torch: a checkpoint is a table of how often one word follows another, saved as
safetensors. What it was trained on is noted by dslineage's own recorder, as any trainer can do.
"""

import json
import sys
from pathlib import Path

import numpy as np

from dslineage.records import Consumed
from dslineage.training.received import receive
from dslineage.training.recorder import Recorder, moment
from dslineage.training.runfile import RunFile, RunStart
from dslineage.training.watching import Watched

BATCH = 4
SIZE = 64


def words(data: Path) -> list[list[int]]:
    """Each example as numbers of words."""
    rows = map(json.loads, data.read_text(encoding="utf-8").splitlines())
    texts = (" ".join(turn["content"] for turn in row["messages"]) for row in rows)
    return [[sum(word.encode()) % SIZE for word in text.split()] for text in texts]


def save(folder: Path, table: np.ndarray) -> None:
    """The table as `model.safetensors`."""
    folder.mkdir(parents=True)
    place = {"dtype": "F32", "shape": [SIZE, SIZE], "data_offsets": [0, table.nbytes]}
    header = json.dumps({"pairs": place}).encode()
    (folder / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + table.tobytes()
    )
    (folder / "config.json").write_text(json.dumps({"words": SIZE}))


def main(data: Path, out: Path, steps: int, resumed: Path | None) -> None:
    """Train up to some step, with a checkpoint each time all examples were seen."""
    examples = words(data)
    table, done, earlier = np.zeros((SIZE, SIZE), np.float32), 0, None
    if resumed is not None:
        saved = (resumed / "model.safetensors").read_bytes()
        table = np.frombuffer(saved[-table.nbytes :], np.float32).reshape(SIZE, SIZE).copy()
        done = int(resumed.name.rpartition("-")[2])
        path = resumed.parent / "dslineage-run.json"
        earlier = RunFile.from_bytes(path.read_bytes(), path.name).start.hash
    start = RunStart(
        created_at=moment(),
        tool="count.py 1",
        inputs=(Watched("train", receive(str(data))).as_input(),),
        parameters={"batch": BATCH, "steps": steps},
        seed=0,
        continues_start=earlier,
        resumed_from=resumed.name if resumed else None,
    )
    recorder = Recorder.of(out, start)
    recorder.write()
    epoch = -(-len(examples) // BATCH)
    for step in range(done + 1, steps + 1):
        first = (step - 1 - done) % epoch * BATCH
        for example in examples[first : first + BATCH]:
            np.add.at(table, (example[:-1], example[1:]), 1)
        seen = (step - done) / epoch
        if step % epoch == 0 or step == steps:
            folder = out / f"checkpoint-{step}"
            save(folder, table)
            consumed = Consumed("exact" if seen >= 1 else "upper-bound", round(seen, 4), step)
            recorder.checkpoint(folder, step=step, epoch=seen, consumed=consumed)
    recorder.finish("finished", steps=steps, epochs=(steps - done) / epoch)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]), Path(given[1]), int(given[2]), Path(given[3]) if given[3:] else None)
