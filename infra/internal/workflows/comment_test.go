package workflows

import (
	"strings"
	"testing"
)

// TestPreviewDiff shows what the plans of a tree are against those of where it
// came from, whatever the tree says that they are.
func TestPreviewDiff(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env = append(p.env, "MAKE="+p.root+"/bin/make", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a", "GIT_CONFIG_GLOBAL=/dev/null")
	git := func(args ...string) {
		t.Helper()
		if _, exit := p.run(append([]string{"git"}, args...)...); exit != 0 {
			t.Fatalf("git %v: exit %d", args, exit)
		}
	}
	p.write("infra/previews/dev.txt", "rule\n  port: 443\n")
	git("init", "-q", "-b", "main")
	git("add", "infra")
	git("commit", "-q", "-m", "base")
	git("branch", "change")
	p.write("infra/previews/dev.txt", "rule\n  port: 80\n")
	git("commit", "-q", "-a", "-m", "main moves on")
	git("switch", "-q", "change")
	p.command("make", "printf 'rule\\n  port: 22\\n' >infra/previews/dev.txt; echo new >infra/previews/more.txt")
	out, exit := p.run("scripts/preview-diff.sh", "main")
	for _, want := range []string{"-  port: 443\n", "+  port: 22\n", "+new\n"} {
		if exit != 0 || !strings.Contains(out, want) {
			t.Errorf("got exit %d and\n%s\nwant a diff with %q", exit, out, want)
		}
	}
	if got, want := p.read("calls"), "make --no-print-directory preview UPDATE=1\n"; got != want {
		t.Errorf("calls: got %q, want %q", got, want)
	}
}

func TestPreviewComment(t *testing.T) {
	t.Parallel()
	const head = "<!-- orchard: Plans -->\n### Plans\n\n"
	for name, c := range map[string]struct{ text, want string }{
		"a diff":             {"-a\n+b\n", head + "```diff\n-a\n+b\n```\n"},
		"no difference":      {"", head + "Nothing changes.\n"},
		"a fence in it":      {"+```\n+@everyone\n+`````\n", head + "``````diff\n+```\n+@everyone\n+`````\n``````\n"},
		"control characters": {"+a\x1b[31m\x00b\tc\r\n", head + "```diff\n+a[31mb\tc\n```\n"},
		"not UTF-8":          {"+a\xff\xfeb\n", head + "```diff\n+ab\n```\n"},
		"too long":           {strings.Repeat("+x\n", 30000), head + "Only the first 60000 of 90000 bytes; the artifact of the workflow's run has all.\n\n```diff\n" + strings.Repeat("+x\n", 20000) + "```\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.write("file", c.text)
			if got, exit := p.run("scripts/preview-comment.sh", "Plans", "file"); exit != 0 || got != c.want {
				t.Errorf("got exit %d and\n%.300q\nwant\n%.300q", exit, got, c.want)
			}
		})
	}
}

// TestPostComment replaces the comment that a workflow has posted before, and
// none that somebody else has written.
func TestPostComment(t *testing.T) {
	t.Parallel()
	const (
		others  = `{"id": 1, "user": {"login": "mallory"}, "body": "<!-- orchard: Plans -->\nhers"}, {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "<!-- orchard: Other -->\n"}`
		earlier = `{"id": 3, "user": {"login": "github-actions[bot]"}, "body": "<!-- orchard: Plans -->\nold"}`
	)
	for name, c := range map[string]struct{ comments, want string }{
		"first":  {"[" + others + "]", "gh api --method POST repos/orchard/orchard/issues/7/comments --field body=@comment.md"},
		"second": {"[" + others + ", " + earlier + "]", "gh api --method PATCH repos/orchard/orchard/issues/comments/3 --field body=@comment.md"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.write("comment.md", "<!-- orchard: Plans -->\nnew\n")
			p.write("comments", c.comments)
			p.command("gh", `[[ "$*" != *--paginate* ]] || cat comments`)
			if _, exit := p.run("scripts/post-comment.sh", "7", "comment.md"); exit != 0 || !strings.HasSuffix(p.read("calls"), c.want+"\n") {
				t.Errorf("got exit %d and calls\n%s\nwant the last to be\n%s", exit, p.read("calls"), c.want)
			}
		})
	}
	p := newPlace(t)
	p.command("gh", "")
	if _, exit := p.run("scripts/post-comment.sh", "7/../8", "comment.md"); exit != 2 || p.read("calls") != "" {
		t.Errorf("number 7/../8: got exit %d and calls %q, want 2 and none", exit, p.read("calls"))
	}
}

func TestFindPullRequest(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.command("gh", `[[ "$*" == *"head=mallory:x&state=closed"* ]] && echo '[{"number": 5, "head": {"sha": "old"}}, {"number": 6, "head": {"sha": "new"}}]'`)
	if out, exit := p.run("scripts/find-pull-request.sh", "mallory", "x&state=closed", "new"); exit != 0 || out != "6\n" {
		t.Errorf("got %q, exit %d, want 6", out, exit)
	}
	if out, exit := p.run("scripts/find-pull-request.sh", "mallory", "x&state=closed", "newer"); exit != 1 || out != "" {
		t.Errorf("of a commit that is no head: got %q, exit %d, want nothing and 1", out, exit)
	}
}
