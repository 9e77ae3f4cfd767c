//go:build unix

package examples

import (
	"fmt"
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

// A flood has ten requests, and one for all others; those that are open stay.
func TestProposeMoreThanTen(t *testing.T) {
	t.Parallel()
	f := newForge(t, servers(1, 13)...)
	f.drifts("other", "servers/s12.json", "servers/s05.json")
	f.run()
	f.drifts("other", servers(1, 13)...)
	for _, name := range servers(1, 13) {
		f.effects[name] = nil
	}
	f.effects["servers/s11.json"] = []string{"steers"}
	f.run().gives(true, "steers")
	opened := func(n int, id string) string {
		return fmt.Sprintf("%d servers/%s: server %s: no effect [portal-drift]", n, id, id)
	}
	want := []string{opened(1, "s05"), opened(2, "s12")}
	for i, id := range []string{"s01", "s02", "s03", "s04", "s06", "s07", "s08", "s09"} {
		want = append(want, opened(3+i, id))
	}
	f.open(append(want, "11 rest: 3 more files: steers [portal-drift steers]")...)
	if lines := f.brings("portal-drift/engineering/rest"); !regexp.MustCompile(`^\S+ \S+ servers/s10.json\n\S+ \S+ servers/s11.json\n\S+ \S+ servers/s13.json$`).MatchString(lines) {
		t.Errorf("the rest brings\n%s", lines)
	}
	if text := f.number(11).Body; !strings.Contains(text, "Report of servers/s10.json") || strings.Contains(text, "Report of servers/s09.json") {
		t.Errorf("the rest says\n%s", text)
	}
	f.run().onlyLooks()

	// One more has room, and the rest one less.
	f.merge(3, "--squash")
	f.run().gives(true, "steers")
	f.open(append(slices.Concat(want[:2], want[3:]), "11 rest: 2 more files: steers [portal-drift steers]", opened(12, "s10"))...)
	f.merge(11, "--squash")
	f.run().gives(false, "")
	f.open(append(slices.Concat(want[:2], want[3:]), opened(12, "s10"))...)
	if f.head("rest") != "" {
		t.Error("the branch of the rest is left")
	}

	// Reports that are too long together, and then too long alone.
	f.report = "All of it."
	f.drifts("more", servers(1, 13)...)
	f.reports["servers/s11.json"] = strings.Repeat("é", 31000)
	f.reports["servers/s13.json"] = strings.Repeat("é", 31000)
	f.reports["servers/s12.json"] = "Short."
	f.run()
	f.open(append(slices.Concat(want[:2], want[3:]), opened(12, "s10"), "13 rest: 3 more files: steers [portal-drift steers]")...)
	if text := f.number(13).Body; !strings.Contains(text, "All of it.") {
		t.Errorf("the rest says\n%s", text)
	}
}
