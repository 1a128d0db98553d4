
# One run, and every result that is kept goes to the store.
mkdir -p "$dest/usr/local/lib/orchard"
cat >"$dest/usr/local/lib/orchard/run-load" <<'RUN'
#!/bin/bash
set -euo pipefail
# upload FILE NAME puts one file.
upload() {
  aws s3 cp "$1" "$ORCHARD_RESULTS/$2" --region {{.Region}} --only-show-errors
}
