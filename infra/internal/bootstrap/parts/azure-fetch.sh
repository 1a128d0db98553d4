
# Blobs, by the instance's own identity. Its token never is an argument, which others could read.
{{define "azure-token" -}}
# token SERVICE is for https://SERVICE.
token() {
  curl -sSf --max-time 20 -H "Metadata: true" \
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F$1&client_id={{.Client}}" |
    sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}
{{- end -}}
{{template "azure-token" .}}
# ask PATH FILE asks for a blob once, and notes the answer's status.
ask() {
  local bearer
  bearer=$(token storage.azure.com%2F) && [ -n "$bearer" ] || { status=000; return 0; }
  status=$(printf 'Authorization: Bearer %s\n' "$bearer" |
    curl -sS --max-time 120 -H @- -H "x-ms-version: 2020-10-02" -o "$2" -w '%{http_code}' \
      "https://{{.Account}}.blob.core.windows.net/$1") || status=000
}
# fetch WHAT PATH FILE asks until the blob comes. A new role assignment is not known everywhere at once: for minutes the store may answer 403 or 404.
fetch() {
  local deadline=$((SECONDS + 900))
  status=
  until [ "$status" = 200 ]; do
    ask "$2" "$3"
    case "$status" in
      200) ;;
      000 | 403 | 404 | 408 | 429 | 5??)
        [ "$SECONDS" -lt "$deadline" ] || { say "gave up: the store answers $status for the $1"; exit 1; }
        sleep 5
        ;;
      *) say "the store answers $status for the $1"; exit 1 ;;
    esac
  done
}
fetch release "{{.Container}}/{{.Key}}" "$binary.new"
