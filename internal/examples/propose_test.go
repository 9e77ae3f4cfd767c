//go:build unix

package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Nothing accepted is one request, until a file is.
func TestProposeTheFirstAcceptance(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.report = "An overview."
	f.drifts("new", "portal.json", "access.json", "servers/github.json")
	f.effects["servers/github.json"] = []string{"steers", "breaks"}
	f.run().gives(true, "breaks,steers,widens").says("- Opened: #1, `First acceptance (portal engineering)`.", "An overview.")
	f.open("1 first [breaks portal-drift steers widens]")
	if text := f.number(1).Body; !strings.Contains(text, "\n\nAn overview.\n") {
		t.Errorf("the text is\n%s", text)
	}
	f.run().gives(false, "").onlyLooks()

	other := f.copied(t)
	f.merge(1, "--no-ff -m Merge")
	f.run().gives(false, "").says("Nothing differs.")
	f.open()
	f.branches()

	// Somebody accepts one file by hand.
	other.commit("main", other.accepted(map[string]string{"portal.json": f.portal["portal.json"]}), "By hand")
	other.run().gives(true, "breaks,steers,widens").says("Closed: #1, because ")
	other.open("2 access [portal-drift widens]", "3 servers/github [breaks portal-drift steers]")
	other.branches("access", "servers/github")
	if p := other.number(1); p.State != "CLOSED" || len(p.Comments) != 1 {
		t.Errorf("the first is %+v", p)
	}
}

// One request for each file; title, text and labels say what it brings.
func TestProposeEachFile(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/%47it%48ub.json")
	f.run().gives(false, "").onlyLooks()
	f.drifts("other", "portal.json", "servers/a.json", "servers/%47it%48ub.json")
	f.effects["servers/a.json"] = nil
	f.effects["portal.json"] = []string{"breaks", "widens", "steers"}
	f.titles["portal.json"] = "portal: hostname changed"
	f.run().gives(true, "breaks,steers,widens").output("open", true, "breaks,steers,widens").says("propose.sh 1")
	f.open("1 portal [breaks portal-drift steers widens]", "2 servers/%47it%48ub [portal-drift widens]", "3 servers/a [portal-drift]")
	p := f.number(1)
	if p.Title != "portal: hostname changed (portal engineering)" || !strings.HasPrefix(p.Body, f.says("portal.json")+"\n\n**To refuse this**, add the label `portal-drift-refused`.") || strings.Contains(p.Body, "servers/") {
		t.Errorf("it is %q\n%s", p.Title, p.Body)
	}

	// A person's labels stay. An approval stays as long as the content does.
	f.edit(func(h *hub) { h.Pulls[0].Labels = append(h.Pulls[0].Labels, "bug") })
	f.effects["portal.json"] = []string{"breaks"}
	f.effects["servers/a.json"] = []string{"widens"}
	heads := f.head("portal") + f.head("servers/a")
	f.run().gives(false, "").output("open", true, "breaks,widens")
	f.open("1 portal [breaks bug portal-drift]", "2 servers/%47it%48ub [portal-drift widens]", "3 servers/a [portal-drift widens]")
	if heads != f.head("portal")+f.head("servers/a") {
		t.Error("pushed without another content")
	}
	f.drifts("yet another", "servers/a.json")
	f.effects["servers/a.json"] = []string{"steers"}
	f.run().gives(true, "steers").says("Another content: #3, `servers/a.json changed (portal engineering)`.", "Still open: #1,")
	f.merge(3, "--squash")
	f.run().gives(false, "")
	f.branches("portal", "servers/%47it%48ub") // and its branch went with it
}

// A title is a commit's subject, and after a squash one on the default branch.
func TestProposeTitlesFromHostileNames(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.titles["servers/a.json"] = "a: \"[skip ci] Fixes #1 @everyone `x` $(touch $FORGE/pwned)\"\n::error::x|é" + strings.Repeat("x", 300)
	f.run()
	p := f.number(1)
	if want := `a: "?skip ci? Fixes ?1 ?everyone ?x? ?(touch ?FORGE/pwned)"?::error::x??` + strings.Repeat("x", 28) + " (portal engineering)"; p.Title != want {
		t.Errorf("the title is %q, want %q", p.Title, want)
	}
	if subject := f.bash("git -C origin.git log -1 --format=%B portal-drift/engineering/servers/a"); strings.TrimSpace(subject) != p.Title {
		t.Errorf("the commit says %q", subject)
	}
	f.run().onlyLooks()
	if _, err := os.Stat(filepath.Join(f.home, "pwned")); err == nil {
		t.Error("a title was run")
	}
}

// A person's words on the request give way to what it brings.
func TestProposeRestoresItsText(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	was := *f.number(1)
	f.edit(func(h *hub) {
		h.Pulls[0].Title, h.Pulls[0].Body, h.Pulls[0].Labels = "Harmless", "Harmless.", []string{"portal-drift"}
	})
	f.run().gives(false, "")
	if p := f.number(1); p.Title != was.Title || p.Body != was.Body {
		t.Errorf("it is %+v", p)
	}
	f.open("1 servers/a [portal-drift widens]")

	// As a browser saves it.
	f.edit(func(h *hub) {
		h.Pulls[0].Body = strings.TrimSpace(strings.ReplaceAll(was.Body, "\n", "\r\n"))
		h.Labels[slices.Index(h.Labels, "widens")] = "Widens"
		h.Pulls[0].Labels = []string{"portal-drift", "Widens"}
	})
	f.run().onlyLooks()
}

func TestProposeTheSameAgain(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/b.json")
	f.drifts("other", "portal.json", "servers/a.json")
	f.drifts("", "servers/b.json")
	f.run()
	f.run().gives(false, "").onlyLooks()
	f.commit("main", map[string]string{"README.md": "x\n"}, "Something else")
	f.run().gives(false, "").onlyLooks()
	// What the request would replace is another: it has to be read again.
	f.commit("main", f.accepted(map[string]string{"servers/a.json": content("servers/a.json", "by hand")}), "By hand")
	f.run().gives(true, "widens").says("Another content: #2,")
	f.open("1 portal [portal-drift widens]", "2 servers/a [portal-drift widens]", "3 servers/b [portal-drift widens]")
}

// A server that is gone, and one that is new.
func TestProposeFilesThatComeAndGo(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("", "servers/a.json")
	f.drifts("new", "servers/b.json")
	f.effects["servers/a.json"] = []string{"breaks"}
	f.run()
	f.open("1 servers/a [breaks portal-drift]", "2 servers/b [portal-drift widens]")
	f.run().onlyLooks()
	f.merge(1, "--squash")
	f.merge(2, "--squash")
	f.run().gives(false, "")
	f.branches()
}

func servers(first, last int) []string {
	var names []string
	for i := first; i <= last; i++ {
		names = append(names, fmt.Sprintf("servers/s%02d.json", i))
	}
	return names
}

// Ten files have a request of their own.
func TestProposeTen(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json")
	f.drifts("new", servers(1, 11)...)
	f.run().gives(true, "widens")
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("%d servers/s%02d [portal-drift widens]", i+1, i+1))
	}
	f.open(append(want, "11 rest [portal-drift widens]")...)
}

// A flood has so many requests, and one for all others; those that are open stay.
func TestProposeAFlood(t *testing.T) {
	t.Parallel()
	f := newForge(t, servers(1, 6)...)
	f.atMost(3)
	f.drifts("other", "servers/s05.json")
	f.run()
	f.drifts("other", servers(1, 6)...)
	for _, name := range servers(1, 6) {
		f.effects[name] = nil
	}
	f.effects["servers/s04.json"] = []string{"steers"}
	f.run().gives(true, "steers")
	opened := func(n int, id string) string { return fmt.Sprintf("%d servers/%s [portal-drift]", n, id) }
	f.open(opened(1, "s05"), opened(2, "s01"), opened(3, "s02"), "4 rest [portal-drift steers]")
	if got, want := f.brings("rest"), []string{"servers/s03.json", "servers/s04.json", "servers/s06.json"}; !slices.Equal(got, want) {
		t.Errorf("the rest brings %q", got)
	}
	p := f.number(4)
	if p.Title != "Other files that differ: 3 (portal engineering)" || !strings.Contains(p.Body, "\n- `servers/s03.json`: `servers/s03.json changed`\n") || strings.Contains(p.Body, "servers/s02.json") {
		t.Errorf("the rest is %q\n%s", p.Title, p.Body)
	}
	f.run().onlyLooks()

	// One more has room, and the rest one less.
	f.merge(2, "--squash")
	f.run().gives(true, "steers")
	f.open(opened(1, "s05"), opened(3, "s02"), "4 rest [portal-drift steers]", opened(5, "s03"))
	f.merge(4, "--squash")
	f.run().gives(false, "")
	f.open(opened(1, "s05"), opened(3, "s02"), opened(5, "s03"))
	if f.head("rest") != "" {
		t.Error("the branch of the rest is left")
	}
}

// A fork's branch of the same name is somebody else's, whatever it is called.
func TestProposeIgnoresForks(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	forks := func(state string) {
		f.edit(func(h *hub) {
			for range 120 {
				h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: state, Author: "eve", Title: "x", Body: "y", Base: "main", Head: "portal-drift/engineering/servers/a", Cross: true, Labels: []string{"portal-drift-refused"}})
			}
			// A request of this repository, but to another branch.
			h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: state, Author: "eve", Title: "x", Body: "y", Base: "release", Head: "portal-drift/engineering/servers/a"})
		})
	}
	forks("OPEN")
	f.drifts("other", "servers/a.json")
	f.run()
	if p := f.number(122); p.Head != "portal-drift/engineering/servers/a" || p.Base != "main" || p.Cross {
		t.Fatalf("opened is %+v", p)
	}
	// Newer ones of the fork's, and closed ones.
	forks("OPEN")
	forks("CLOSED")
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens").says("Another content: #122,")
	f.drifts("as accepted", "servers/a.json")
	f.run()
	for _, p := range f.hub().Pulls {
		if p.Number != 122 && (p.Body != "y" || p.State == "CLOSED" && p.Base == "main" && p.Number < 244 || len(p.Comments) > 0) {
			t.Errorf("touched is %+v", p)
		}
	}
	if p := f.number(122); p.State != "CLOSED" {
		t.Errorf("left is %+v", p)
	}
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens") // not refused

	// More than can be listed are an error, before anything is pushed.
	for range 5 {
		forks("CLOSED")
	}
	f.edit(func(h *hub) {
		for len(h.Pulls) < 2000 {
			h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: "CLOSED", Base: "main", Head: "portal-drift/engineering/servers/a", Cross: true})
		}
	})
	f.drifts("more", "servers/a.json")
	f.fails().onlyLooks().says("**Failed**: Listing the requests.")
}

// The branches belong to the workflow: what other people pushed is replaced, and can be
// fetched.
func TestProposeReplacesOthersWork(t *testing.T) {
	t.Parallel()
	base := newForge(t, "portal.json", "servers/a.json", "servers/b.json")
	base.drifts("other", "servers/a.json")
	base.run()
	const branch = "portal-drift/engineering/servers/a"
	file := base.dir() + "servers/a.json"
	checkout := "cd seed; git fetch -q; git checkout -q -B work origin/" + branch + "; "
	asBot := "git config user.name x; export GIT_AUTHOR_NAME='github-actions[bot]' GIT_COMMITTER_NAME='github-actions[bot]' GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com' GIT_COMMITTER_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'; "
	push := "; git push -q -f origin HEAD:" + branch
	for name, meddle := range map[string]struct {
		forged bool // as the bot's own, of which the comment says nothing
		do     func(*forge)
	}{
		"another file": {false, func(f *forge) {
			f.commit(branch, map[string]string{".github/workflows/x.yml": "x\n"}, "Add")
		}},
		"an accepted file of another server": {false, func(f *forge) {
			f.commit(branch, map[string]string{f.dir() + "servers/b.json": "x\n"}, "Add")
		}},
		"an edited file": {false, func(f *forge) {
			f.commit(branch, map[string]string{file: content("servers/a.json", "in part")}, "Edit")
		}},
		"a forged commit": {true, func(f *forge) {
			f.bash(checkout + asBot + "echo >> " + file + "; echo x > x; git add .; git commit -q -m 'servers/a.json changed (portal engineering)'" + push)
		}},
		"commits that cancel each other": {true, func(f *forge) {
			f.bash(checkout + asBot + "echo x > x; git add .; git commit -q -m x; git rm -q x; git commit -q -m y" + push)
		}},
		"an amended commit": {false, func(f *forge) { f.bash(checkout + "echo >> " + file + "; git commit -q -a --amend --no-edit" + push) }},
		"a merge that takes back what is on main": {false, func(f *forge) {
			f.commit("main", f.accepted(map[string]string{"servers/b.json": content("servers/b.json", "by hand")}), "By hand")
			f.portal["servers/b.json"] = content("servers/b.json", "by hand")
			f.bash(checkout + "git merge -q --no-edit -s ours origin/main" + push)
		}},
		"an update of the branch": {false, func(f *forge) {
			f.commit("main", map[string]string{"README.md": "x\n"}, "Something else")
			f.bash(checkout + "git merge -q --no-edit origin/main" + push)
		}},
		"another history": {false, func(f *forge) { f.bash("cd seed; git checkout -q --orphan other; git commit -qm x" + push) }},
		"nothing at all":  {false, func(f *forge) { f.bash("git -C origin.git branch -f " + branch + " main") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := base.copied(t)
			meddle.do(f)
			foreign := strings.TrimSpace(f.head("servers/a"))
			f.run().gives(true, "widens") // as holds says
			f.open("1 servers/a [portal-drift widens]")
			if how := "git init -q fetched; git -C fetched fetch -q file://$PWD/origin.git " + foreign; !strings.Contains(f.bash(how+" && echo fetched"), "fetched") {
				t.Error("what was replaced cannot be fetched")
			}
			comments := f.number(1).Comments
			if named := len(comments) == 1 && strings.Contains(comments[0].Body, foreign); named == meddle.forged && name != "nothing at all" {
				t.Errorf("the comments are %+v", comments)
			}
		})
	}
}

// Somebody does something while a run is under way.
func TestProposeWhileOthersAct(t *testing.T) {
	t.Parallel()
	base := newForge(t, "servers/a.json")
	base.drifts("other", "servers/a.json")
	base.run()
	const branch = "portal-drift/engineering/servers/a"
	const pushes = "cd seed && git fetch -q && git checkout -q -B work origin/" + branch + " && git -c user.name=p -c user.email=p commit -q --allow-empty -m x && git push -q origin HEAD:" + branch
	base.bash("git -C origin.git config receive.denyDeletes false")
	for name, at := range map[string]struct {
		portal, step, does string
		code               int
		open               string // after the next run
	}{
		"a push before the push":        {"yet another", "gh pr edit*", pushes, 1, "1 servers/a [portal-drift widens]"},
		"a push before the deletion":    {"as accepted", "gh pr close*", pushes, 1, ""},
		"a deletion before the push":    {"yet another", "gh pr edit*", "git -C origin.git branch -D " + branch, 1, "2 servers/a [portal-drift widens]"},
		"a deletion before the closing": {"as accepted", "gh pr close*", "git -C origin.git branch -D " + branch, 1, ""},
		"a label before the edit":       {"yet another", "gh pr edit*", "person label 1 portal-drift-refused", 0, "1 servers/a [portal-drift widens]"},
		"a close before the edit":       {"yet another", "gh pr edit*", "person close 1", 0, "2 servers/a [portal-drift widens]"},
		"a close before the closing":    {"as accepted", "gh pr close*", "person close 1", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := base.copied(t)
			f.drifts(at.portal, "servers/a.json")
			f.meanwhile(at.step, at.does)
			dir := f.clone()
			before := f.head("servers/a")
			f.propose(dir, f.encoded(plan(f.baseline(dir))), 0, "").exits(at.code)
			if _, err := os.Stat(filepath.Join(f.home, "meanwhile")); err == nil {
				t.Fatal("nobody did anything")
			}
			if strings.HasPrefix(at.does, "cd seed") && f.bash("git -C origin.git rev-parse "+branch+"~1") != before {
				t.Error("pushed over what it had not seen")
			}
			f.run()
			want := []string{at.open}
			if at.open == "" {
				want = nil
			}
			f.open(want...)
		})
	}
}

// After a squash merge the branch is no part of main, and is used again.
func TestProposeAfterMerges(t *testing.T) {
	t.Parallel()
	base := newForge(t, "portal.json", "servers/a.json")
	base.drifts("other", "servers/a.json")
	base.run()
	for _, how := range []string{"--squash", "--no-ff -m Merge"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			f := base.copied(t)
			f.merge(1, how)
			f.drifts("yet another", "servers/a.json")
			f.run().gives(true, "widens")
			f.open("2 servers/a [portal-drift widens]")
			f.merge(2, how)
			f.drifts("as accepted", "servers/a.json") // undone, once it had been accepted
			f.run().gives(true, "widens")
			f.merge(3, how)
			f.drifts("other", "servers/a.json") // and made again, as the first branch had it
			f.run().gives(true, "widens")
			f.open("4 servers/a [portal-drift widens]")
		})
	}
}

func TestProposeUndoneAtThePortal(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	head := strings.TrimSpace(f.head("servers/a"))
	f.drifts("as accepted", "servers/a.json")
	f.bash("git -C origin.git branch 'portal-drift/engineering/`x' main")
	f.run().gives(false, "").says("Closed: #1, because ", "Nothing differs.")
	f.branches("`x") // is nobody's business here
	f.bash("git -C origin.git branch -D 'portal-drift/engineering/`x'")
	if p := f.number(1); p.State != "CLOSED" || len(p.Comments) != 1 || !regexp.MustCompile(`^Closed, because .* was `+head+`\.$`).MatchString(p.Comments[0].Body) {
		t.Errorf("it is %+v", p)
	}
	f.branches()
	f.run().onlyLooks()
	// It was not refused, and nobody closed it.
	f.drifts("other", "servers/a.json")
	f.run().gives(true, "widens")
	f.open("2 servers/a [portal-drift widens]")
	if text := f.number(2).Body; strings.Contains(text, "#1") {
		t.Errorf("the text is\n%s", text)
	}
}
