#!/usr/bin/env bash
# Build the release of a service's stack on a real cloud, for the processors of
# its instances: scripts/cloud-release.sh STACK.
set -euo pipefail
cd "$(dirname "$0")/.."

stack="${1:?give the stack}"
for command in pulumi pulumi-language-go; do
  command -v "$command" >/dev/null || { echo "no $command on PATH: install Pulumi with its Go language host" >&2; exit 1; }
done
# What is not set has the default of Pulumi.yaml.
case "$(pulumi config get --stack "$stack" orchard:architecture 2>/dev/null || echo arm64)" in
  x86_64) export GOARCH=amd64 ;;
  *) export GOARCH=arm64 ;;
esac
"${MAKE:-make}" --no-print-directory release >&2
