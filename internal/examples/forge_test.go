//go:build unix

package examples

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A forge is a bare git repository with pull requests, and a portal beside it: a run of
// the pipeline compares the one with the other, as the provider would.
type forge struct {
	t      *testing.T
	vars   []string // of the run's environment
	home   string   // holds origin.git, hub.json, bin, and a clone for each run
	prefix string   // where the configuration is in the repository: "drift/", or ""
	folder string   // where the accepted files are from there, as the data source says it
	runs   int

	portal       map[string]string // its files as they should be
	effects      map[string][]string
	titles       map[string]string
	reports      map[string]string
	report       string
	undetermined map[string]string // text by server
	id           string
}

// The programs that stand before the real ones count the steps of a run, each of which
// something outside may see, and let it break off at one: the step fails, or it is done
// and whoever did it is no more.
const stepper = `#!/bin/bash
real() { TEST_IS_GH="$FORGE" "$TEST_PROGRAM" "$@"; }
if [ "${0##*/}" = git ]; then
  case "$1" in
  push | fetch) real() { "$TEST_GIT" "$@"; } ;;
  *) exec "$TEST_GIT" "$@" ;; # gh's own
  esac
fi
if [ -e "$FORGE/meanwhile" ]; then
  { read -r when && script="$(cat)"; } < "$FORGE/meanwhile"
  [[ "${0##*/} $*" != $when ]] || rm "$FORGE/meanwhile"
fi
if [ "${when:-}" != "" ] && [ ! -e "$FORGE/meanwhile" ]; then
  (unset -f git && unset GIT_INDEX_FILE && cd "$FORGE" && PATH="${PATH#*:}" && eval "$script") > "$FORGE/meanwhile.log" 2>&1 || exit 9
fi
echo "${0##*/} $*" >> "$FORGE/calls"
mapfile -t calls < "$FORGE/calls"
n="${#calls[@]}"
if [ "$n" = "$BREAK_AT" ] && [ "$BREAK_HOW" = fail ]; then exit 1; fi
code=0
real "$@" || code=$?
if [ "$n" = "$BREAK_AT" ]; then kill -KILL 0; fi
exit "$code"
`

// Of git only what somebody else sees is a step. A function, because a program for each
// of the script's many calls takes longer than git itself.
const onlySteps = `BASH_FUNC_git%%=() { case "$1" in push | fetch) "$FORGE/bin/git" "$@" ;; *) "$TEST_GIT" "$@" ;; esac; }`

// newForge has a repository in which these files are accepted, and a portal that is so.
func newForge(t *testing.T, accepted ...string) *forge {
	t.Helper()
	return newForgeIn(t, "drift/", "./baseline", accepted...)
}

func newForgeIn(t *testing.T, prefix, folder string, accepted ...string) *forge {
	t.Helper()
	needsPipeline(t)
	f := &forge{t: t, home: t.TempDir(), prefix: prefix, folder: folder, id: "engineering",
		portal: map[string]string{}, effects: map[string][]string{}, titles: map[string]string{}, reports: map[string]string{}, undetermined: map[string]string{}}
	must(t, os.Mkdir(filepath.Join(f.home, "bin"), 0o755))
	for _, name := range []string{"git", "gh"} {
		must(t, os.WriteFile(filepath.Join(f.home, "bin", name), []byte(stepper), 0o755))
	}
	// Read here, so that a cached result of the test is one of this script.
	script, err := os.ReadFile(filepath.Join(tree, "drift", "propose.sh"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(f.home, "propose.sh"), script, 0o755))
	must(t, (&hub{Labels: []string{"bug"}}).write(f.home))
	// No housekeeping, which takes a program more for each fetch and push, and no samples.
	must(t, os.WriteFile(filepath.Join(f.home, ".gitconfig"), []byte("[init]\n\ttemplateDir =\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n[core]\n\tfsync = none\n"), 0o644))
	f.bash("git init -q --bare -b main origin.git; git clone -q origin.git seed 2> /dev/null; cd seed; git remote set-url origin ../origin.git; git checkout -q -B main; mkdir -p './" + prefix + "'; echo > './" + prefix + "main.tf'; git add .; git commit -qm Begin; git push -q origin main")
	for _, name := range accepted {
		f.portal[name] = content(name, "as accepted")
	}
	if len(accepted) > 0 {
		f.commit("main", f.accepted(f.portal), "Accept")
	}
	return f
}

// needsPipeline skips the test where a runner's commands can't be run, and with
// -short.
func needsPipeline(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts some hundred programs")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the pipelines run on Linux")
	}
	for _, name := range []string{"bash", "git", "jq", "realpath", "sha256sum"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no %s", name)
		}
	}
}

// atMost lowers the number of files that have a request of their own, so that a flood
// takes few of them.
func (f *forge) atMost(n int) {
	f.t.Helper()
	name := filepath.Join(f.home, "propose.sh")
	script, err := os.ReadFile(name)
	must(f.t, err)
	lowered := strings.Replace(string(script), "\nmost=10 ", fmt.Sprintf("\nmost=%d ", n), 1)
	if lowered == string(script) {
		f.t.Fatal("propose.sh does not say how many requests there are at most")
	}
	must(f.t, os.WriteFile(name, []byte(lowered), 0o755))
}

// content is a file that has some lines in common with its other versions.
func content(name, text string) string {
	return "{\n  \"file\": " + fmt.Sprintf("%q", name) + ",\n  \"text\": " + fmt.Sprintf("%q", text) + "\n}\n"
}

// dir is where the accepted files are in the repository.
func (f *forge) dir() string {
	return strings.TrimPrefix(filepath.Join(f.prefix, f.folder)+"/", "./")
}

// accepted returns the files by their paths in the repository.
func (f *forge) accepted(files map[string]string) map[string]string {
	paths := map[string]string{}
	for name, text := range files {
		paths[f.dir()+name] = text
	}
	return paths
}

func (f *forge) env(more ...string) []string {
	git, err := exec.LookPath("git")
	must(f.t, err)
	program, err := os.Executable()
	must(f.t, err)
	return append([]string{"HOME=" + f.home, "FORGE=" + f.home, "TEST_GIT=" + git, "TEST_PROGRAM=" + program, "GIT_CONFIG_NOSYSTEM=1",
		"PATH=" + filepath.Join(f.home, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"), "TMPDIR=" + f.home}, more...)
}

// bash does what a person does, in a shell.
func (f *forge) bash(script string) string {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), "bash", "-euc", script)
	cmd.Dir = f.home
	cmd.Env = append(f.env(), "GIT_AUTHOR_NAME=p", "GIT_AUTHOR_EMAIL=p@example.com", "GIT_COMMITTER_NAME=p", "GIT_COMMITTER_EMAIL=p@example.com")
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// commit puts files (path to text, "" for none) onto a branch, as a person does.
func (f *forge) commit(branch string, files map[string]string, message string) {
	f.t.Helper()
	f.bash("cd seed; git fetch -q origin; git checkout -q -B work origin/" + branch)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		name := filepath.Join(f.home, "seed", path)
		must(f.t, os.MkdirAll(filepath.Dir(name), 0o755))
		if files[path] == "" {
			must(f.t, os.Remove(name))
		} else {
			must(f.t, os.WriteFile(name, []byte(files[path]), 0o644))
		}
	}
	f.bash("cd seed; git add -A; git commit -qm '" + message + "'; git push -q origin HEAD:" + branch)
}

// show returns a file of a branch, "" if it is not there.
func (f *forge) show(branch, path string) string {
	f.t.Helper()
	return f.bash("git -C origin.git show '" + branch + ":" + path + "' 2> /dev/null || true")
}

// head returns the commit of a branch of the portal's, "" if there is none.
func (f *forge) head(branch string) string {
	f.t.Helper()
	return f.bash("git -C origin.git rev-parse -q --verify 'refs/heads/portal-drift/" + f.id + "/" + branch + "' || true")
}

// drifts gives files of the portal another text, or none.
func (f *forge) drifts(text string, names ...string) {
	for _, name := range names {
		if text == "" {
			delete(f.portal, name)
		} else {
			f.portal[name] = content(name, text)
		}
	}
}

// says is the report of a file, another for each content.
func (f *forge) says(name string) string {
	return fmt.Sprintf("### Report of %s\n\n! It is now %x.", name, sha256.Sum256([]byte(f.portal[name])))
}

// patch replaces a file as a whole, in the traditional form.
func patch(path, from, to string) string {
	var b strings.Builder
	side := func(mark, prefix, text string) string {
		if text == "" {
			b.WriteString(mark + " /dev/null\n")
			return "0,0"
		}
		b.WriteString(mark + " " + prefix + path + "\n")
		return fmt.Sprintf("1,%d", strings.Count(text, "\n"))
	}
	old := side("---", "a/", from)
	fresh := side("+++", "b/", to)
	b.WriteString("@@ -" + old + " +" + fresh + " @@\n")
	for l := range strings.Lines(from) {
		b.WriteString("-" + l)
	}
	for l := range strings.Lines(to) {
		b.WriteString("+" + l)
	}
	return b.String()
}

// baseline is the data source's values for what is accepted in that folder.
func (f *forge) baseline(dir string) map[string]any {
	f.t.Helper()
	there := map[string]string{}
	root := filepath.Join(dir, f.folder)
	for _, pattern := range []string{"portal.json", "access.json", "servers/*.json"} {
		names, err := fs.Glob(os.DirFS(root), pattern)
		must(f.t, err)
		for _, name := range names {
			raw, err := os.ReadFile(filepath.Join(root, name))
			must(f.t, err)
			there[name] = string(raw)
		}
	}
	files, all, texts := map[string]any{}, []string{}, []string{}
	names := maps.Clone(there)
	maps.Copy(names, f.portal)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if f.undetermined[strings.TrimSuffix(strings.TrimPrefix(name, "servers/"), ".json")] != "" || there[name] == f.portal[name] {
			continue
		}
		effects, known := f.effects[name]
		if !known {
			effects = []string{"widens"}
		}
		title, known := f.titles[name]
		if !known {
			title = name + " changed"
		}
		report, known := f.reports[name]
		if !known {
			report = f.says(name)
		}
		files[name] = map[string]any{"title": title, "patch": patch(filepath.Join(f.folder, name), there[name], f.portal[name]), "report": report + "\n", "effects": append([]string{}, effects...)}
		all = append(all, effects...)
		texts = append(texts, report)
	}
	undetermined := []any{}
	for _, id := range slices.Sorted(maps.Keys(f.undetermined)) {
		undetermined = append(undetermined, map[string]string{"server_id": id, "text": f.undetermined[id]})
		all = append(all, "undetermined")
		texts = append(texts, "? "+id)
	}
	slices.Sort(all)
	values := map[string]any{"id": f.id, "directory": f.folder, "drifted": len(all) > 0 && len(files) > 0, "effects": slices.Compact(all), "changes": []any{},
		"undetermined": undetermined, "files": files, "summary": nil, "report": nil}
	if len(texts) > 0 {
		values["summary"], values["report"] = "summary", strings.Join(append([]string{f.report}, texts...), "\n\n")+"\n" // as the provider ends it
	}
	return values
}

// plan is what terraform show -json says of a plan with these baselines.
func plan(baselines ...map[string]any) map[string]any {
	resources := []any{map[string]any{"mode": "data", "type": "mcp_portal", "name": "other", "values": map[string]any{"id": "x"}}}
	for _, values := range baselines {
		resources = append(resources, map[string]any{"mode": "data", "type": "mcp_portal_baseline", "name": "this", "values": values})
	}
	return map[string]any{"format_version": "1.2", "prior_state": map[string]any{"values": map[string]any{"root_module": map[string]any{"resources": resources}}}}
}

func (f *forge) encoded(plan map[string]any) []byte {
	f.t.Helper()
	raw, err := json.Marshal(plan)
	must(f.t, err)
	return raw
}

func (f *forge) hub() *hub {
	f.t.Helper()
	h, err := readHub(f.home)
	must(f.t, err)
	return h
}

// edit changes what is on the hub, as somebody else does.
func (f *forge) edit(change func(*hub)) {
	f.t.Helper()
	h := f.hub()
	change(h)
	must(f.t, h.write(f.home))
}

// refuse labels a request as a person does, who spells as they like.
func (f *forge) refuse(n int) {
	f.t.Helper()
	f.edit(func(h *hub) {
		if h.label("portal-drift-refused") == "" {
			f.t.Fatal("there is no such label")
		}
		h.Pulls[n-1].Labels = append(h.Pulls[n-1].Labels, "Portal-Drift-Refused")
	})
}

// closeIt closes a request as a person does, or a bot for stale ones.
func (f *forge) closeIt(n int) {
	f.t.Helper()
	f.edit(func(h *hub) { h.Pulls[n-1].State = "CLOSED" })
}

// meanwhile has somebody do that in a shell, just before a step of the next run that
// matches the pattern.
func (f *forge) meanwhile(step, script string) {
	f.t.Helper()
	must(f.t, os.WriteFile(filepath.Join(f.home, "meanwhile"), []byte(step+"\nperson() { TEST_IS_GH=\"$FORGE\" TEST_IS_PERSON=1 \"$TEST_PROGRAM\" \"$@\"; }\n"+script), 0o644))
}

// number returns a request.
func (f *forge) number(n int) *pull {
	f.t.Helper()
	h := f.hub()
	if n > len(h.Pulls) {
		f.t.Fatalf("there is no #%d", n)
	}
	return h.Pulls[n-1]
}

// merge merges a request as GitHub does, and leaves its branch.
func (f *forge) merge(n int, how string) {
	f.t.Helper()
	p := f.number(n)
	f.bash("cd seed; git fetch -q origin; git checkout -q -B work origin/main; git merge -q " + how + " origin/" + p.Head + "; git diff --cached --quiet || git commit -qm 'Merged'; git push -q origin HEAD:main")
	f.edit(func(h *hub) { h.Pulls[n-1].State = "MERGED" })
}

// copied is the forge as it is, in another folder, for another test.
func (f *forge) copied(t *testing.T) *forge {
	t.Helper()
	other := *f
	other.t, other.home = t, t.TempDir()
	// Without the checkouts of its runs.
	cmd := exec.CommandContext(t.Context(), "cp", "-r", "origin.git", "seed", "bin", "hub.json", "propose.sh", ".gitconfig", other.home)
	cmd.Dir = f.home
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	other.portal, other.effects, other.reports, other.undetermined = maps.Clone(f.portal), maps.Clone(f.effects), maps.Clone(f.reports), maps.Clone(f.undetermined)
	return &other
}
