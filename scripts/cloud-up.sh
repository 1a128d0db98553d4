#!/usr/bin/env bash
# Update a stack on a real cloud, wait until its instances run the new release,
# and hold a load run to its objectives: scripts/cloud-up.sh STACK. Exits with
# what failed first: Pulumi, the roll-out, or the load runner (1 for a missed
# objective, 2 for a broken run). RATE (50) requests a second for DURATION (2m).
set -euo pipefail
cd "$(dirname "$0")/.."

stack="${1:?give the stack}"
scripts/cloud-release.sh "$stack"
"${MAKE:-make}" --no-print-directory bin/loadrunner >&2
results="out/load/$stack"
mkdir -p "$results"
pulumi up --stack "$stack" --yes --non-interactive --color never --suppress-progress
pulumi stack output --stack "$stack" --json >"$results.json"
scripts/await-refresh.sh "$results.json"
ORCHARD_WRITE_TOKEN="$(pulumi config get --stack "$stack" orchard:writeToken)"
export ORCHARD_WRITE_TOKEN
"${LOADRUNNER:-bin/loadrunner}" run --outputs "$results.json" --rate "${RATE:-50}" --for "${DURATION:-2m}" --out "$results" \
  --objective "lost == 0" --objective "doubled == 0" --objective "wrong == 0" --objective "errors < 0.1%" --objective "p99 < 500ms"
