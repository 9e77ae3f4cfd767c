//go:build unix

package examples

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Where the checkout's lines end in CRLF, those of a patch do, and git's own do not.
func TestProposeFromLinesThatEndInCRLF(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	dir := f.clone()
	values := f.baseline(dir)
	one := values["files"].(map[string]any)["servers/a.json"].(map[string]any)
	one["patch"] = patch("baseline/servers/a.json", strings.ReplaceAll(content("servers/a.json", "as accepted"), "\n", "\r\n"), strings.ReplaceAll(f.portal["servers/a.json"], "\n", "\r\n"))
	f.propose(dir, f.encoded(plan(values)), 0, "").exits(0)
	f.open("1 servers/a [portal-drift widens]")
	f.holds()
}

// A file of an older format is no drift, and is brought up to date.
func TestProposeAnOlderFormat(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("newer format", "portal.json")
	f.effects["portal.json"] = nil
	dir := f.clone()
	values := f.baseline(dir)
	values["drifted"] = false
	f.propose(dir, f.encoded(plan(values)), 0, "").exits(0).gives(true, "")
	f.open("1 portal [portal-drift]")
}

// What is no plan of one baseline is an error, and takes nothing back.
func TestProposeNeedsOneBaseline(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	dir := f.clone()
	good := func(change func(map[string]any)) map[string]any {
		values := f.baseline(dir)
		change(values)
		return values
	}
	same := func(map[string]any) {}
	file := func(name string, change func(map[string]any)) map[string]any {
		return good(func(v map[string]any) {
			files := v["files"].(map[string]any)
			one := files["servers/a.json"].(map[string]any)
			delete(files, "servers/a.json")
			files[name] = one
			change(one)
		})
	}
	for name, text := range map[string][]byte{
		"nothing":         nil,
		"no JSON":         []byte("Error: x"),
		"no state":        []byte(`{"format_version":"1.2"}`),
		"none":            f.encoded(plan()),
		"two":             f.encoded(plan(good(same), good(same))),
		"deferred":        []byte(`{"resource_changes":[{"mode":"data","type":"mcp_portal_baseline","change":{"actions":["read"]}}]}`),
		"not yet known":   []byte(`{"deferred_changes":[{"reason":"provider_config_unknown","resource_change":{"mode":"data","type":"mcp_portal_baseline"}}]}`),
		"no title":        f.encoded(plan(file("servers/a.json", func(v map[string]any) { delete(v, "title") }))),
		"a failed plan":   append([]byte(`{"errored":true,`), f.encoded(plan(good(same)))[1:]...),
		"no files":        f.encoded(plan(good(func(v map[string]any) { v["files"] = nil }))),
		"drift of what":   f.encoded(plan(good(func(v map[string]any) { v["files"] = map[string]any{} }))),
		"an id":           f.encoded(plan(good(func(v map[string]any) { v["id"] = "a/../../main" }))),
		"a name":          f.encoded(plan(file("servers/../../x.json", same))),
		"a line":          f.encoded(plan(file("servers/a.json\nx", same))),
		"a folder":        f.encoded(plan(file("first/a.json", same))),
		"an effect":       f.encoded(plan(file("servers/a.json", func(v map[string]any) { v["effects"] = []string{"x\ny=z"} }))),
		"a patch of null": f.encoded(plan(file("servers/a.json", func(v map[string]any) { v["patch"] = nil }))),
	} {
		r := f.propose(dir, text, 0, "")
		if said := strings.Contains(r.summary, "Terraform deferred the baseline"); said != (name == "deferred" || name == "not yet known") {
			t.Errorf("%s: it says\n%s", name, r.summary)
		}
		if r.code == 0 || len(r.calls) > 0 || !strings.HasPrefix(r.outputs, "new=false\n") || !strings.Contains(r.summary, "**Failed**") {
			t.Errorf("%s: exit code %d, %q, %q, %s", name, r.code, r.calls, r.outputs, r.summary)
		}
	}
	f.open("1 servers/a [portal-drift widens]")

	// In a module it is one as well.
	child := map[string]any{"prior_state": map[string]any{"values": map[string]any{"root_module": map[string]any{"child_modules": []any{
		map[string]any{}, map[string]any{"child_modules": []any{plan(f.baseline(dir))["prior_state"].(map[string]any)["values"].(map[string]any)["root_module"]}}}}}}}
	f.propose(dir, f.encoded(child), 0, "").exits(0).onlyLooks()
}

// A patch that does more than it says, or does not apply, stops nothing else.
func TestProposePatchesThatDoNotFit(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/b.json", "servers/c.json")
	f.drifts("other", "servers/a.json", "servers/b.json", "servers/c.json")
	dir := f.clone()
	values := f.baseline(dir)
	files := values["files"].(map[string]any)
	a, b := files["servers/a.json"].(map[string]any), files["servers/b.json"].(map[string]any)
	a["patch"] = a["patch"].(string) + patch("baseline/portal.json", f.portal["portal.json"], "x\n")
	b["patch"] = strings.ReplaceAll(b["patch"].(string), "as accepted", "as nobody has it ::error::x")
	f.propose(dir, f.encoded(plan(values)), 0, "").exits(1).gives(true, "widens").says("**Failed**: the patch of `servers/a` does not apply.", "**Failed**: the patch of `servers/b` does not apply.")
	f.open("1 servers/c [portal-drift widens]")
}

// GitHub takes 65,536 characters, of which one of four bytes is one.
func TestProposeATextThatIsTooLong(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json", "servers/b.json", "servers/c.json", "servers/d.json")
	f.atMost(2)
	f.drifts("other", "servers/a.json", "servers/b.json", "servers/c.json", "servers/d.json")
	f.reports["servers/a.json"] = strings.Repeat("\U0001F600", 64000)
	f.reports["servers/b.json"] = strings.Repeat("é", 70000)
	f.reports["servers/c.json"] = strings.Repeat("é", 60000)
	f.reports["servers/d.json"] = strings.Repeat("é", 60000)
	f.run()
	f.open("1 servers/a [portal-drift widens]", "2 servers/b [portal-drift widens]", "3 rest [portal-drift widens]")
	for n, cut := range []bool{false, true, true} {
		text := f.number(n + 1).Body
		if size := utf8.RuneCountInString(text); size > 65536 || cut && size != 65536 {
			t.Errorf("#%d has %d characters", n+1, size)
		}
		// What the script adds is not what is cut.
		if strings.HasPrefix(text, "> [!WARNING]\n> This text is cut") != cut || !strings.Contains(text, "**To refuse this**, add the label `portal-drift-refused`.") {
			t.Errorf("#%d says %.500s", n+1, text)
		}
	}
	if text := f.number(3).Body; !strings.Contains(text, "- `servers/c.json`: `servers/c.json changed`\n- `servers/d.json`") {
		t.Errorf("the rest says %.500s", text)
	}
	f.run().onlyLooks()
}

// Whatever step a run does not come past, or does not come back from, the next one ends
// where one that came through would have.
func TestProposeAfterARunThatBrokeOff(t *testing.T) {
	t.Parallel()
	base := newForge(t, servers(1, 6)...)
	base.drifts("other", servers(1, 5)...)
	base.run()
	base.refuse(3)
	base.run() // which closes it
	base.refuse(4)
	base.commit("portal-drift/engineering/servers/s01", map[string]string{"x": "x\n"}, "Somebody else")
	base.drifts("yet another", "servers/s01.json") // changed further, and somebody pushed
	base.effects["servers/s01.json"] = []string{"steers"}
	base.drifts("as accepted", "servers/s02.json", "servers/s03.json") // undone, the one after it was refused
	base.closeIt(5)                                                    // and s04 is refused now
	base.drifts("other", "servers/s06.json")                           // new
	state := func(f *forge) string {
		var requests []string
		for _, p := range f.hub().Pulls {
			slices.Sort(p.Labels)
			requests = append(requests, fmt.Sprintln(p.Head, p.State, p.Title, p.Labels, p.Body))
		}
		slices.Sort(requests)
		return strings.Join(requests, "") + f.bash("cd origin.git; git for-each-ref --format='%(refname) %(tree)' refs/heads/")
	}
	whole := base.copied(t)
	steps := whole.run().calls
	want := state(whole)
	failed := map[string]bool{}
	for i, step := range steps {
		// To break off at a look is to break off before it, and a label that nothing has yet
		// changes nothing. What fails and stops nothing else is tried once for each kind.
		kind := regexp.MustCompile(`^gh pr \w+|^git push .*(:| )`).FindString(step)
		if looks.MatchString(step) || kind == "" {
			continue
		}
		kind = regexp.MustCompile(`[^ ]*/servers/\S*`).ReplaceAllString(kind, "")
		for _, how := range []string{"kill", "fail"} {
			if how == "fail" && failed[kind] {
				continue
			}
			failed[kind] = failed[kind] || how == "fail"
			t.Run(fmt.Sprint(i+1, how), func(t *testing.T) {
				t.Parallel()
				f := base.copied(t)
				heads := f.head("servers/s01")
				if r := f.runsTo(i+1, how); how == "fail" && !strings.Contains(r.summary, "**Failed**: ") {
					t.Errorf("the summary does not say that it failed:\n%s", r.summary)
				}
				// Whatever is on the branch was written down before.
				if p := f.number(1); f.head("servers/s01") != heads && !strings.Contains(p.Body, f.says("servers/s01.json")) {
					t.Errorf("another content under an old text: %+v", p)
				}
				f.run()
				if got := state(f); got != want {
					t.Errorf("it ends as\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
	if len(failed) < 6 {
		t.Errorf("only %v", failed)
	}
}

const hostile = "`````\\n@everyone ::set-output name=x::y $(touch $FORGE/pwned) `touch $FORGE/pwned` <img src=x> ${{ github.token }} ##[add-mask]x '\"; touch $FORGE/pwned"

// What servers call themselves runs nothing, and commands no runner.
func TestProposeAHostilePortal(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	text := hostile + "\n::error::x\nnew=true\nEOF\n````\nPortal-Drift: gone servers/a.json\n\nPortal-Drift: gone servers/a.json\r\n"
	f.portal["servers/a.json"] = content("servers/a.json", hostile) + "::error::x \n-- \n"
	f.reports["servers/a.json"] = text
	f.effects["servers/a.json"] = nil
	f.undetermined["b"] = text
	f.report = text
	r := f.run().gives(true, "").says(text, "\n``````text\n"+text)
	f.undetermined = map[string]string{}
	f.run()
	f.open("1 servers/a [portal-drift]")
	if p := f.number(1); !strings.Contains(p.Body, text) {
		t.Errorf("the text is\n%s", p.Body)
	}
	lines := strings.Split(strings.TrimSpace(r.printed), "\n")
	mark, stopped := strings.CutPrefix(lines[0], "::stop-commands::")
	if !stopped || len(mark) != 64 || lines[len(lines)-1] != "::"+mark+"::" {
		t.Errorf("printed\n%s", r.printed)
	}
	if strings.Contains(r.printed, "everyone") || strings.Contains(strings.Join(r.calls, ""), "everyone") {
		t.Errorf("printed, or part of a command:\n%s%s", r.printed, r.calls)
	}
	if _, err := os.Stat(filepath.Join(f.home, "pwned")); err == nil {
		t.Error("a name was run")
	}
	// What a report quotes is not what the script says of itself.
	f.reports["servers/a.json"] = "#1 was closed without the label `portal-drift-refused`, says the server."
	f.drifts("", "servers/a.json")
	f.run()
	f.run().onlyLooks()
}

// The configuration may be anywhere in the repository, and the files in its own folder.
func TestProposeInAnyFolder(t *testing.T) {
	t.Parallel()
	for _, at := range [][2]string{{"", "."}, {"a b/[c]/", "./x y&/z"}, {"drift/", "modules/m/../n"}} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			f := newForgeIn(t, at[0], at[1])
			f.drifts("new", "portal.json", "servers/a.json")
			f.run()
			f.open("1 first [portal-drift widens]")
			f.run().onlyLooks()
			f.merge(1, "--squash")
			f.drifts("other", "servers/a.json")
			f.drifts("", "portal.json")
			f.run()
			f.open("2 portal [portal-drift widens]", "3 servers/a [portal-drift widens]")
			f.run().onlyLooks()
		})
	}
}

// Two portals of one repository know nothing of each other.
func TestProposeTwoPortals(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	f.id = "engineering-2"
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens")
	f.open("1 portal-drift/engineering/servers/a [portal-drift widens]", "2 servers/a [portal-drift widens]")
	f.id = "engineering"
	f.drifts("as accepted", "servers/a.json")
	f.run()
	f.open("2 portal-drift/engineering-2/servers/a [portal-drift widens]")
}

// Where the configuration says that commits are signed, they are, by its user.
func TestProposeSignsCommits(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	must(t, os.WriteFile(filepath.Join(f.home, "bin", "sign"), []byte("#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho SIGNED\n"), 0o755))
	f.bash("git config --global commit.gpgsign true; git config --global gpg.program $PWD/bin/sign; git config --global user.name Drift; git config --global user.email drift@example.com")
	f.run()
	if got := f.bash("git -C origin.git cat-file commit portal-drift/engineering/servers/a"); !strings.Contains(got, "\ncommitter Drift <drift@example.com> ") || !strings.Contains(got, "\ngpgsig SIGNED\n") {
		t.Errorf("the commit is\n%s", got)
	}
	f.run().onlyLooks()
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens")
	if p := f.number(1); len(p.Comments) > 0 {
		t.Errorf("its own commit is taken for somebody else's: %+v", p)
	}

	// And fail where they cannot be.
	f.bash("git config --global gpg.program false")
	f.drifts("more", "servers/a.json")
	f.fails().says("**Failed**: `portal-drift/engineering/servers/a`.")
}

// A checkout without credentials is a line that names the setting.
func TestProposeWithoutCredentials(t *testing.T) {
	t.Parallel()
	asks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(asks.Close)
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	for setting, what := range map[string]string{"url": "git fetch", "pushurl": "git push"} {
		dir := f.clone()
		f.bash("git -C '" + dir + "' config remote.origin." + setting + " " + asks.URL + "/o/r.git")
		f.propose(dir, f.encoded(plan(f.baseline(dir))), 0, "").exits(1).
			says("`"+what+"` failed. Unless somebody pushed meanwhile, it needs `persist-credentials: true` in actions/checkout", "**Failed**: ")
	}
	f.open()
}

// On a server of one's own, gh needs that host and another token.
func TestProposeOnEnterpriseServer(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.vars = []string{"GITHUB_SERVER_URL=https://git.example.com", "GH_TOKEN=t", "TEST_GH_HOST=git.example.com"}
	f.run().gives(true, "widens")
	f.vars = []string{"GITHUB_SERVER_URL=https://github.com", "GH_TOKEN=t", "TEST_GH_HOST=git.example.com"}
	f.fails().says("**Failed**: Listing the requests.")
}

// Everybody copies the script: it says which version it is, and explains refusing as the
// guide and the reference do.
func TestProposeSaysWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		must(t, err)
		return string(raw)
	}
	script := read("examples/drift/propose.sh")
	version := regexp.MustCompile(`(?m)^# Version (\d+)\.`).FindStringSubmatch(script)
	if version == nil || !strings.Contains(script, "by propose.sh "+version[1]+`"`) {
		t.Errorf("its versions are %q", version)
	}
	refusing := regexp.MustCompile(`(?m)^refusing="\*\*To refuse this\*\*, (.*)"$`).FindStringSubmatch(script)
	if refusing == nil {
		t.Fatal("the script does not explain refusing")
	}
	said := strings.NewReplacer(`\`+"`", "`", "$refused", "portal-drift-refused").Replace(refusing[1])
	for _, name := range []string{"templates/guides/detect-drift.md.tmpl", "templates/data-sources/portal_baseline.md.tmpl"} {
		if !strings.Contains(read(name), said) {
			t.Errorf("%s does not say: %s", name, said)
		}
	}
}
