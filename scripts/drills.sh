#!/usr/bin/env bash
# Bring a stack up, hold drills on it, and take it down: scripts/drills.sh CLOUD DRILL...
# The stack is in a state folder of its own, so one that is up already is left alone.
# KEEP=1 leaves it up, and a later run takes it as it is. CONFIG is for a stack that is
# broken on purpose.
set -euo pipefail
cd "$(dirname "$0")/.."

cloud="${1:?give a cloud, aws or azure}"
shift
[ $# -gt 0 ] || { echo "give drills: $(basename -a -s .yaml loadrunner/drills/*.yaml | tr '\n' ' ')" >&2; exit 2; }

# The slow clocks run so fast that a period of metrics is a second or two, and the groups
# are scaled towards so little that the spike of a machine with two cores scales them.
case "$cloud" in
  aws) scale=60 config=requestsPerTarget=9000 ;;
  azure) scale=30 config=cpuTarget=10 ;;
  *) echo "cloud is aws or azure, not $cloud" >&2; exit 2 ;;
esac

export LOCALCLOUD_STATE="${LOCALCLOUD_STATE:-$(bin/localcloud path)-$cloud}"
make=("${MAKE:-make}" --no-print-directory)
vars=(CLOUD="$cloud" TIMESCALE="$scale" DETECTION=2s CONFIG="$config ${CONFIG:-}")

files=()
for drill in "$@"; do files+=("loadrunner/drills/$drill.yaml"); done

down() {
  [ -n "${KEEP:-}" ] || "${make[@]}" down "${vars[@]}" >/dev/null || bin/localcloud reset
}
trap down EXIT
echo "bringing a stack up for the drills" >&2
"${make[@]}" up "${vars[@]}" >&2
ORCHARD_WRITE_TOKEN="$("${make[@]}" token "${vars[@]}")"
export ORCHARD_WRITE_TOKEN
url="$("${make[@]}" outputs "${vars[@]}" | sed -nE 's/^ *"url": "([^"]+)".*/\1/p')"
# The command that deploys a release is written down to undo it, so it says all it needs.
timeout --signal=INT --kill-after=2m 35m \
  bin/loadrunner drill run "${files[@]}" --state "$LOCALCLOUD_STATE" --url "$url" --out out/drills -- \
  env LOCALCLOUD_STATE="$LOCALCLOUD_STATE" "${make[@]}" -C "$PWD" up "${vars[@]}"
