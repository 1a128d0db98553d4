#!/usr/bin/env bash
# Plan every stack of the project as it goes up from nothing, and compare with
# infra/previews. UPDATE=1 writes that folder anew. Needs no account, no daemon
# and no PostgreSQL, and leaves what runs alone.
set -euo pipefail
cd "$(dirname "$0")/.."

kept=infra/previews
planned="$(mktemp -d)"
trap 'rm -rf "$planned"' EXIT
bin/localcloud plan -- bin/deploy plan --project . --out "$planned"

if [ -n "${UPDATE:-}" ]; then
  mkdir -p "$kept"
  rm -f "$kept"/*.txt
  cp "$planned"/*.txt "$kept"
elif ! diff -u -r -N "$kept" "$planned"; then
  echo "the stacks are not what $kept says: where that is meant, run make preview UPDATE=1 and commit the folder" >&2
  exit 1
fi
