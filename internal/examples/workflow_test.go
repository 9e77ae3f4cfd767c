//go:build unix

package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// step returns the script that stands under that line of a file of examples/drift.
func step(t *testing.T, name, line string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(tree, "drift", name))
	must(t, err)
	_, rest, ok := strings.Cut(string(raw), line+"\n")
	if !ok {
		t.Fatalf("%s: no %q", name, line)
	}
	_, rest, _ = strings.Cut(rest, "|\n")
	indent := rest[:len(rest)-len(strings.TrimLeft(rest, " "))]
	var script strings.Builder
	for l := range strings.Lines(rest) {
		if l != "\n" && !strings.HasPrefix(l, indent) {
			break
		}
		script.WriteString(strings.TrimPrefix(l, indent))
	}
	return script.String()
}

// What a plan prints commands no runner, and a plan that failed is no plan.
func TestWorkflowPlans(t *testing.T) {
	t.Parallel()
	needsPipeline(t)
	script := step(t, "github-actions.yml", "      - name: Plan")
	for _, code := range []string{"0", "1"} {
		cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
			`openssl() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' '; }; terraform() { echo "terraform $*"; echo "::error::x"; echo "##[add-mask]x" >&2; return `+code+"; }\n"+script)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if failed := err != nil; failed != (code == "1") {
			t.Errorf("code %s: %v\n%s", code, err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		mark, stopped := strings.CutPrefix(lines[0], "::stop-commands::")
		if !stopped || len(mark) < 32 || lines[len(lines)-1] != "::"+mark+"::" || !strings.Contains(string(out), "\n::error::x\n##[add-mask]x\n") {
			t.Errorf("printed\n%s", out)
		}
	}
}

// curl is GitLab's API of merge requests: the open one in a folder, a page of those that
// the same token opened from a fork before it, and one of somebody else, which is listed
// only without the scope.
const curl = `#!/usr/bin/env bash
set -eu
mkdir -p "$FORGE/requests"
text() { for a; do case "$a" in description@*) cp "${a#description@}" "$FORGE/requests/text" ;; esac; done; }
case "$*" in
*scope=created_by_me*state=opened*"&page=1&"*) echo '[{"iid":99,"source_project_id":2}]' ;;
*scope=created_by_me*state=opened*"&page=2&"*)
  if [ -e "$FORGE/requests/open" ]; then echo '[{"iid":'"$(cat "$FORGE/requests/open")"',"source_project_id":1}]'; else echo '[]'; fi ;;
*scope=created_by_me*state=opened*) echo '[]' ;;
*merge_requests/99*) exit 22 ;;
*state_event=close*) rm "$FORGE/requests/open" ;;
*source_branch=*)
  test ! -e "$FORGE/requests/open" && test ! -e "$FORGE/requests/others" || exit 22
  echo x >> "$FORGE/requests/all"
  wc -l < "$FORGE/requests/all" | tr -d ' ' > "$FORGE/requests/open"
  text "$@" ;;
*"--request PUT"*) text "$@" ;;
*) exit 1 ;;
esac
`

// On GitLab it is one request for all.
func TestGitLab(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	must(t, os.WriteFile(filepath.Join(f.home, "bin", "curl"), []byte(curl), 0o755))
	script := step(t, "gitlab-ci.yml", "  script:")
	run := func(change func(map[string]any)) string {
		t.Helper()
		dir := f.clone()
		values := f.baseline(dir)
		if change != nil {
			change(values)
		}
		must(t, os.WriteFile(filepath.Join(f.home, "plan.json"), f.encoded(plan(values)), 0o644))
		cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-c", `terraform() { if [ "$1" = show ]; then cat "$FORGE/plan.json"; else echo "$FAKED"; fi; }`+"\n"+script)
		cmd.Dir = dir
		cmd.Env = append(f.env(), "FAKED="+hostile, "TF_VAR_portal_id=engineering", "GITLAB_TOKEN=t", "CI_SERVER_PROTOCOL=https", "CI_SERVER_FQDN=gitlab.example.com",
			"CI_PROJECT_PATH=p", "CI_PROJECT_ID=1", "CI_DEFAULT_BRANCH=main", "CI_API_V4_URL=https://gitlab.example.com/api/v4",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://"+f.home+"/origin.git.insteadOf", "GIT_CONFIG_VALUE_0=https://portal-drift:t@gitlab.example.com/p.git")
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil && change == nil {
			t.Fatal(err)
		}
		if err == nil && change != nil {
			t.Fatal("no error")
		}
		return string(out)
	}
	const branch = "portal-drift-engineering"
	head := func() string {
		t.Helper()
		return f.bash("git -C origin.git rev-parse " + branch)
	}
	is := func(open, text string) {
		t.Helper()
		if got := f.bash("cat requests/open 2> /dev/null || true"); strings.TrimSpace(got) != open {
			t.Fatalf("open is %q, want %q", got, open)
		}
		if open == "" {
			return
		}
		if got := f.bash("cat requests/text"); !strings.Contains(got, text) {
			t.Errorf("the request says\n%s, want\n%s", got, text)
		}
		for name, want := range f.portal {
			if got := f.show(branch, f.dir()+name); got != want {
				t.Errorf("%s is\n%s, want\n%s", name, got, want)
			}
		}
		for file := range strings.Lines(f.bash("git -C origin.git diff --name-only main..." + branch)) {
			if !strings.HasPrefix(file, f.dir()) {
				t.Errorf("it brings %s", file)
			}
		}
	}
	accept := func() { f.bash("rm requests/open; git -C origin.git branch -f main " + branch) }

	f.drifts("new", "portal.json", "servers/a.json")
	run(nil)
	is("1", "Report of portal.json")
	accept()
	run(nil)
	is("", "")

	f.portal["servers/a.json"] = content("servers/a.json", hostile)
	f.reports["servers/a.json"] = hostile + "\n/merge\n"
	run(nil)
	is("2", hostile+"\n/merge\n")
	before := head()
	run(nil)
	if head() != before {
		t.Error("the same was pushed again")
	}
	run(func(values map[string]any) { clear(values); values["files"] = 1 })
	is("2", hostile)

	// Where somebody else has opened one from the branch, nothing is pushed under its text.
	f.bash("mv requests/open requests/others")
	f.drifts("", "portal.json")
	run(func(map[string]any) {})
	if head() != before {
		t.Error("pushed under somebody else's text")
	}
	f.bash("mv requests/others requests/open")
	f.drifts("new", "portal.json")
	f.drifts("", "portal.json")
	f.drifts("new", "servers/b.json")
	run(nil)
	is("2", "Report of servers/b.json")
	if _, err := os.Stat(filepath.Join(f.home, "pwned")); err == nil {
		t.Error("a name was run")
	}

	// What is not known now is not taken back.
	accepted := content("servers/a.json", "new")
	f.portal = map[string]string{"portal.json": content("portal.json", "new"), "servers/a.json": accepted}
	f.undetermined["a"] = "a: the tools are not known"
	run(nil)
	if got := f.bash("cat requests/open"); got != "2\n" {
		t.Errorf("open is %q", got)
	}
	clear(f.undetermined)
	run(nil)
	is("", "")
}

// A change that was refused and is still there fails the run; one that is open, where
// that is asked for.
func TestWorkflowStops(t *testing.T) {
	t.Parallel()
	needsPipeline(t)
	script := step(t, "github-actions.yml", "      - name: Stop for what widens or steers")
	for found, stops := range map[string]bool{",": false, "breaks,": false, "widens,": true, "breaks,steers,": true, ",breaks,widens": true, ",breaks": false} {
		cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
		cmd.Env = []string{"FOUND=" + found}
		out, err := cmd.CombinedOutput()
		if failed := err != nil; failed != stops || strings.HasPrefix(string(out), "::error::") != stops {
			t.Errorf("%q: %v, %s", found, err, out)
		}
	}
}
