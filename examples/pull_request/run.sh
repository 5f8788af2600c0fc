#!/usr/bin/env bash
# A pull request that changes a data set, from clone to comment, in a new folder.
#
#   examples/pull_request/run.sh [FOLDER]
#
# Times and authors are pinned, so it prints the same each time.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d)}
mkdir -p "$folder" && cd "$folder"

export SOURCE_DATE_EPOCH=1767323045 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME="Ada Curator" GIT_AUTHOR_EMAIL=ada@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_AUTHOR_DATE="$SOURCE_DATE_EPOCH +0000" GIT_COMMITTER_DATE="$SOURCE_DATE_EPOCH +0000"

unset GITHUB_ACTIONS # also where CI runs this, it prints what it prints elsewhere

note() { printf '\n# %s\n' "$1"; }
run() {
    printf '$ %s\n' "$1"
    eval "$1"
}

# What is there: a repository with four versions of a data set, and gates that a team agreed on.
dslineage demo hub >/dev/null
cat >hub/dslineage.toml <<'TOML'
[[gates]]
metric = "empty_target"
max = 0
reason = "blank answers teach silence"

[[gates]]
metric = "near_dup"
max_increase = "0.5pp"
reason = "copies are learnt by heart"
TOML
git -C hub branch -q -M main
(cd hub && dslineage remote add store ../objects) >/dev/null
git -C hub add dslineage.toml && git -C hub commit -q -m "gates, and where the objects are"
dslineage -C hub push >/dev/null

note "Grace clones the repository, and brings the objects and the data here"
run "git clone -q hub grace"
cd grace
export GIT_AUTHOR_NAME="Grace Reader" GIT_AUTHOR_EMAIL=grace@example.org
run "dslineage pull" | sed "s|${PWD%/*}|/srv|" # the folder that this runs in has another name each time

note "she edits the data, and loosens a gate while she is at it"
run "git switch -q -c edits"
run 'python3 "$here/edit.py" data/support.jsonl'
run "sed -i.bak s/0.5pp/5pp/ dslineage.toml"
rm dslineage.toml.bak
run "dslineage add data/support.jsonl -m 'no export, more help'"
run "git commit -q -a -m 'No export, more help'"
run "git push -q origin edits"
cd ..

note "CI tries the merge, as refs/pull/N/merge, in a clone that has no objects"
run "git clone -q hub ci"
cd ci
git checkout -q --detach
run "git merge -q --no-ff --no-edit origin/edits"
export DSLINEAGE_BASE="HEAD^1"
code=0
run '"$here/../../.github/actions/review/review.sh"' || code=$?
printf '\nexit code %s\n' "$code"

note "the same for GitHub Actions, which shows it at the files"
run "dslineage ci --base HEAD^1 --format annotations" || true
