#!/usr/bin/env bash
# Print what an update of a stack on a real cloud would change:
# scripts/cloud-preview.sh STACK. Pulumi finds its state and credentials in the
# environment. The release is built for this machine's architecture, which is
# to be that of the stack.
set -euo pipefail
cd "$(dirname "$0")/.."

stack="${1:?give the stack}"
"${MAKE:-make}" --no-print-directory PULUMI="$PWD/bin/pulumi" release pulumi bin/loadrunner >&2
export PATH="$PWD/bin:$PATH"
pulumi preview --stack "$stack" --diff --non-interactive --color never --suppress-progress
