#!/bin/sh
# Programs that run as steps. Usage: ./command_steps.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"
dslineage init
cp "$here/answers.jsonl" raw.jsonl
cp "$here/anonymise.py" .
git add anonymise.py
dslineage add raw.jsonl -m "as collected"
dslineage commit -m "answers as collected"

# What goes in, what comes out. No row looks new, though every row has lost a field.
dslineage step -i raw.jsonl -o train.jsonl -m "no user ids" -- python anonymise.py raw.jsonl train.jsonl
dslineage commit -m "no user ids"

# In place, and with nothing named: the data set that changes is seen.
dslineage step --name shorten -m "the first six" -- sed -i '7,$d' train.jsonl
dslineage commit -m "the first six"

# A program that fails leaves a record, and no version.
dslineage step -i train.jsonl -- python anonymise.py train.jsonl || echo "exit status $?"

dslineage lineage train
