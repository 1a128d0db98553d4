#!/usr/bin/env bash
# Post a comment on a pull request, or put it in the place of the one with the
# same first line that was posted before: scripts/post-comment.sh NUMBER FILE.
# Needs gh with GH_TOKEN (pull-requests: write) and GITHUB_REPOSITORY.
set -euo pipefail

number="${1:?give the number of the pull request}"
file="${2:?give the comment}"
[[ "$number" =~ ^[0-9]+$ ]] || { echo "$number is no number of a pull request" >&2; exit 2; }

comments="repos/$GITHUB_REPOSITORY/issues/$number/comments"
mark="$(head -n 1 "$file")"
# Anybody may write the mark, so only a comment of the workflow's own counts.
earlier="$(gh api --paginate "$comments" | jq -r --arg mark "$mark" \
  '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith($mark))) | .id' | head -n 1)"
if [ -n "$earlier" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" --field "body=@$file" >/dev/null
else
  gh api --method POST "$comments" --field "body=@$file" >/dev/null
fi
