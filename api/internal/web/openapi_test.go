package web

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The description names exactly the routes that there are.
func TestDescriptionMatchesRoutes(t *testing.T) {
	t.Parallel()
	var routes, described []string
	for path, m := range (&api{}).routes() {
		for method := range m {
			routes = append(routes, method+" "+path)
		}
	}
	for _, o := range operations {
		described = append(described, o.Method+" "+o.Path)
	}
	slices.Sort(routes)
	slices.Sort(described)
	if d := cmp.Diff(routes, described); d != "" {
		t.Errorf("routes and their description (-routes +described):\n%s", d)
	}
}

// What the service answers is among the answers that the description lists.
func TestAnswersAreDescribed(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.seed()
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(s.do("GET", "/openapi.json", "").Body), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("openapi.json: got %q, %v", doc.OpenAPI, err)
	}
	fill := strings.NewReplacer("{ids}", "1;9", "{id}", "2")
	for path, item := range doc.Paths {
		for method, op := range item {
			for _, body := range []string{`{}`, `{"name": "new ` + method + `"}`, `{"name": "apple"}`, `[`, ``} {
				a := s.do(strings.ToUpper(method), fill.Replace(path), body)
				response, ok := op.Responses[itoa(a.Status)]
				media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
				_, typed := response.Content[media]
				if !ok || a.Body != "" && !typed {
					t.Errorf("%s %s %s: got %d %s, which is not described", method, path, body, a.Status, media)
				}
			}
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// The page for people explains every kind of problem that the code can answer.
func TestDocsHaveEveryProblem(t *testing.T) {
	t.Parallel()
	page := string(docsBody)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Kind: "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
			kinds++
			if !strings.Contains(page, `id="`+m[1]+`"`) {
				t.Errorf("%s answers %s, which /docs does not explain", f, m[1])
			}
		}
	}
	if kinds < 15 {
		t.Errorf("kinds of problem found in the code: got %d, want at least 15", kinds)
	}
}
