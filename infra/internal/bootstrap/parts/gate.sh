
# Done is when the service answers, and answers as this release.
answers() {
  curl -sf --max-time 3 -o /dev/null http://localhost:{{.Port}}/livez || return 1
  case "$(curl -sf --max-time 3 http://localhost:{{.Port}}/version)" in
    *"$release"*) return 0 ;;
    *) return 1 ;;
  esac
}
retry 30 answers
say "serving release $release"
