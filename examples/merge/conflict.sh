#!/bin/sh
# Two people mend one prompt of a real file, each on a branch. What is run is shown after a `$`.
# Usage: ./conflict.sh PROMPTS.csv [FOLDER]     a file with the columns act and prompt
set -eu
prompts=$(realpath "$1")
work=${2:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

run() {
    printf '$ %s\n' "$1"
    sh -c "$1" 2>&1 || true
}

{
    git init -q -b main
    dslineage -q init
    dslineage hooks install
    cp "$prompts" prompts.csv
    dslineage add prompts.csv -m "from the crowd" --no-metrics
    git commit -m "prompts"
    git switch -c portions
    sed -i -e '/^"Fancy Title Generator"/d' -e '/^"Dietitian"/s/for 2 people/for 4 people/' prompts.csv
    dslineage add prompts.csv -m "recipes for four" --no-metrics
    git commit -m "recipes for four"
    git switch main
    dslineage checkout
    sed -i '/^"Dietitian"/s/has approximate 500/has about 500/' prompts.csv
    printf '"Poet","Write a sonnet about the sea."\n' >> prompts.csv
    dslineage add prompts.csv -m "better English, and a poet" --no-metrics
    git commit -m "better English, and a poet"
} > /dev/null 2>&1

run "git merge portions"
run "dslineage merge"
run "python -m json.tool --json-lines --no-ensure-ascii prompts.conflicts.jsonl"

# What a person types into the file: the prompt with both changes, instead of "choose": "".
python - <<'PYTHON'
import json
from pathlib import Path

path = Path("prompts.conflicts.jsonl")
line = json.loads(path.read_text())
both = line["ours"]["prompt"].replace("2 people", "4 people")
line["choose"] = {"act": "Dietitian", "prompt": both}
path.write_text(json.dumps(line) + "\n")
PYTHON
echo "$ \$EDITOR prompts.conflicts.jsonl      # \"choose\": {\"act\": \"Dietitian\", \"prompt\": …}"

run "dslineage merge --continue --no-metrics"
run "git commit -q -m 'recipes for four, in better English'"
run "grep Dietitian prompts.csv"
run "dslineage log prompts"
run "dslineage lineage prompts --up --depth 2"
run "git log -1 --first-parent -p --format=%s | grep '^[+-][a-z]'"
