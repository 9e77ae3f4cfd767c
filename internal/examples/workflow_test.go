package examples

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A forge is a bare git repository with pull requests, as a workflow sees it. Its gh
// keeps the one that is open in a folder: its number, and its text.
type forge struct {
	*example
	home string // holds origin.git, bin, and pulls
	runs int
}

const gh = `#!/usr/bin/env bash
set -eu
cd_pulls="$FORGE/pulls"
echo "$*" >> "$FORGE/calls"
body() { while [ "$1" != --body-file ]; do shift; done; cp "$2" "$cd_pulls/body"; }
case "$1 $2" in
"pr list") cat "$cd_pulls/open" 2> /dev/null || true ;;
"pr create") test ! -e "$cd_pulls/open"; echo x >> "$cd_pulls/all"; wc -l < "$cd_pulls/all" | tr -d ' ' > "$cd_pulls/open"; body "$@" ;;
"pr edit") test "$3" = "$(cat "$cd_pulls/open")"; body "$@" ;;
"pr close") test "$3" = "$(cat "$cd_pulls/open")"; rm "$cd_pulls/open"; git push -q origin --delete portal-drift/engineering ;;
*) exit 1 ;;
esac
`

// curl is GitLab's API of merge requests, in the same folder.
const curl = `#!/usr/bin/env bash
set -eu
cd "$FORGE/pulls"
case "$*" in
*state=opened*) if [ -e open ]; then echo '[{"iid":'"$(cat open)"'}]'; else echo '[]'; fi ;;
*state_event=close*) rm open ;;
*source_branch=*) test ! -e open; echo x >> all; wc -l < all | tr -d ' ' > open; cp "$OLDPWD/summary.md" body ;;
*"--request PUT"*) cp "$OLDPWD/summary.md" body ;;
*) exit 1 ;;
esac
`

func newForge(t *testing.T) *forge {
	t.Helper()
	needsShell(t)
	f := &forge{example: open(t, "drift", "portal_id="+engineering), home: t.TempDir()}
	for _, dir := range []string{"bin", "pulls"} {
		must(t, os.Mkdir(filepath.Join(f.home, dir), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(f.home, "bin", "gh"), []byte(gh), 0o755))
	must(t, os.WriteFile(filepath.Join(f.home, "bin", "curl"), []byte(curl), 0o755))
	f.env = append(f.env, "FORGE="+f.home, "HOME="+f.home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"PATH="+filepath.Join(f.home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	f.bash(f.home, `git init -q --bare -b main origin.git
git clone -q origin.git seed 2>&1
mkdir seed/drift
cp "$EXAMPLE/main.tf" seed/drift
cd seed
git checkout -q -B main
git add .
git commit -qm Begin
git push -q origin main`, "EXAMPLE="+f.dir)
	f.example.runs()
	return f
}

// bash runs a script as a runner of GitHub Actions does, and returns what it printed.
func (f *forge) bash(dir, script string, env ...string) string {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", `terraform() { "$CLI" "$@"; }`+"\n"+script)
	cmd.Dir = dir
	cmd.Env = append(mirror.Env(f.env...), append(env, "CLI="+cli.Path)...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("%v\n%s\n%s", err, script, output)
	}
	return string(output)
}

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

// clone checks main out anew, as each run does, and returns the folder drift in it.
func (f *forge) clone() string {
	f.t.Helper()
	f.runs++
	name := fmt.Sprintf("run%d", f.runs)
	f.bash(f.home, "git clone -q --depth 1 file://$PWD/origin.git "+name+"; cd "+name+"/drift; terraform init > /dev/null")
	return filepath.Join(f.home, name, "drift")
}

// workflow is one run of the workflow.
func (f *forge) workflow() {
	f.t.Helper()
	dir := f.clone()
	printed := f.bash(dir, step(f.t, "github-actions.yml", "      - name: Compare"), "GITHUB_OUTPUT="+filepath.Join(f.home, "output"))
	output, err := os.ReadFile(filepath.Join(f.home, "output"))
	must(f.t, err)
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	code := strings.TrimPrefix(lines[len(lines)-1], "code=")
	printed += f.bash(dir, step(f.t, "github-actions.yml", "      - name: Open, update or close the pull request"), "CODE="+code)
	f.t.Logf("exit code %s\n%s", code, printed)
}

// is fails the test unless that pull request is open, with that text ("" for none),
// and its branch holds the portal as it is.
func (f *forge) is(number, body string) {
	f.t.Helper()
	open, _ := os.ReadFile(filepath.Join(f.home, "pulls", "open"))
	if got := strings.TrimSpace(string(open)); got != number {
		f.t.Fatalf("open is the pull request %q, want %q", got, number)
	}
	if number == "" {
		return
	}
	text, err := os.ReadFile(filepath.Join(f.home, "pulls", "body"))
	must(f.t, err)
	if !strings.Contains(string(text), body) {
		f.t.Errorf("the pull request says\n%s, want\n%s", text, body)
	}
	if got := f.bash(f.home, "git -C origin.git show portal-drift/engineering:drift/baseline.json"); got != baselineOf(f.t, f.api.Portal(engineering)) {
		f.t.Errorf("the branch has %s", got)
	}
	if files := f.bash(f.home, "git -C origin.git diff --name-only main portal-drift/engineering"); files != "drift/baseline.json\n" {
		f.t.Errorf("the branch changes %s", files)
	}
}

func (f *forge) head() string {
	return f.bash(f.home, "git -C origin.git rev-parse portal-drift/engineering")
}

// merge accepts, and leaves the branch where it is.
func (f *forge) merge() {
	f.t.Helper()
	f.bash(f.home, `rm -rf merge pulls/open
git clone -q origin.git merge
cd merge
git merge -q --no-ff -m Merge origin/portal-drift/engineering
git push -q origin main`)
}

// A pull request is where drift is read and accepted.
func TestPullRequest(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	portal := f.api.Portal(engineering)
	enabled := func(on bool) { portal.Server("github").Tool("delete_branch").Enable(on) }

	f.workflow() // nothing has been accepted
	f.is("1", "```text\nNothing has been accepted yet: baseline.json is missing or empty.\n```\n")
	f.merge()
	f.workflow()
	f.is("", "")

	enabled(true)
	f.workflow()
	f.is("2", "```text\ngithub: tool delete_branch was turned on\n```\n")
	before := f.head()
	f.workflow() // an approval of it stands
	if f.is("2", "delete_branch"); f.head() != before {
		t.Error("the same change was pushed again")
	}

	portal.Set("name", `"Another"`)
	portal.Server("browser").Tool("run_script").Enable(false)
	f.workflow()
	f.is("2", "```text\ngithub: tool delete_branch was turned on\nportal: name")
	f.merge()
	f.workflow()
	f.is("", "")

	enabled(false)
	f.workflow()
	f.is("3", "github: tool delete_branch was turned off\n")
	enabled(true) // taken back
	f.workflow()
	f.is("", "")
	if branches := f.bash(f.home, "git -C origin.git branch --list 'portal-drift/*'"); branches != "" {
		t.Errorf("left over: %s", branches)
	}
}

func TestMergeRequest(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.env = append(f.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://"+f.home+"/origin.git.insteadOf", "GIT_CONFIG_VALUE_0=https://portal-drift:t@gitlab.example.com/p.git",
		"GITLAB_TOKEN=t", "CI_SERVER_PROTOCOL=https", "CI_SERVER_FQDN=gitlab.example.com", "CI_PROJECT_PATH=p", "CI_PROJECT_ID=1", "CI_DEFAULT_BRANCH=main", "CI_API_V4_URL=https://gitlab.example.com/api/v4")
	run := func() { t.Log(f.bash(f.clone(), step(t, "gitlab-ci.yml", "  script:"))) }
	is := func(open, body string) {
		t.Helper()
		if got := f.bash(f.home, "cat pulls/open 2> /dev/null || true"); strings.TrimSpace(got) != open {
			t.Fatalf("open is %q, want %q", got, open)
		}
		if got := f.bash(f.home, "cat pulls/body"); !strings.Contains(got, body) {
			t.Errorf("the merge request says\n%s, want\n%s", got, body)
		}
		if got := f.bash(f.home, "git -C origin.git show portal-drift-engineering:drift/baseline.json"); open != "" && got != baselineOf(t, f.api.Portal(engineering)) {
			t.Errorf("the branch has %s", got)
		}
	}
	run() // nothing has been accepted
	is("1", "Nothing has been accepted yet")
	f.bash(f.home, "rm pulls/open; git -C origin.git branch -f main portal-drift-engineering")
	run()
	is("", "")
	before := f.api.Portal(engineering).JSON()
	tool := f.api.Portal(engineering).Server("github").Tool("delete_branch")
	tool.Enable(true)
	run()
	is("2", "```text\ngithub: tool delete_branch was turned on\n```\n")
	tool.Set("description", `"Another."`)
	run()
	is("2", "github: tool delete_branch was turned on\ngithub: tool delete_branch: description")
	f.api.Portal(engineering).Put(before)
	run() // taken back
	is("", "")
}

// What a server is called runs nothing, commands no runner, and stays in its block.
func TestPullRequestOfAHostilePortal(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.workflow()
	f.merge()
	const name = "`````\\n````` @everyone ::set-output name=x::y $(touch $FORGE/pwned) `touch $FORGE/pwned` <img src=x> ${{ github.token }}"
	f.api.Portal(engineering).Server("github").Add("tools", fmt.Sprintf(`{"name":"%s","description":"::error::%s\n::add-mask::e"}`, name, name))
	f.workflow()
	f.is("2", "\n``````text\ngithub: tool ")
	if _, err := os.Stat(filepath.Join(f.home, "pwned")); err == nil {
		t.Error("a name was run")
	}
	calls, err := os.ReadFile(filepath.Join(f.home, "calls"))
	must(t, err)
	if strings.Contains(string(calls), "everyone") {
		t.Errorf("gh was called with a name:\n%s", calls)
	}
	body, err := os.ReadFile(filepath.Join(f.home, "pulls", "body"))
	must(t, err)
	if n := strings.Count(string(body), "\n``````"); n != 2 || !strings.HasSuffix(string(body), "\n``````\n") {
		t.Errorf("%d fences:\n%s", n, body)
	}
}
