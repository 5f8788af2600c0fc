#!/usr/bin/env bash
# Writes a review as the one comment of dslineage on a pull request, or writes that one anew.
#
#   GITHUB_REPOSITORY    owner/name
#   PULL_REQUEST         its number
#   COMMENT              the file comment.md of review.sh
#   GH_TOKEN             a token that may write to pull requests, for `gh`
set -euo pipefail

case ${PULL_REQUEST:?the number of the pull request} in
*[!0-9]*) echo "$PULL_REQUEST is not the number of a pull request" >&2 && exit 2 ;;
esac
comments="repos/${GITHUB_REPOSITORY:?owner/name}/issues/$PULL_REQUEST/comments"
ours='.[] | select(.user.type == "Bot" and (.body | startswith("<!-- dslineage review -->"))) | .id'

known=$(gh api --paginate "$comments" --jq "$ours" | sed -n 1p)
if [ -n "$known" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known" \
        -F "body=@${COMMENT:?the file with the comment}"
else
    gh api --silent --method POST "$comments" -F "body=@${COMMENT:?the file with the comment}"
fi
