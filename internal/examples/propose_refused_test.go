//go:build unix

package examples

import (
	"slices"
	"strings"
	"testing"
)

// A request with the label is closed, its content is not proposed again, and each run
// reports it, until it is gone. The next time is a first time.
func TestProposeRefused(t *testing.T) {
	t.Parallel()
	f := newForge(t, servers(1, 5)...)
	f.atMost(3)
	f.drifts("other", "servers/s01.json", "servers/s02.json")
	f.run()
	f.refuse(1)
	f.run().gives(false, "").refuses("widens").says("Closed: #1, because ", "**Refused and still there**: `servers/s01`, #1.")
	f.open("2 servers/s02 [portal-drift widens]")
	f.branches("servers/s01", "servers/s02")
	f.run().onlyLooks().refuses("widens").output("open", true, "widens").says("**Refused and still there**: `servers/s01`, #1.")
	f.edit(func(h *hub) { h.Pulls[0].Title, h.Pulls[0].Body = "Harmless", "Nothing." }) // what people edit is not what was refused
	f.run().onlyLooks()

	t.Run("it changes further", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		f.drifts("yet another", "servers/s01.json")
		f.run().gives(true, "widens").output("refused", false, "").says("What was refused in #1 is gone, and so is its label.")
		f.open("2 servers/s02 [portal-drift widens]", "3 servers/s01 [portal-drift widens]")
		f.drifts("other", "servers/s01.json") // the refused content again, for the first time
		f.run().gives(true, "widens").says("Another content: #3,")
		f.open("2 servers/s02 [portal-drift widens]", "3 servers/s01 [portal-drift widens]")
	})
	t.Run("a flood", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		// It takes no request from another, and does not come with the rest.
		f.drifts("other", servers(3, 5)...)
		f.run().gives(true, "widens").refuses("widens")
		f.open("2 servers/s02 [portal-drift widens]", "3 servers/s03 [portal-drift widens]", "4 servers/s04 [portal-drift widens]", "5 rest [portal-drift widens]")
		if rest := f.brings("rest"); !slices.Equal(rest, servers(5, 5)) {
			t.Errorf("the rest is %q", rest)
		}
		f.refuse(5)
		f.run().gives(false, "").says("**Refused and still there**: `servers/s05`, #5.")
		f.run().onlyLooks().says("**Refused and still there**: `servers/s05`, #5.")
		f.merge(4, "--squash") // there is room for one more, which was refused
		f.run().gives(false, "").says("**Refused and still there**: `servers/s05`, #5.")
		f.drifts("as accepted", "servers/s05.json")
		f.run()
		f.branches("servers/s01", "servers/s02", "servers/s03")
		if p := f.number(5); slices.Contains(p.Labels, "Portal-Drift-Refused") {
			t.Errorf("it is %+v", p)
		}
	})
	t.Run("a cleanup deletes the branch", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		f.bash("git -C origin.git branch -D portal-drift/engineering/servers/s01")
		f.run().gives(false, "").refuses("widens")
		f.branches("servers/s01", "servers/s02")
	})
	t.Run("it is undone", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		f.drifts("as accepted", "servers/s01.json", "servers/s02.json")
		f.run().gives(false, "").output("refused", false, "")
		f.open()
		f.branches()
		f.drifts("other", "servers/s01.json")
		f.run().gives(true, "widens")
		f.open("3 servers/s01 [portal-drift widens]")
	})
	t.Run("it cannot be compared", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		f.undetermined["s01"] = "s01: the tools are not known"
		f.run().onlyLooks().output("undetermined", true, "")
		clear(f.undetermined)
		f.run().onlyLooks().refuses("widens").output("undetermined", false, "")
	})
	t.Run("the label is taken off", func(t *testing.T) {
		t.Parallel()
		f := f.copied(t)
		f.edit(func(h *hub) { h.Pulls[0].Labels = []string{"portal-drift"} })
		f.run().gives(true, "widens")
		f.open("2 servers/s02 [portal-drift widens]", "3 servers/s01 [portal-drift widens]")
		// The old one says no to what the new one brings, too.
		f.refuse(1)
		f.run().refuses("widens").says("**Refused and still there**: `servers/s01`, #1.", "Closed: #3, because ")
		f.open("2 servers/s02 [portal-drift widens]")
		f.run().onlyLooks()
	})
}

// Whoever closes a request without the label, be it a bot for stale ones or one that
// deletes branches, gets a new one that links it.
func TestProposeClosedWithoutTheLabel(t *testing.T) {
	t.Parallel()
	f := newForge(t, "servers/a.json")
	f.drifts("other", "servers/a.json")
	f.run()
	f.closeIt(1)
	f.run().gives(true, "widens").output("refused", false, "").says("Opened: #2,")
	text := f.number(2).Body
	if !strings.Contains(text, "\n\n#1 was closed without the label `portal-drift-refused`,") || !strings.Contains(text, "**To refuse this**, add the label") {
		t.Errorf("the text is\n%s", text)
	}
	f.run().onlyLooks() // and says so as long as it is open
	f.bash("git -C origin.git branch -D portal-drift/engineering/servers/a")
	f.run().gives(true, "widens")
	if text := f.number(3).Body; !strings.Contains(text, "\n\n#2 was closed without the label `portal-drift-refused`,") {
		t.Errorf("the text is\n%s", text)
	}
	f.drifts("yet another", "servers/a.json")
	f.run().gives(true, "widens")
	if text := f.number(3).Body; !strings.Contains(text, "\n\n#2 was closed without the label `portal-drift-refused`,") {
		t.Errorf("the text is\n%s", text)
	}
	// After one that was refused, nobody has to be told.
	f.refuse(3)
	f.run()
	f.drifts("more", "servers/a.json")
	f.run().gives(true, "widens")
	if text := f.number(4).Body; strings.Contains(text, "was closed without") {
		t.Errorf("the text is\n%s", text)
	}
}

// Nobody can refuse what is yet to come.
func TestProposeRefusedBeforehand(t *testing.T) {
	t.Parallel()
	const branch = "portal-drift/engineering/servers/a"
	base := newForge(t, "servers/a.json")
	later := content("servers/a.json", "later")
	file := base.dir() + "servers/a.json"

	t.Run("by a request of one's own", func(t *testing.T) {
		t.Parallel()
		f := base.copied(t)
		f.bash("git -C origin.git branch " + branch + " main")
		f.commit(branch, map[string]string{file: later}, "x")
		f.edit(func(h *hub) {
			h.Labels = append(h.Labels, "portal-drift-refused")
			h.Pulls = append(h.Pulls, &pull{Number: 1, State: "OPEN", Author: "eve", Title: "x", Body: "y", Base: "main", Head: branch, Labels: []string{"portal-drift-refused"}})
		})
		f.closeIt(1)
		f.portal["servers/a.json"] = later
		f.run().gives(true, "widens").output("refused", false, "").says("#1 has the label `portal-drift-refused` and refuses nothing, because eve opened it and not app/github-actions")
		f.open("2 servers/a [portal-drift widens]")
	})
	t.Run("by a push to the workflow's request", func(t *testing.T) {
		t.Parallel()
		for _, state := range []string{"OPEN", "CLOSED"} {
			f := base.copied(t)
			f.drifts("other", "servers/a.json")
			f.run()
			f.commit(branch, map[string]string{file: later}, "x")
			f.refuse(1)
			f.edit(func(h *hub) { h.Pulls[0].State = state })
			f.run().output("refused", false, "").output("open", true, "widens")
			f.portal["servers/a.json"] = later
			f.run().gives(true, "widens").output("refused", false, "")
		}
	})
	// What was labelled is another content by now, so the label is taken off.
	t.Run("by the label alone", func(t *testing.T) {
		t.Parallel()
		f := base.copied(t)
		f.drifts("other", "servers/a.json")
		f.run()
		f.refuse(1)
		f.portal["servers/a.json"] = later
		f.run().gives(true, "widens").output("refused", false, "")
		f.open("1 servers/a [portal-drift widens]")
	})
	// With an App's token, its requests are the workflow's own, and no others.
	t.Run("of an App", func(t *testing.T) {
		t.Parallel()
		f := base.copied(t)
		f.vars = []string{"PORTAL_DRIFT_AUTHOR=app/drift"}
		f.drifts("other", "servers/a.json")
		f.run()
		f.refuse(1)
		f.run().output("refused", false, "").says("because app/github-actions opened it and not app/drift (`PORTAL_DRIFT_AUTHOR`)")
		f.edit(func(h *hub) { h.Pulls[0].Author = "app/drift" })
		f.run().refuses("widens")
	})
}

// The first acceptance is refused as a whole.
func TestProposeRefusedFirst(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	f.drifts("new", "portal.json", "servers/a.json", "servers/b.json")
	f.run()
	f.refuse(1)
	f.run().refuses("widens").says("**Refused and still there**: `first`, #1.")
	f.run().onlyLooks()
	other := f.copied(t)
	f.drifts("newer", "servers/a.json")
	f.run().gives(true, "widens")
	f.open("2 first [portal-drift widens]")

	// Less is another content, too.
	other.drifts("", "servers/b.json")
	other.run().gives(true, "widens")
	other.open("2 first [portal-drift widens]")
	// A file that is accepted by hand leaves the others to be proposed.
	other.refuse(2)
	other.run()
	other.commit("main", other.accepted(map[string]string{"portal.json": other.portal["portal.json"]}), "By hand")
	other.run().gives(true, "widens").output("refused", false, "")
	other.open("3 servers/a [portal-drift widens]")
	other.branches("servers/a")
}

// What is not known is neither proposed nor undone.
func TestProposeUndetermined(t *testing.T) {
	t.Parallel()
	f := newForge(t, "portal.json", "servers/a.json", "servers/b.json")
	f.undetermined["a"] = "a: the tools are not known"
	f.run().gives(false, "").onlyLooks().output("undetermined", true, "").says("> [!WARNING]", "```text\na: the tools are not known\n```")
	f.open()

	clear(f.undetermined)
	f.drifts("other", "servers/a.json", "servers/b.json")
	f.run()
	f.undetermined["a"] = "a: the tools are not known"
	f.drifts("as accepted", "servers/b.json")
	f.run().gives(false, "").output("open", true, "widens").says("Cannot be compared at the moment, so it stays: `servers/a`", "Closed: #2, because ")
	f.open("1 servers/a [portal-drift widens]")
	f.drifts("as accepted", "servers/a.json")
	f.undetermined = map[string]string{"": "portal: its servers are not known"}
	f.run().onlyLooks().says("Cannot be compared at the moment, so it stays: `servers/a`")
	f.open("1 servers/a [portal-drift widens]")
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
	f.open("1 access [portal-drift widens]", "2 rest [portal-drift widens]")
}
