# A result is whole when its run.json is there, so that goes last.
send() {
  local file
  for file in windows.jsonl run.json; do
    upload "$1/$file" "${1##*/}/$file" || return 1
  done
  rm -rf "$1"
}
result="$STATE_DIRECTORY/$(date -u +%Y%m%dT%H%M%SZ)"
status=0
"$1" run "$ORCHARD_PLAN" --node "$ORCHARD_INSTANCE" --out "$result" || status=$?
[ -e "$result/run.json" ] || rm -rf "$result"
for each in "$STATE_DIRECTORY"/*; do
  [ ! -d "$each" ] || send "$each" || echo "cannot send $each; the next run tries again" >&2
done
# A run that has missed its objectives (1) is a run; one that is broken is none.
[ "$status" -le 1 ]
RUN
chmod 0755 "$dest/usr/local/lib/orchard/run-load"
