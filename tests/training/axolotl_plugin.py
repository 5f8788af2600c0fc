"""The Axolotl plugin in Axolotl's own plugin manager; run by `axolotl_plugin.sh`, not by pytest.

The trainer is a real one of transformers with the tiny model of the other tests: Axolotl's own
loading of data and models needs several GB of packages, and is not run here.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import orjson
from axolotl.integrations.base import BasePlugin, PluginManager
from axolotl.utils.dict import DictDefault

from dslineage.training.axolotl import DslineagePlugin
from dslineage.training.received import receive
from dslineage.training.runfile import RunFile
from tests.training.tiny import chats, tokens, trainer

ROWS = chats(8)


def main() -> None:
    """Train for a moment, with the calls that Axolotl makes, and look at what was noted."""
    os.chdir(tempfile.mkdtemp(prefix="dslineage-axolotl-"))
    here = Path.cwd()
    (here / "train.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in ROWS))
    cfg = DictDefault(
        base_model="org/base",
        datasets=[{"path": "train.jsonl", "type": "chat_template"}, {"path": "org/rows"}],
        output_dir="out",
        plugins=["dslineage.training.axolotl.DslineagePlugin"],
    )
    manager = PluginManager.get_instance()
    for name in cfg.plugins:
        manager.register(name)
    (plugin,) = manager.plugins.values()
    assert isinstance(plugin, DslineagePlugin)
    assert isinstance(plugin, BasePlugin)
    assert manager.load_datasets(cfg, preprocess=False) is None
    manager.pre_model_load(cfg)
    made = trainer(here / "out", tokens(ROWS), [], max_steps=2, save_steps=2)
    for callback in manager.add_callbacks_post_trainer(cfg, made):
        made.add_callback(callback)
    made.train()
    manager.post_train(cfg, made.model)
    made.save_model("out")
    manager.post_train_unload(cfg)
    _look(here)


def _look(here: Path) -> None:
    path = here / "out" / "dslineage-run.json"
    run = RunFile.from_bytes(path.read_bytes(), path.name)
    local, hub = run.start.inputs
    assert local.content_hash == receive(here / "train.jsonl").content_hash
    assert (local.uri, str(local.evidence)) == ("train.jsonl", "captured")
    assert (hub.uri, str(hub.evidence)) == ("hf://datasets/org/rows", "declared")
    assert any("org/rows is named without a revision" in gap.message for gap in run.start.gaps)
    assert [one.label for one in run.checkpoints] == ["checkpoint-2", "final"]
    assert run.outcome is not None
    assert run.outcome.status == "finished"
    for one in run.checkpoints:
        print(one.label, one.weights_hash)


if __name__ == "__main__":
    main()
