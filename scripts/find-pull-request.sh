#!/usr/bin/env bash
# Print the number of the open pull request whose head is a commit of a branch:
# scripts/find-pull-request.sh OWNER BRANCH COMMIT. A workflow that follows
# another is not told, where the pull request comes from a fork, and what the
# other one hands over is not to be trusted.
# Needs gh with GH_TOKEN and GITHUB_REPOSITORY.
set -euo pipefail

owner="${1:?give the owner of the branch}" branch="${2:?give the branch}" commit="${3:?give the commit}"
number="$(gh api --method GET "repos/$GITHUB_REPOSITORY/pulls" --field state=open --field "head=$owner:$branch" |
  jq -r --arg commit "$commit" '[.[] | select(.head.sha == $commit)][0].number // empty')"
[ -n "$number" ] || { echo "no open pull request has $commit as its head; it may have moved on" >&2; exit 1; }
echo "$number"
