//go:build unix

package examples

import (
	"crypto/sha256"
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
	f.run().gives(true, "breaks,steers,widens").says("- Opened: first acceptance, #1.", "An overview.")
	f.open("1 first: first acceptance: widens [breaks portal-drift steers widens]")
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
	other.run().gives(true, "breaks,steers,widens").says("Withdrawn: #1. A file has been accepted")
	other.open("2 access: access.json: widens [portal-drift widens]", "3 servers/github: server github: steers [breaks portal-drift steers]")
	other.branches("access", "servers/github")
	if p := other.number(1); p.State != "CLOSED" || !slices.Contains(p.Labels, "portal-drift-withdrawn") || len(p.Comments) != 1 {
		t.Errorf("the first is %+v", p)
	}
}

// One request for each file; titles and labels follow what it brings.
func TestProposeEachFile(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/%47it%48ub.json")
	f.run().gives(false, "").onlyLooks()
	f.drifts("other", "portal.json", "servers/a.json", "servers/%47it%48ub.json")
	f.effects["servers/a.json"] = nil
	f.effects["portal.json"] = []string{"breaks", "widens", "steers"}
	f.reports["portal.json"] = "Said of the portal."
	f.run().gives(true, "breaks,steers,widens")
	f.open("1 portal: portal.json: widens [breaks portal-drift steers widens]",
		"2 servers/%47it%48ub: server GitHub: widens [portal-drift widens]",
		"3 servers/a: server a: no effect [portal-drift]")
	if text := f.number(1).Body; !strings.Contains(text, "\n\nSaid of the portal.\n\nPortal-Drift: ") || strings.Contains(text, "servers/") {
		t.Errorf("the text is\n%s", text)
	}

	// A person's labels stay. An approval stays as long as the content does.
	f.edit(func(h *hub) { h.Pulls[0].Labels = append(h.Pulls[0].Labels, "bug") })
	f.effects["portal.json"] = []string{"breaks"}
	f.effects["servers/a.json"] = []string{"widens"}
	heads := f.head("portal") + f.head("servers/a")
	f.run().gives(false, "")
	f.open("1 portal: portal.json: breaks [breaks bug portal-drift]",
		"2 servers/%47it%48ub: server GitHub: widens [portal-drift widens]",
		"3 servers/a: server a: widens [portal-drift widens]")
	if heads != f.head("portal")+f.head("servers/a") {
		t.Error("pushed without another content")
	}
	f.drifts("yet another", "servers/a.json")
	f.effects["servers/a.json"] = []string{"steers"}
	f.run().gives(true, "steers").says("Another content: server a, #3.", "Still open: portal.json, #1.")
	f.merge(3, "--squash")
	f.run().gives(false, "")
	f.branches("portal", "servers/%47it%48ub") // and its branch went with it
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
	f.open("1 servers/a: server a: widens [portal-drift widens]")

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
	// Update branch.
	f.bash("cd seed; git fetch -q; git checkout -q -B work origin/portal-drift/engineering/servers/a; git merge -q --no-edit origin/main; git push -q origin HEAD:portal-drift/engineering/servers/a")
	f.run().gives(false, "").onlyLooks()
	// And then another content.
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens")
	// What the request would replace is another: it has to be read again.
	f.commit("main", f.accepted(map[string]string{"servers/a.json": content("servers/a.json", "by hand")}), "By hand")
	f.run().gives(true, "widens").says("Another content: server a")
	f.open("1 portal: portal.json: widens [portal-drift widens]", "2 servers/a: server a: widens [portal-drift widens]", "3 servers/b: server b: widens [portal-drift widens]")
}

// A server that is gone, and one that is new.
func TestProposeFilesThatComeAndGo(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("", "servers/a.json")
	f.drifts("new", "servers/b.json")
	f.effects["servers/a.json"] = []string{"breaks"}
	f.run()
	f.open("1 servers/a: server a: breaks [breaks portal-drift]", "2 servers/b: server b: widens [portal-drift widens]")
	if text := f.number(1).Body; !strings.HasSuffix(text, "\nPortal-Drift: gone servers/a.json\n") {
		t.Errorf("the text is\n%s", text)
	}
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
		want = append(want, fmt.Sprintf("%d servers/s%02d: server s%02d: widens [portal-drift widens]", i+1, i+1, i+1))
	}
	f.open(append(want, "11 rest: 1 more file: widens [portal-drift widens]")...)
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
	opened := func(n int, id string) string {
		return fmt.Sprintf("%d servers/%s: server %s: no effect [portal-drift]", n, id, id)
	}
	f.open(opened(1, "s05"), opened(2, "s01"), opened(3, "s02"), "4 rest: 3 more files: steers [portal-drift steers]")
	if lines := f.brings("portal-drift/engineering/rest"); !regexp.MustCompile(`^\S+ \S+ servers/s03.json\n\S+ \S+ servers/s04.json\n\S+ \S+ servers/s06.json$`).MatchString(lines) {
		t.Errorf("the rest brings\n%s", lines)
	}
	if text := f.number(4).Body; !strings.Contains(text, "Report of servers/s03.json") || strings.Contains(text, "Report of servers/s02.json") {
		t.Errorf("the rest says\n%s", text)
	}
	f.run().onlyLooks()

	// One more has room, and the rest one less.
	f.merge(2, "--squash")
	f.run().gives(true, "steers")
	f.open(opened(1, "s05"), opened(3, "s02"), "4 rest: 2 more files: steers [portal-drift steers]", opened(5, "s03"))
	f.merge(4, "--squash")
	f.run().gives(false, "")
	f.open(opened(1, "s05"), opened(3, "s02"), opened(5, "s03"))
	if f.head("rest") != "" {
		t.Error("the branch of the rest is left")
	}

	// Reports that are too long together, and then too long alone.
	f.report = "All of it."
	f.drifts("more", "servers/s01.json", "servers/s04.json", "servers/s06.json")
	f.reports["servers/s04.json"] = strings.Repeat("é", 31000)
	f.reports["servers/s06.json"] = strings.Repeat("é", 31000)
	f.run()
	f.open(opened(1, "s05"), opened(3, "s02"), opened(5, "s03"), "6 rest: 3 more files: steers [portal-drift steers]")
	if text := f.number(6).Body; !strings.Contains(text, "All of it.") {
		t.Errorf("the rest says\n%s", text)
	}
}

// A fork's branch of the same name is somebody else's, whatever it is called.
func TestProposeIgnoresForks(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	forks := func(state string) {
		f.edit(func(h *hub) {
			for range 40 {
				h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: state, Title: "x", Body: "y", Base: "main", Head: "portal-drift/engineering/servers/a", Cross: true})
			}
			// A request of this repository, but to another branch.
			h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: state, Title: "x", Body: "y", Base: "release", Head: "portal-drift/engineering/servers/a"})
		})
	}
	forks("OPEN")
	f.drifts("other", "servers/a.json")
	f.run()
	mine := f.number(42)
	if mine.Head != "portal-drift/engineering/servers/a" || mine.Title != "Portal engineering, server a: widens" {
		t.Fatalf("opened is %+v", mine)
	}
	// A newer one of the fork's; a closed one that says the same refuses nothing.
	forks("OPEN")
	f.edit(func(h *hub) {
		h.Pulls = append(h.Pulls, &pull{Number: len(h.Pulls) + 1, State: "CLOSED", Title: "x", Body: "y", Base: "main", Head: "portal-drift/engineering/servers/a", Cross: true})
	})
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens").says("Another content: server a, #42.")
	again := f.number(42).Body // which a closed one of the fork's says, too
	f.edit(func(h *hub) { h.Pulls[len(h.Pulls)-1].Body = again })
	f.drifts("as accepted", "servers/a.json")
	f.run()
	for _, p := range f.hub().Pulls {
		if p.Number != 42 && (p.Body != "y" && p.Body != again || p.State == "CLOSED" && p.Body == "y" && p.Base == "main" || len(p.Comments)+len(p.Labels) > 0) {
			t.Errorf("touched is %+v", p)
		}
	}
	if p := f.number(42); p.State != "CLOSED" {
		t.Errorf("left is %+v", p)
	}
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens") // not refused
}

// Work of other people on a branch is neither pushed over nor passed off as reviewed.
func TestProposeLeavesOthersWorkAlone(t *testing.T) {
	t.Parallel()
	base := newForge(t, "portal.json", "servers/a.json", "servers/b.json")
	base.drifts("other", "servers/a.json")
	base.run()
	const branch = "portal-drift/engineering/servers/a"
	file := base.dir() + "servers/a.json"
	for name, meddle := range map[string]func(*forge){
		"another file": func(f *forge) { f.commit(branch, map[string]string{".github/workflows/x.yml": "x\n"}, "Add") },
		"an accepted file of another server": func(f *forge) {
			f.commit(branch, map[string]string{f.dir() + "servers/b.json": "x\n"}, "Add")
		},
		"a file of another server, with its trailer": func(f *forge) {
			hash := sha256.Sum256([]byte("x\n"))
			f.commit(branch, map[string]string{f.dir() + "servers/b.json": "x\n"}, fmt.Sprintf("Add\n\nPortal-Drift: %x servers/b.json", hash))
		},
		"an edited file": func(f *forge) {
			f.commit(branch, map[string]string{file: content("servers/a.json", "in part")}, "Edit")
		},
		"an amended commit": func(f *forge) {
			f.bash("cd seed; git fetch -q; git checkout -q -B work origin/" + branch + "; echo >> " + file + "; git commit -q -a --amend --no-edit; git push -q -f origin HEAD:" + branch)
		},
		"another file's trailer": func(f *forge) {
			f.commit(branch, map[string]string{file: content("servers/a.json", "in part")}, "Edit\n\n"+strings.ReplaceAll(f.brings(branch), "servers/a", "servers/b"))
		},
		"an edit in a merge": func(f *forge) {
			f.commit("main", map[string]string{"README.md": "x\n"}, "Something else")
			f.bash("cd seed; git fetch -q; git checkout -q -B work origin/" + branch + "; git merge -q --no-commit origin/main; echo >> " + file + "; git commit -q -a -m Merge; git push -q origin HEAD:" + branch)
		},
		"another history": func(f *forge) {
			f.bash("cd seed; git fetch -q; git checkout -q --orphan other; git commit -qm x; git push -q -f origin HEAD:" + branch)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := base.copied(t)
			meddle(f)
			head, was := f.head("servers/a"), *f.number(1)
			f.drifts("yet another", "servers/a.json", "servers/b.json")
			f.fails().gives(true, "widens").says("`" + branch + "` has commits of somebody else, and is left alone: #1.")
			f.drifts("as accepted", "servers/a.json")
			f.fails().says("is left alone: #1.")
			p := f.number(1)
			if f.head("servers/a") != head || p.Title != was.Title || p.Body != was.Body || p.State != "OPEN" || len(p.Comments) != 1 {
				t.Errorf("it is %+v", p)
			}
			f.open("1 servers/a: server a: widens [portal-drift widens]", "2 servers/b: server b: widens [portal-drift widens]")

			// As the comment says.
			f.bash("git -C origin.git branch -D " + branch)
			f.edit(func(h *hub) { h.Pulls[0].Labels = append(h.Pulls[0].Labels, h.label("portal-drift-withdrawn")) })
			f.drifts("other", "servers/a.json")
			f.run().gives(true, "widens")
			f.open("2 servers/b: server b: widens [portal-drift widens]", "3 servers/a: server a: widens [portal-drift widens]")
		})
	}
}

// Somebody pushes after the run has looked, to a branch that it would change or delete.
func TestProposePushesOverWhatItSaw(t *testing.T) {
	t.Parallel()
	base := newForge(t, "servers/a.json")
	base.drifts("other", "servers/a.json")
	base.run()
	hook := filepath.Join(base.home, "bin", "gh")
	script, err := os.ReadFile(hook)
	must(t, err)
	// While gh edits the text.
	race := strings.Replace(string(script), "code=0\n", `if [ "$2" = edit ]; then
  (unset GIT_INDEX_FILE && cd "$FORGE/seed" && "$TEST_GIT" fetch -q && "$TEST_GIT" checkout -q -B work origin/portal-drift/engineering/servers/a && "$TEST_GIT" -c user.name=p -c user.email=p commit -q --allow-empty -m x && "$TEST_GIT" push -q origin HEAD:portal-drift/engineering/servers/a)
fi
code=0
`, 1)
	must(t, os.WriteFile(hook, []byte(race), 0o755))
	for _, text := range []string{"yet another", "as accepted"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			f := base.copied(t)
			f.drifts(text, "servers/a.json")
			dir := f.clone()
			before := f.head("servers/a")
			f.propose(dir, f.encoded(plan(f.baseline(dir))), 0, "").exits(1).gives(false, "")
			if parent := f.bash("git -C origin.git rev-parse portal-drift/engineering/servers/a~1"); parent != before {
				t.Error("pushed over what it had not seen")
			}
		})
	}
}

// After a squash merge the branch is no part of main, and is used again.
func TestProposeAfterMerges(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"--squash", "--no-ff -m Merge"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			f := newForge(t, "portal.json", "servers/a.json")
			f.drifts("other", "servers/a.json")
			f.run()
			f.merge(1, how)
			f.drifts("yet another", "servers/a.json")
			f.run().gives(true, "widens")
			f.open("2 servers/a: server a: widens [portal-drift widens]")
			f.merge(2, how)
			f.drifts("as accepted", "servers/a.json") // taken back, once it had been accepted
			f.run().gives(true, "widens")
			f.open("3 servers/a: server a: widens [portal-drift widens]")
			f.merge(3, how)
			f.run().gives(false, "")
			f.open()
			f.branches()
		})
	}
}

func TestProposeTakenBack(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	f.drifts("as accepted", "servers/a.json")
	f.bash("git -C origin.git branch 'portal-drift/engineering/`x' main")
	f.run().gives(false, "").says("Withdrawn: #1. As accepted again", "Nothing differs.")
	f.branches("`x") // is nobody's business here
	f.bash("git -C origin.git branch -D 'portal-drift/engineering/`x'")
	p := f.number(1)
	if p.State != "CLOSED" || !slices.Contains(p.Labels, "portal-drift-withdrawn") || len(p.Comments) != 1 || !strings.Contains(p.Comments[0].Body, "As accepted again") {
		t.Errorf("it is %+v", p)
	}
	f.branches()
	f.run().onlyLooks()
	// It was withdrawn, and not refused.
	f.drifts("other", "servers/a.json")
	f.run().gives(true, "widens")
	f.open("2 servers/a: server a: widens [portal-drift widens]")
}

// A request that a person closes says no, to this content.
func TestProposeRefused(t *testing.T) {
	t.Parallel()
	f := newForge(t, servers(1, 5)...)
	f.atMost(3)
	f.drifts("other", "servers/s01.json", "servers/s02.json")
	f.run()
	f.edit(func(h *hub) {
		h.Pulls[0].State = "CLOSED"
		h.Pulls[0].Body = strings.TrimSpace(strings.ReplaceAll(h.Pulls[0].Body, "\n", "\r\n")) // edited in a browser
	})
	f.run().gives(false, "").onlyLooks().says("**Refused and still there**: `servers/s01.json`, #1.")
	f.open("2 servers/s02: server s02: widens [portal-drift widens]")
	f.branches("servers/s01", "servers/s02")

	other := f.copied(t)
	other.drifts("yet another", "servers/s01.json")
	other.run().gives(true, "widens")
	other.open("2 servers/s02: server s02: widens [portal-drift widens]", "3 servers/s01: server s01: widens [portal-drift widens]")
	other.drifts("other", "servers/s01.json") // the refused content again
	other.run().gives(true, "widens")         // of an open request

	back := f.copied(t)

	// In a flood it takes no request from another, and doesn't come with the rest.
	f.drifts("other", servers(3, 5)...)
	f.run().gives(true, "widens").says("**Refused and still there**: `servers/s01.json`, #1.")
	if rest := f.brings("portal-drift/engineering/rest"); strings.Count(rest, "\n") != 0 || !strings.HasSuffix(rest, " servers/s05.json") {
		t.Errorf("the rest is\n%s", rest)
	}
	f.edit(func(h *hub) { h.Pulls[len(h.Pulls)-1].State = "CLOSED" })
	f.run().onlyLooks().says("**Refused and still there**: 1 more file, #5.")

	// Taken back at last.
	back.drifts("as accepted", "servers/s01.json", "servers/s02.json")
	back.run().gives(false, "")
	back.open()
	back.branches()
	back.drifts("other", "servers/s01.json")
	back.run().onlyLooks().says("**Refused and still there**: `servers/s01.json`, #1.")
	// With the label it is as if it had been withdrawn.
	back.edit(func(h *hub) { h.Pulls[0].Labels = append(h.Pulls[0].Labels, "portal-drift-withdrawn") })
	back.run().gives(true, "widens")
}

// The first acceptance can be refused, too.
func TestProposeRefusedFirst(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.drifts("new", "portal.json", "servers/a.json")
	f.run()
	f.edit(func(h *hub) { h.Pulls[0].State = "CLOSED" })
	f.run().onlyLooks().says("**Refused and still there**: first acceptance, #1.")
	f.drifts("newer", "servers/a.json")
	f.run().gives(true, "widens")
	f.open("2 first: first acceptance: widens [portal-drift widens]")
}

// What is not known is neither proposed nor taken back.
func TestProposeUndetermined(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/b.json")
	f.undetermined["a"] = "a: the tools are not known"
	f.run().gives(false, "").onlyLooks().says("> [!WARNING]", "```text\na: the tools are not known\n```")
	f.open()

	clear(f.undetermined)
	f.drifts("other", "servers/a.json", "servers/b.json")
	f.run()
	f.undetermined["a"] = "a: the tools are not known"
	f.drifts("as accepted", "servers/b.json")
	f.run().gives(false, "").says("Can't be compared at the moment, so it stays: `servers/a`", "Withdrawn: #2.")
	f.open("1 servers/a: server a: widens [portal-drift widens]")
	f.drifts("as accepted", "servers/a.json")
	f.undetermined = map[string]string{"": "portal: its servers are not known"}
	f.run().onlyLooks().says("Can't be compared at the moment, so it stays: `servers/a`")
	f.open("1 servers/a: server a: widens [portal-drift widens]")
	clear(f.undetermined)
	f.drifts("other", "servers/a.json")
	f.run().onlyLooks()
}

// Of these nobody knows what they would be if all were known.
func TestProposeUndeterminedRestAndAccess(t *testing.T) {
	t.Parallel()
	f := newForge(t, "access.json", "servers/a.json")
	f.atMost(1)
	f.drifts("other", "access.json", "servers/a.json")
	f.run()
	f.undetermined["a"] = "a: the tools are not known"
	f.drifts("as accepted", "access.json")
	f.run().onlyLooks().says("so it stays: `access`", "so it stays: `rest`")
	f.open("1 access: access.json: widens [portal-drift widens]", "2 rest: 1 more file: widens [portal-drift widens]")
}

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
	f.open("1 servers/a: server a: widens [portal-drift widens]")
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
	f.open("1 portal: portal.json: no effect [portal-drift]")
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
		if r.code == 0 || len(r.calls) > 0 || r.outputs != "new=false\neffects=\n" || !strings.Contains(r.summary, "**Failed**") {
			t.Errorf("%s: exit code %d, %q, %q, %s", name, r.code, r.calls, r.outputs, r.summary)
		}
	}
	f.open("1 servers/a: server a: widens [portal-drift widens]")

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
	f.propose(dir, f.encoded(plan(values)), 0, "").exits(1).gives(true, "widens").says("**Failed**: portal-drift/engineering/servers/a.", "**Failed**: portal-drift/engineering/servers/b.")
	f.open("1 servers/c: server c: widens [portal-drift widens]")
}

// A text that GitHub would not take leaves everything as it is.
func TestProposeATextThatIsTooLong(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json", "servers/b.json", "servers/c.json")
	f.drifts("other", "servers/a.json")
	f.run()
	head, was := f.head("servers/a"), *f.number(1)
	f.drifts("yet another", "servers/a.json", "servers/b.json", "servers/c.json")
	f.reports["servers/a.json"] = strings.Repeat("é", 65537)
	f.reports["servers/b.json"] = strings.Repeat("é", 65537)
	f.reports["servers/c.json"] = strings.Repeat("é", 60000)
	dir := f.clone()
	f.propose(dir, f.encoded(plan(f.baseline(dir))), 0, "").exits(1).gives(true, "widens").says("longer than GitHub takes")
	if p := f.number(1); f.head("servers/a") != head || p.Body != was.Body {
		t.Errorf("it is %+v", p)
	}
	f.open("1 servers/a: server a: widens [portal-drift widens]", "2 servers/c: server c: widens [portal-drift widens]")
	f.branches("servers/a", "servers/c")
}

// Whatever step a run does not come past, or does not come back from, the next one ends
// where one that came through would have.
func TestProposeAfterARunThatBrokeOff(t *testing.T) {
	t.Parallel()
	later := newForge(t, "portal.json", "servers/a.json", "servers/b.json", "servers/c.json")
	later.drifts("other", "servers/a.json", "servers/b.json")
	later.run()
	later.drifts("yet another", "servers/a.json")
	later.effects["servers/a.json"] = []string{"steers"}
	later.drifts("as accepted", "servers/b.json")
	later.drifts("other", "servers/c.json")
	first := newForge(t)
	first.drifts("new", "portal.json", "servers/a.json")
	first.run()
	first.commit("main", first.accepted(map[string]string{"portal.json": first.portal["portal.json"]}), "By hand")
	for name, base := range map[string]*forge{"later": later, "first": first} {
		state := func(f *forge) string {
			var b strings.Builder
			for _, p := range f.hub().Pulls {
				slices.Sort(p.Labels)
				fmt.Fprintln(&b, p.Number, p.State, p.Head, p.Title, p.Labels, p.Body)
			}
			b.WriteString(f.bash("for b in $(git -C origin.git for-each-ref --format='%(refname)' refs/heads/); do echo $b; git -C origin.git ls-tree -r $b; done"))
			return b.String()
		}
		whole := base.copied(t)
		steps := whole.run().calls
		want := state(whole)
		if len(steps) < 8 {
			t.Fatalf("only %q", steps)
		}
		for i, step := range steps {
			at := i + 1
			for _, how := range []string{"fail", "kill"} {
				// To be killed after a look is to be killed after the step before it, and a
				// label that nothing has yet changes nothing.
				if how == "kill" && (looks.MatchString(step) || strings.HasPrefix(step, "gh label create ")) || how == "fail" && name == "first" {
					continue
				}
				t.Run(fmt.Sprint(name, at, how), func(t *testing.T) {
					t.Parallel()
					f := base.copied(t)
					heads := f.head("servers/a")
					f.runsTo(at, how)
					// Whatever is on the branch was written down before.
					if p := f.number(1); f.head("servers/a") != heads && p.Head == "portal-drift/engineering/servers/a" && !strings.Contains(p.Body, f.brings(p.Head)) {
						t.Errorf("another content under an old text: %+v", p)
					}
					f.run()
					if got := state(f); got != want {
						t.Errorf("it ends as\n%s\nwant\n%s", got, want)
					}
				})
			}
		}
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
	f.open("1 servers/a: server a: no effect [portal-drift]")
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
	// What a report quotes is no trailer: nothing of this was refused.
	f.edit(func(h *hub) { h.Pulls[0].State = "CLOSED" })
	f.drifts("", "servers/a.json")
	f.run().gives(true, "")
}

// The configuration may be anywhere in the repository, and the files in its own folder.
func TestProposeInAnyFolder(t *testing.T) {
	t.Parallel()
	for _, at := range [][2]string{{"", "./baseline"}, {"", "."}, {"drift/", "."}, {"a b/[c]/", "./x y&/z"}, {"drift/", "modules/m/../n"}} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			f := newForgeIn(t, at[0], at[1])
			f.drifts("new", "portal.json", "servers/a.json")
			f.run()
			f.open("1 first: first acceptance: widens [portal-drift widens]")
			f.run().onlyLooks()
			f.merge(1, "--squash")
			f.drifts("other", "servers/a.json")
			f.drifts("", "portal.json")
			f.run()
			f.open("2 portal: portal.json: widens [portal-drift widens]", "3 servers/a: server a: widens [portal-drift widens]")
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
	f.open("1 portal-drift/engineering/servers/a: Portal engineering, server a: widens [portal-drift widens]", "2 servers/a: server a: widens [portal-drift widens]")
	f.id = "engineering"
	f.drifts("as accepted", "servers/a.json")
	f.run()
	f.open("2 portal-drift/engineering-2/servers/a: Portal engineering-2, server a: widens [portal-drift widens]")
}
