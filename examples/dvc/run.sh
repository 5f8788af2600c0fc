#!/usr/bin/env bash
# A data file that DVC keeps: versions beside it, and a colleague who has only DVC, in a new folder.
#
#   examples/dvc/run.sh [FOLDER]
#
# Times and authors are pinned, so it prints the same each time.
set -euo pipefail

folder=${1:-$(mktemp -d)}
mkdir -p "$folder/work" && cd "$folder/work"

export SOURCE_DATE_EPOCH=1767323045 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME="Ada Curator" GIT_AUTHOR_EMAIL=ada@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_DATE="$SOURCE_DATE_EPOCH +0000" GIT_COMMITTER_DATE="$SOURCE_DATE_EPOCH +0000"
export DVC_NO_ANALYTICS=1

note() { printf '\n# %s\n' "$1"; }
run() {
    printf '$ %s\n' "$1"
    eval "$1"
}
quietly() { "$@" >/dev/null 2>&1; }

# What is there: a repository whose data DVC keeps, two states of it.
git init -q -b main .
quietly dvc init
quietly dvc remote add --default box ../box
mkdir data
for state in 1 2; do
    for number in $(seq $((20 * state))); do
        printf '{"prompt": "What is %d + 1?", "completion": "%d"}\n' "$number" $((number + 1))
    done >data/train.jsonl
    quietly dvc add data/train.jsonl
    git add -A && git commit -q -m "sums up to $((20 * state))"
done

note "the history that DVC kept becomes versions"
run "dslineage adopt data/train.jsonl --no-metrics"
run "git commit -q -m 'versions of train'"

note "an edit: add makes a version, and DVC's file follows"
run "sed -i.bak 's/What is/Compute/' data/train.jsonl"
rm data/train.jsonl.bak
run "dslineage add data/train.jsonl --no-metrics -m 'no questions'"
run "git status --short"
run "git commit -q -m 'no questions'"
run "dvc push -q"

note "a colleague who has DVC, and not dslineage"
cd ..
run "git clone -q work colleague"
run "dvc --cd colleague pull -q"
run "cmp work/data/train.jsonl colleague/data/train.jsonl && echo the same"

note "she changes the data with DVC alone, which status finds out here"
run "sed -i.bak '\$d' colleague/data/train.jsonl"
rm colleague/data/train.jsonl.bak
run "dvc --cd colleague add -q data/train.jsonl"
run "dvc --cd colleague push -q"
run "git -C colleague commit -q -a -m 'one less'"
cd work
run "git pull -q ../colleague main"
run "dslineage status"
run "dvc pull -q data/train.jsonl.dvc"
run "dslineage add data/train.jsonl --no-metrics -m 'one less'"
