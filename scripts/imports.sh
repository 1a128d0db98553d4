#!/usr/bin/env bash
# The import rules: modules meet as processes, never as packages, and inside
# localcloud decisions do not know effects.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

complain() {
  echo "import rule: $1" >&2
  failed=1
}

# imports MODULE PACKAGES: every import of the packages, tests included.
imports() {
  (cd "$1" && GOWORK=off go list -f '{{range .Imports}}{{$.ImportPath}} {{.}}
{{end}}{{range .TestImports}}{{$.ImportPath}} {{.}}
{{end}}' "$2")
}

for module in api infra loadrunner localcloud; do
  others="$(imports "$module" ./... | awk -v own="orchard/$module" '$2 ~ /^orchard\// && $2 !~ "^" own "(/|$)"')"
  [ -z "$others" ] || complain "no module imports another: $others"
done

sdk="$(for module in api loadrunner localcloud; do imports "$module" ./...; done | grep -E ' github.com/pulumi/pulumi-' || true)"
[ -z "$sdk" ] || complain "the cloud SDKs stay in infra: $sdk"

pure="$(imports localcloud './internal/scaling' ; imports localcloud './internal/health')"
pure="$pure
$(cd localcloud && GOWORK=off go list -f '{{range .Imports}}{{$.ImportPath}} {{.}}
{{end}}' ./internal/scenario | grep -vE ' orchard/localcloud/internal/(scaling|health)$')"
effects="$(echo "$pure" | grep -E ' (os|net|net/http|os/exec|syscall|orchard/localcloud/.*)$' | grep -vE ' orchard/localcloud/internal/(scaling|health)$' || true)"
[ -z "$effects" ] || complain "scaling, health and scenario decide and touch nothing: $effects"

neutral="$(for p in world scaling health balancer machine/... postgres; do imports localcloud "./internal/$p"; done | grep -E 'aws|azure' | grep -v '_test' || true)"
neutral="$(echo "$neutral" | grep -vE 'machine/image' || true)"
[ -z "$neutral" ] || complain "the neutral packages know no cloud: $neutral"

exit "$failed"
