
# Done is when the service answers, and answers as this release.{{if .TLS}} Its certificate names no localhost.{{end}}
ask_service() { curl -sf{{if .TLS}}k{{end}} --max-time 3 {{if .TLS}}https{{else}}http{{end}}://localhost:{{.Port}}/"$1"; }
answers() {
  ask_service livez >/dev/null || return 1
  case "$(ask_service version)" in
    *"$release"*) return 0 ;;
    *) return 1 ;;
  esac
}
retry 30 answers
say "serving release $release"
