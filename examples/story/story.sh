#!/bin/sh
# From two sources to a model that went on training, and the questions asked afterwards.
# Usage: ./story.sh [FOLDER [TRAINER]]      the trainer is count.py, or tune.py with torch
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
trainer=$here/${2:-count.py}
mkdir -p "$work/data" "$work/cluster"
cd "$work/data"
dslineage -q init

echo "--- two sources, and a set that models are tested on"
python "$here/collect.py"
cp "$here/clean.py" "$here/dedupe.py" "$here/mix.toml" .
git add clean.py dedupe.py mix.toml
dslineage source add forum --uri https://forum.example.org/dump --category user --personal-data yes \
    --license LicenseRef-forum-terms --license-as-of 2026-01-02 --acquired 2026-01-05 \
    --consent "terms of use, section 4" --file forum.jsonl
dslineage source add math --uri file:collect.py --category synthetic --generator example/doubler-1 \
    --license CC0-1.0 --license-as-of 2026-01-02 --acquired 2026-01-05 --file math.jsonl
printf '[roles]\neval = ["exam"]\n' > dslineage.toml
git add dslineage.toml
for one in forum math exam; do dslineage add "$one.jsonl" -m "as collected" --no-metrics; done
dslineage commit -m "as collected"

echo "--- clean, dedupe, mix"
dslineage step -i forum.jsonl -o clean.jsonl -m "no names, no empty answers" --no-metrics \
    -- python clean.py forum.jsonl clean.jsonl
dslineage step -i clean -o clean.jsonl --name dedupe -m "each once" --no-metrics \
    -- python dedupe.py clean.jsonl
dslineage commit -m "clean"
dslineage mixture build mix.toml -o train.jsonl -m "forum and some math"
dslineage commit -m "train"

echo "--- one answer is mended"
dslineage step -i train -o train.jsonl --name mend -m "an answer that was none" \
    -- sed -i 's/No idea , sorry \./Open account number 20 in the menu ./' train.jsonl
dslineage commit -m "mended"
cp train.jsonl "$work/cluster/first.jsonl"

echo "--- training, where there is neither git nor the repository"
(cd "$work/cluster" && python "$trainer" first.jsonl out/tiny 18)
dslineage run import "$work/cluster/out/tiny"
dslineage commit -m "tiny"

echo "--- one example is taken out, and the training goes on"
dslineage step -i train -o train.jsonl --name cut -m "number 9 is wrong" \
    -- sed -i '/number 9 in the menu/d' train.jsonl
dslineage commit -m "without number 9"
cp train.jsonl "$work/cluster/second.jsonl"
(cd "$work/cluster" && python "$trainer" second.jsonl out/tiny 27 out/tiny/checkpoint-18)
dslineage run import "$work/cluster/out/tiny"
dslineage claim add tiny@checkpoint-27 --evaluation exam --score 0.4 --metric accuracy
dslineage claim add tiny@checkpoint-27 --to https://chat.example.org
dslineage commit -m "tiny goes on"

echo "--- which data trained it, and how is that known?"
dslineage audit tiny@checkpoint-27 --verify --model-dir "$work/cluster/out/tiny/checkpoint-27" \
    --model-dir tiny@checkpoint-18="$work/cluster/out/tiny/checkpoint-18"

echo "--- a checkpoint that was moved and renamed"
mv "$work/cluster/out/tiny/checkpoint-18" "$work/cluster/somewhere"
dslineage audit "$work/cluster/somewhere" --json > "$work/moved.json"

echo "--- which models saw number 9?"
dslineage trace --text "number 9 in the menu"

echo "--- what else is different between the two checkpoints?"
dslineage diff tiny@checkpoint-18 tiny@checkpoint-27

echo "--- user-4 wants to be forgotten"
dslineage recall --where user=user-4 --name erasure-1 --claim takedown --reason "erasure, article 17"
dslineage audit tiny@checkpoint-27 --require captured --accept base-model > "$work/gate.txt" ||
    echo "the audit fails with exit code $?"
