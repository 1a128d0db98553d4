#!/usr/bin/env bash
# Wait until every scaling group of a stack runs its newest launch template:
# scripts/await-refresh.sh OUTPUTS, a file of the stack's outputs as JSON.
# Neither provider waits for that: AWS replaces instances in an instance
# refresh and Azure in a rolling upgrade, both after the update has ended.
# Exits with 1 when a roll-out fails and when it takes longer than
# AWAIT_SECONDS (3600). It looks every AWAIT_INTERVAL seconds (15).
set -euo pipefail
shopt -s inherit_errexit

outputs="${1:?give the file of the outputs}"
end=$((SECONDS + ${AWAIT_SECONDS:-3600}))
cloud="$(jq -er .cloud "$outputs")"
region="$(jq -er .region "$outputs")"

# state GROUP prints running, over or failed, and the cloud's word.
state_aws() {
  local status
  status="$(aws autoscaling describe-instance-refreshes --region "$region" --auto-scaling-group-name "$1" \
    --no-paginate --max-records 1 --query 'InstanceRefreshes[0].Status' --output text)"
  case "$status" in
    Successful) echo "over $status" ;;
    None) echo "over without a refresh" ;;
    Pending | InProgress | Baking | Cancelling | RollbackInProgress) echo "running $status" ;;
    *) echo "failed $status" ;;
  esac
}

state_azure() {
  local group status
  group="$(jq -er '.network.id | capture("/resourceGroups/(?<name>[^/]+)/").name' "$outputs")"
  if ! status="$(az vmss rolling-upgrade get-latest --resource-group "$group" --name "$1" \
    --query runningStatus.code --output tsv 2>&1)"; then
    case "$status" in
      *NotFound*) echo "over without an upgrade" ;;
      *) echo "$status" >&2 && return 1 ;;
    esac
    return
  fi
  case "$status" in
    Completed) echo "over $status" ;;
    RollingForward) echo "running $status" ;;
    *) echo "failed $status" ;;
  esac
}

case "$cloud" in
  aws | azure) ;;
  *) echo "the outputs are of cloud $cloud; it is aws or azure" >&2 && exit 2 ;;
esac

# await GROUP looks until the group's roll-out is over.
await() {
  local state
  while true; do
    state="$("state_$cloud" "$1")"
    echo "$1: $state"
    case "$state" in
      over*) return ;;
      failed*) return 1 ;;
    esac
    if [ "$SECONDS" -ge "$end" ]; then
      echo "$1 has not been rolled out in ${AWAIT_SECONDS:-3600} s" >&2
      return 1
    fi
    sleep "${AWAIT_INTERVAL:-15}"
  done
}

jq -er '.scalingGroups[].name' "$outputs" | while read -r group; do await "$group"; done
