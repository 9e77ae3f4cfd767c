//go:build unix

package examples

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A proposal is how a run of propose.sh ended.
type proposal struct {
	t                *testing.T
	code             int
	printed, summary string
	outputs          string
	calls            []string
}

// run is one run of the pipeline in a fresh checkout, which has to end well.
func (f *forge) run() proposal {
	f.t.Helper()
	r := f.runsTo(0, "").exits(0)
	f.holds()
	return r
}

// fails is one that has to end with an error.
func (f *forge) fails() proposal {
	f.t.Helper()
	return f.runsTo(0, "").exits(1)
}

// runsTo is a run that breaks off at a step, if that is not 0.
func (f *forge) runsTo(at int, how string) proposal {
	f.t.Helper()
	dir := f.clone()
	return f.propose(dir, f.encoded(plan(f.baseline(dir))), at, how)
}

// clone checks main out, and returns the configuration's folder. The first time it has no
// history, as the workflow's has none; after that it has, which takes less time.
func (f *forge) clone() string {
	f.t.Helper()
	f.runs++
	name := fmt.Sprintf("run%d", f.runs)
	from := "--no-tags origin.git "
	if f.runs == 1 {
		from = "--depth 1 file://$PWD/origin.git "
	}
	f.bash("git clone -q " + from + name)
	return filepath.Join(f.home, name, f.prefix)
}

func (f *forge) propose(dir string, plan []byte, at int, how string) proposal {
	f.t.Helper()
	must(f.t, os.WriteFile(filepath.Join(dir, "drift.json"), plan, 0o644))
	for _, name := range []string{"calls", "summary", "output"} {
		must(f.t, os.WriteFile(filepath.Join(f.home, name), nil, 0o644))
	}
	cmd := exec.CommandContext(f.t.Context(), "bash", filepath.Join(f.home, "propose.sh"), "drift.json")
	cmd.Dir = dir
	cmd.Env = append(f.env(), "GITHUB_STEP_SUMMARY="+filepath.Join(f.home, "summary"), "GITHUB_OUTPUT="+filepath.Join(f.home, "output"),
		fmt.Sprintf("BREAK_AT=%d", at), "BREAK_HOW="+how, onlySteps)
	cmd.Env = append(cmd.Env, f.vars...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		f.t.Fatal(err)
	}
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join(f.home, name))
		must(f.t, err)
		return string(raw)
	}
	r := proposal{t: f.t, code: cmd.ProcessState.ExitCode(), printed: string(out), summary: read("summary"), outputs: read("output")}
	if calls := strings.TrimSpace(read("calls")); calls != "" {
		r.calls = strings.Split(calls, "\n")
	}
	f.t.Logf("exit code %d\n%s%s\n%s", r.code, r.printed, r.outputs, strings.Join(r.calls, "\n"))
	if status := f.bash("cd '" + dir + "'; git status --porcelain; git branch --show-current; git log --oneline origin/main..HEAD"); at == 0 && strings.ReplaceAll(status, `"`, "") != "?? "+f.prefix+"drift.json\nmain\n" {
		f.t.Errorf("the checkout was left as\n%s", status)
	}
	return r
}

func (r proposal) exits(code int) proposal {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("exit code %d, want %d\n%s", r.code, code, r.printed)
	}
	return r
}

// says fails the test unless the run's summary has all of these.
func (r proposal) says(want ...string) proposal {
	r.t.Helper()
	for _, w := range want {
		if !strings.Contains(r.summary, w) {
			r.t.Errorf("the summary doesn't say %q:\n%s", w, r.summary)
		}
	}
	return r
}

// gives fails the test unless the outputs say so of what was proposed anew.
func (r proposal) gives(fresh bool, effects string) proposal {
	r.t.Helper()
	return r.output("new", fresh, effects)
}

// refuses fails the test unless the outputs say so of what was refused and is still there.
func (r proposal) refuses(effects string) proposal {
	r.t.Helper()
	return r.output("refused", true, effects)
}

func (r proposal) output(kind string, is bool, effects string) proposal {
	r.t.Helper()
	if want := fmt.Sprintf("%s=%v\n%[1]s_effects=%[3]s\n", kind, is, effects); !strings.Contains("\n"+r.outputs, "\n"+want) {
		r.t.Errorf("the outputs are\n%swant\n%s", r.outputs, want)
	}
	return r
}

// The steps that change nothing.
var looks = regexp.MustCompile(`^(git fetch|gh pr (list|view)) `)

// onlyLooks fails the test if the run changed anything.
func (r proposal) onlyLooks() proposal {
	r.t.Helper()
	for _, c := range r.calls {
		if !looks.MatchString(c) {
			r.t.Errorf("called %s", c)
		}
	}
	return r
}

// open fails the test unless these are the open requests of this repository, as
// "number branch [labels]".
func (f *forge) open(want ...string) {
	f.t.Helper()
	got := []string{}
	for _, p := range f.hub().Pulls {
		if p.State == "OPEN" && !p.Cross {
			slices.Sort(p.Labels)
			got = append(got, fmt.Sprintf("%d %s %v", p.Number, strings.TrimPrefix(p.Head, "portal-drift/"+f.id+"/"), p.Labels))
		}
	}
	if !slices.Equal(got, want) {
		f.t.Fatalf("open are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// branches fails the test unless these are the portal's branches.
func (f *forge) branches(want ...string) {
	f.t.Helper()
	got := strings.Fields(f.bash("git -C origin.git for-each-ref --format='%(refname:strip=4)' refs/heads/portal-drift/" + f.id + "/"))
	if !slices.Equal(got, want) {
		f.t.Errorf("branches are %q, want %q", got, want)
	}
}

// brings returns the files that a branch changes against main.
func (f *forge) brings(branch string) []string {
	f.t.Helper()
	var names []string
	for path := range strings.Lines(f.bash("git -C origin.git diff --name-only --no-renames main...portal-drift/" + f.id + "/" + branch)) {
		names = append(names, strings.TrimPrefix(strings.TrimSpace(path), f.dir()))
	}
	return names
}

// holds fails the test unless each open request says what its branch brings, that is what
// the portal has, and the branch is one commit on main.
func (f *forge) holds() {
	f.t.Helper()
	var script strings.Builder
	script.WriteString("cd origin.git")
	of := map[string]*pull{}
	for _, p := range f.hub().Pulls {
		if name, ours := strings.CutPrefix(p.Head, "portal-drift/"+f.id+"/"); ours && p.State == "OPEN" && !p.Cross && p.Base == "main" && len(f.undetermined) == 0 {
			of[name] = p
			fmt.Fprintf(&script, "; git log --format='%s %%P' main..'%s'; git diff --raw --no-abbrev --no-renames main...'%s'; git merge-base --is-ancestor '%[3]s^' main", name, p.Head, p.Head)
		}
	}
	if len(of) == 0 {
		return
	}
	brought := map[string]int{}
	var name string
	for line := range strings.Lines(f.bash(script.String())) {
		line = strings.TrimSuffix(line, "\n")
		fields, path, isFile := strings.Cut(line, "\t")
		if !isFile {
			fields := strings.Fields(line)
			if name = fields[0]; len(fields) != 2 || brought[name] > 0 {
				f.t.Errorf("%s is not one commit on main: %s", name, line)
			}
			continue
		}
		brought[name]++
		file, p := strings.TrimPrefix(path, f.dir()), of[name]
		if _, own := f.reports[file]; name != "first" && !own && !strings.Contains(strings.ReplaceAll(p.Body, "\r", ""), f.says(file)) {
			f.t.Errorf("#%d says\n%s\nand brings %s as\n%s", p.Number, p.Body, file, f.portal[file])
		}
		want := strings.Repeat("0", 40)
		if text := f.portal[file]; text != "" {
			want = fmt.Sprintf("%x", sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(text), text))))
		}
		if got := strings.Fields(fields)[3]; got != want {
			f.t.Errorf("#%d has %s as\n%s, want\n%s", p.Number, file, f.show(p.Head, path), f.portal[file])
		}
	}
	for name, p := range of {
		if brought[name] == 0 {
			f.t.Errorf("#%d brings nothing", p.Number)
		}
	}
}
