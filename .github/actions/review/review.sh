#!/usr/bin/env bash
# Reviews what a pull request does to data sets, and leaves comment.md, report.xml and review.json.
#
#   DSLINEAGE_BASE   the git revision that the change is to go into
#   DSLINEAGE_HEAD   the change (HEAD)
#   DSLINEAGE_OUT    the folder of the three files (a new temporary one)
#
# On GitHub Actions, annotations go to stdout and the comment to the job's summary; elsewhere the
# comment goes to stdout. The exit code is that of `dslineage ci`: 0 fine, 1 a failed gate or a fault,
# 10 a gate that cannot be judged; anything else is an error, and no file is written.
set -euo pipefail

base=${DSLINEAGE_BASE:?the git revision that the change is to go into}
head=${DSLINEAGE_HEAD:-HEAD}
out=${DSLINEAGE_OUT:-$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/dslineage-XXXXXX")}
mkdir -p "$out"
annotations=$(mktemp)
trap 'rm -f "$annotations"' EXIT

review() {
    dslineage --quiet ci "--base=$base" "--head=$head" --format annotations \
        --save "markdown=$out/comment.md" --save "junit=$out/report.xml" \
        --save "json=$out/review.json" >"$annotations"
}

code=0
if [ "${GITHUB_ACTIONS:-}" = true ]; then
    # What a program says on stderr may quote data, and the runner would obey a command in it.
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "::stop-commands::$token"
    review || code=$?
    echo "::$token::"
    cat "$annotations"
    case $code in
    0 | 1 | 10)
        cat "$out/comment.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
        echo "out=$out" >>"${GITHUB_OUTPUT:-/dev/null}"
        ;;
    *) echo "::error title=dslineage::the review failed (exit code $code): the log of this step says why" ;;
    esac
else
    review || code=$?
    case $code in 0 | 1 | 10) cat "$out/comment.md" ;; esac
fi
exit "$code"
