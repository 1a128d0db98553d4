#!/usr/bin/env bash
# Make a comment of a text that is not to be trusted: scripts/preview-comment.sh
# HEADING FILE. The text is shown as code, behind a fence that is longer than
# any in it, without control characters, and cut where a comment would be too
# long for GitHub (65,536 characters). The first line is how a later comment
# finds this one.
set -euo pipefail

heading="${1:?give a heading}"
file="${2:?give a file}"
limit=60000

text="$(head -c "$limit" "$file" | tr -d '\000-\010\013-\037\177' | iconv -c -f utf-8 -t utf-8)"
fence='```'
while [[ "$text" == *"$fence"* ]]; do fence+='`'; done

echo "<!-- orchard: $heading -->"
echo "### $heading"
echo
if [ -z "$text" ]; then
  echo "Nothing changes."
  exit
fi
if [ "$(wc -c <"$file")" -gt "$limit" ]; then
  echo "Only the first $limit of $(wc -c <"$file") bytes; the artifact of the workflow's run has all."
  echo
fi
echo "${fence}diff"
echo "$text"
echo "$fence"
