"""A stand-in for a trainer: it reads its own configuration and data, and writes checkpoints.

It runs as a program of its own, under the name of the trainer that it stands for, and knows
nothing of dslineage. Its model is one tensor, made of the bytes of the data; `EVENTS`, a setting
that no trainer has, makes it do what goes wrong in practice.
"""

import json
import os
import signal
import struct
import sys
import time
from pathlib import Path

from ruamel.yaml import YAML


def save(folder: Path, value: float, step: int, epoch: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = struct.pack("<f", value)
    header = {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, len(data)]}}
    told = json.dumps(header).encode()
    whole = struct.pack("<Q", len(told)) + told + data
    (folder / "model.safetensors").write_bytes(whole)
    (folder / "config.json").write_text("{}")
    (folder / "optimizer.pt").write_bytes(b"state")
    state = {"global_step": step, "epoch": epoch, "stateful_callbacks": {}}
    (folder / "trainer_state.json").write_text(json.dumps(state))


def main() -> None:
    name, words = Path(sys.argv[0]).name, sys.argv[1:]
    file = next(word for word in words if word.endswith((".yaml", ".json")))
    settings = YAML(typ="safe").load(Path(file))
    settings |= dict(word.split("=", 1) for word in words if "=" in word)
    events = settings.get("EVENTS", [])
    output = Path(settings["output_dir"])
    print(f"{name} trains", flush=True)
    print("to stderr", file=sys.stderr, flush=True)
    if name == "llamafactory-cli":
        data = _llamafactory(settings)
        steps = [10, 20]
    else:
        data = [Path(one["path"]) for one in settings["datasets"]]
        steps = [5]
    value = float(sum(sum(path.read_bytes()) for path in data) % 1000)
    for step in steps:
        save(output / f"checkpoint-{step}", value + step, step, step / 10)
        if "rotates" in events:
            time.sleep(1.5)
            for path in (output / f"checkpoint-{step}").iterdir():
                path.unlink()
            (output / f"checkpoint-{step}").rmdir()
    if "changes its data" in events:
        data[0].write_bytes(data[0].read_bytes() + b'{"prompt": "new", "completion": "row"}\n')
    if "is interrupted" in events:
        os.kill(os.getppid(), signal.SIGINT)
    if "fails" in events:
        sys.exit(3)
    save(output, value, steps[-1], steps[-1] / 10)


def _llamafactory(settings: dict[str, str]) -> list[Path]:
    place = Path(settings.get("dataset_dir", "data"))
    info = json.loads((place / "dataset_info.json").read_text())
    return [place / info[name]["file_name"] for name in settings["dataset"].split(",")]


if __name__ == "__main__":
    main()
