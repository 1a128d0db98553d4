echo "{{.Token}}  $etc/token.new" | sha256sum --check --quiet -

# What the unit is told, and the plan that each run follows.
cat >"$etc/load.env" <<ENV
ORCHARD_INSTANCE=$instance
ORCHARD_ZONE=$zone
ORCHARD_PLAN=$etc/plan.yaml
ORCHARD_RESULTS={{.Results}}/$instance
ORCHARD_WRITE_TOKEN=$(cat "$etc/token.new")
ENV
rm -f "$etc/token.new"
umask 022
cat >"$etc/plan.yaml" <<'PLAN'
{{.Plan}}PLAN
