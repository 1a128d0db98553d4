
# The release, by the instance's own identity. Its token never is an argument, which others could read.
token() {
  curl -sSf --max-time 20 -H "Metadata: true" \
    "$metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id={{.AppClient}}" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}
fetch() {
  local bearer
  bearer=$(token) && [ -n "$bearer" ] || { status=000; return 0; }
  status=$(printf 'Authorization: Bearer %s\n' "$bearer" |
    curl -sS --max-time 120 -H @- -H "x-ms-version: 2020-10-02" -o "$binary.new" -w '%{http_code}' \
      "https://{{.Account}}.blob.core.windows.net/{{.Container}}/{{.Key}}") || status=000
}
# A new role assignment is not known everywhere at once: for minutes the store may answer 403 or 404.
deadline=$((SECONDS + 900))
status=
until [ "$status" = 200 ]; do
  fetch
  case "$status" in
    200) ;;
    000 | 403 | 404 | 408 | 429 | 5??)
      [ "$SECONDS" -lt "$deadline" ] || { say "gave up: the store answers $status for the release"; exit 1; }
      sleep 5
      ;;
    *) say "the store answers $status for the release"; exit 1 ;;
  esac
done
# The authority that signs the database's certificate is one of the system's own.
trust=
