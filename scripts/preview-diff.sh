#!/usr/bin/env bash
# Print how the plans of this working tree differ from those of a commit:
# scripts/preview-diff.sh BASE. The plans of this tree are made now, whatever
# infra/previews says, and those of the base are what the base has committed,
# where the test has found them to be true. Writes infra/previews anew.
set -euo pipefail
cd "$(dirname "$0")/.."

base="$(git merge-base "${1:?give the commit to compare with}" HEAD)"
"${MAKE:-make}" --no-print-directory preview UPDATE=1 >&2
git add --intent-to-add infra/previews
git diff --no-color --no-ext-diff "$base" -- infra/previews
