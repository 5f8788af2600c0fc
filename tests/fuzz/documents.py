"""Readers of what other programs and people write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dslineage.adoption.lfs import lfs_object
from dslineage.config import config_of
from dslineage.lineage.cards import read_card
from dslineage.lineage.croissant import read_croissant
from dslineage.lineage.dvcfile import DvcCache, read_dvc_file
from dslineage.lineage.dvcstages import StageFile, stages_of
from dslineage.lineage.mixturefile import parse_mixture
from dslineage.quality.metricfile import load_metrics
from dslineage.reviewing.population import SampleOptions
from dslineage.reviewing.workbook import read_sheet
from dslineage.trainers.mlflow import from_mlflow
from dslineage.trainers.tracked import from_axolotl, from_llamafactory
from dslineage.trainers.wandb import from_wandb
from tests.fuzz import material
from tests.fuzz.datafiles import DATASET_INFO
from tests.fuzz.target import Target, always, named


def _mlflow(path: Path) -> None:
    run = path.parent
    for name, text in {"params/lr": "1e-4", "tags/mlflow.user": "ada"}.items():
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text(text)
    from_mlflow(run, run)


def _mlflow_value(path: Path) -> None:
    (path.parents[1] / "meta.yaml").write_bytes(_META)
    from_mlflow(path.parents[1], path.parents[1])


def _mlflow_data(path: Path) -> None:
    """The data set that a run names, in the experiment beside it."""
    run = path.parents[2] / "run"
    (run / "inputs/one").mkdir(parents=True)
    (run / "meta.yaml").write_bytes(_META)
    (run / "inputs/one/meta.yaml").write_bytes(
        b"source_type: DATASET\nsource_id: abc\ntags: {mlflow.data.context: training}\n"
    )
    from_mlflow(run, run)


_META = b"""artifact_uri: file:///runs/0/1/artifacts
end_time: 1767323045000
lifecycle_stage: active
run_id: 0123456789abcdef
run_name: sly-fox
start_time: 1767323000000
status: 3
"""


_DATA_META = b"""digest: 7a8b
name: train
schema: '{"mlflow_colspec": [{"name": "text", "type": "string"}]}'
source: '{"url": "data/train.jsonl"}'
source_type: local
"""


def _sheet_seeds(format_: str) -> list[bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet.{format_}"
        options = SampleOptions(count=5, seed=1)
        material.bench().repo.sample("train@v2", output=path, options=options)
        return [path.read_bytes()]


def _reading(path: Path) -> None:
    sheet = read_sheet(path)
    _ = sheet.dataset, sheet.blind
    for line in sheet.lines:
        for column in sheet.header:
            line.text(column)


def _dvc_list(path: Path) -> None:
    cache = DvcCache(path.parent)
    cache.listed(path, StageFile("data", f"{'0' * 32}.dir", legacy=True))


def _dvc_settings(path: Path) -> None:
    DvcCache.of(path.parents[1], "data").places("0" * 32)


_YAML = {
    "axolotl": b"""base_model: org/model
datasets:
  - path: data/train.jsonl
    type: chat_template
    field_messages: messages
    message_property_mappings: {role: from, content: value}
    split: train
  - {path: org/other, type: alpaca, revision: main, shards: 3}
test_datasets: [{path: data/eval.jsonl, ds_type: json, type: completion}]
sequence_len: 2048
sample_packing: true
num_epochs: 3
learning_rate: 1e-4
seed: 42
output_dir: ./out
""",
    "llamafactory": b"""model_name_or_path: org/model
dataset: one, two
dataset_dir: data
eval_dataset: one
interleave_probs: 0.4,0.6
mix_strategy: interleave_under
template: llama3
cutoff_len: 2048
num_train_epochs: 3.0
output_dir: out/${run}
""",
}


def _named_by_info(path: Path) -> None:
    """LLaMA-Factory's training by its `dataset_info.json`."""
    configuration = path.parents[1] / "train.yaml"
    configuration.write_bytes(_YAML["llamafactory"])
    from_llamafactory(configuration, path.parents[1])


_WANDB = b"""wandb_version: 1
_wandb: {value: {python_version: 3.11.2}}
learning_rate: {desc: null, value: 0.0001}
model_name_or_path: {value: org/model}
seed: {value: 42}
dslineage: {value: {start_hash: 'sha256:00', content_hashes: ['sha256:01']}}
"""


_WANDB_RUN = material.lines(
    {
        "id": "abc",
        "displayName": "sly-fox",
        "state": "finished",
        "created_at": "2026-01-02T03:04:05",
        "config": {"learning_rate": 1e-4, "dslineage": {"start_hash": "sha256:00"}},
        "metadata": {"git": {"commit": "abc", "remote": "https://x:y@github.com/a/b"}},
        "summary": {"_step": 10, "train/epoch": 1.5, "_runtime": 60},
        "used_artifacts": [{"type": "dataset", "name": "train:v1", "digest": "00"}],
    }
)


_MIXTURE = b"""name = "blend"
seed = 7
message = "half and half"
[[data]]
ref = "gsm8k@v3"
weight = 0.4
cap = 5000
repeats = 2
[[data]]
ref = "chat"
weight = 1
"""


_METRIC = b'''"""Our own."""
from dslineage import metric

LEAST = 1


@metric("cites", better="higher", params={"least": LEAST})
def cites(example):
    """How often."""
    return example.text.count("[") >= LEAST
'''


_DVC = b"""outs:
- md5: 0123456789abcdef0123456789abcdef
  size: 1234
  hash: md5
  path: train.jsonl
"""


_LOCK = b"""schema: '2.0'
stages:
  clean:
    cmd: python clean.py
    deps:
    - {path: raw.jsonl, hash: md5, md5: 0123456789abcdef0123456789abcdef, size: 12}
    params: {params.yaml: {least: 3}}
    outs:
    - {path: train.jsonl, hash: md5, md5: 0123456789abcdef0123456789abcdef.dir, size: 12, nfiles: 2}
"""


_LFS = b"""version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
"""


_CARD = b"""---
pretty_name: Grade school
license: [mit, apache-2.0]
language: [en, de]
size_categories: 1K<n<10K
---
# A card
"""


_CROISSANT = material.lines(
    {
        "@context": {"@vocab": "https://schema.org/"},
        "@type": "sc:Dataset",
        "name": "gsm8k",
        "license": "https://spdx.org/licenses/MIT",
        "url": "https://example.org/gsm8k",
        "datePublished": "2024-01-02",
        "creator": [{"@type": "Person", "name": "Ada"}],
        "inLanguage": ["en"],
        "distribution": [
            {"@type": "cr:FileObject", "@id": "a", "contentUrl": "train.jsonl", "sha256": "0" * 64}
        ],
        "rai:dataCollection": "by hand",
    }
)


TARGETS: Mapping[str, Target] = {
    "dataset_info.json of a training": Target(
        always(DATASET_INFO), named("data/dataset_info.json", _named_by_info)
    ),
    "configuration of LLaMA-Factory": Target(
        always(_YAML["llamafactory"]),
        named("train.yaml", lambda path: from_llamafactory(path, path.parent)),
    ),
    "configuration of Axolotl": Target(
        always(_YAML["axolotl"]), named("x.yaml", lambda path: from_axolotl(path, path.parent))
    ),
    "dslineage.toml": Target(always(material.SETTINGS), lambda data, _: config_of(data)),
    "mixture": Target(always(_MIXTURE), lambda data, _: parse_mixture(data, "mix.toml")),
    "metric file": Target(always(_METRIC), lambda data, _: load_metrics(Path("m.py"), data)),
    "config.yaml of W&B": Target(
        always(_WANDB),
        named("run-1-abc/files/config.yaml", lambda path: from_wandb(path.parents[1], path.parent)),
    ),
    "exported run of W&B": Target(
        always(_WANDB_RUN), named("run.json", lambda path: from_wandb(path, path.parent))
    ),
    "meta.yaml of MLflow": Target(always(_META), named("run/meta.yaml", _mlflow)),
    "parameter of MLflow": Target(
        always(b"1e-4", b"[1, 2]"), named("run/params/lr", _mlflow_value)
    ),
    "data of MLflow": Target(always(_DATA_META), named("datasets/abc/meta.yaml", _mlflow_data)),
    ".dvc file": Target(always(_DVC), lambda data, _: read_dvc_file(data, "train.jsonl.dvc")),
    "dvc.lock": Target(always(_LOCK), lambda data, _: stages_of(data, "dvc.lock")),
    "DVC's list of a folder": Target(
        always(material.lines([{"md5": "0" * 32, "relpath": "a/b.jsonl"}])),
        named("list", _dvc_list),
    ),
    "DVC's settings": Target(
        always(b"[cache]\n    dir = ../cache\n"), named(".dvc/config", _dvc_settings)
    ),
    "LFS pointer": Target(always(_LFS), lambda data, _: lfs_object(data)),
    "card": Target(always(_CARD), named("README.md", read_card)),
    "Croissant": Target(always(_CROISSANT), named("croissant.json", read_croissant)),
    "review in CSV": Target(lambda: _sheet_seeds("csv"), named("x.csv", _reading)),
    "review in XLSX": Target(lambda: _sheet_seeds("xlsx"), named("x.xlsx", _reading), cost=2),
    "review in JSONL": Target(lambda: _sheet_seeds("jsonl"), named("x.jsonl", _reading)),
}
