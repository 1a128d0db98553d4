
# The scaling group holds this instance back until it hears how the boot ended. One that failed is replaced at once.
group={{.Group}}{{if .GroupPerZone}}$zone{{end}}
complete_hook() {
  aws autoscaling complete-lifecycle-action --region {{.Region}} --auto-scaling-group-name "$group" \
    --lifecycle-hook-name {{.Hook}} --lifecycle-action-result "$1" --instance-id "$instance"
}
trap 'say "failed at line $LINENO: $BASH_COMMAND"; complete_hook ABANDON || say "cannot abandon the launch"' ERR
