#!/usr/bin/env bash
# Print what an update of a stack on a real cloud would change:
# scripts/cloud-preview.sh STACK. Pulumi is on PATH, and finds its state and
# credentials in the environment.
set -euo pipefail
cd "$(dirname "$0")/.."

stack="${1:?give the stack}"
scripts/cloud-release.sh "$stack"
pulumi preview --stack "$stack" --diff --non-interactive --color never --suppress-progress
