
# Done is when the service answers, and answers as this release.{{if .TLS}} Its certificate is not for this name.{{end}}
own() { curl -sf{{if .TLS}}k{{end}} --max-time 3 "{{.Scheme}}://localhost:{{.Port}}/$1"; }
answers() {
  own livez >/dev/null || return 1
  case "$(own version)" in
    *"$release"*) return 0 ;;
    *) return 1 ;;
  esac
}
retry 30 answers
say "serving release $release"
