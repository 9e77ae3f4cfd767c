//go:build unix

package examples

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whatever people do, after a run each file that differs is proposed once, or was refused,
// and nothing else is proposed. WALK=<seed>,<steps> walks further than each run of the tests.
func TestProposeAfterWhateverPeopleDo(t *testing.T) {
	t.Parallel()
	seed, steps := 1, 8
	if _, err := fmt.Sscanf(os.Getenv("WALK"), "%d,%d", &seed, &steps); err != nil && os.Getenv("WALK") != "" {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	names := servers(1, 4)
	f := newForge(t, names...)
	f.atMost(2)
	for step := range steps {
		for range 1 + r.IntN(3) {
			f.somebodyActs(r, names)
		}
		dir := f.clone()
		differing := f.baseline(dir)["files"].(map[string]any)
		f.propose(dir, f.encoded(plan(f.baseline(dir))), 0, "").exits(0)
		f.holds()
		proposed, refused := f.standing()
		for _, name := range names {
			want := 0
			if differing[name] != nil && !refused[name] {
				want = 1
			}
			if proposed[name] != want {
				t.Fatalf("step %d: %s is proposed %d times, want %d", step, name, proposed[name], want)
			}
		}
	}
}

// somebodyActs does one thing, at the portal, in the repository, or on a request.
func (f *forge) somebodyActs(r *rand.Rand, names []string) {
	f.t.Helper()
	var open, unmerged []int
	for _, p := range f.hub().Pulls {
		if p.State == "OPEN" {
			open = append(open, p.Number)
		}
		// One that has no branch is found again only when its file differs.
		if p.State != "MERGED" && f.head(strings.TrimPrefix(p.Head, "portal-drift/"+f.id+"/")) != "" {
			unmerged = append(unmerged, p.Number)
		}
	}
	act := r.IntN(9)
	if len(open) == 0 {
		act = 0
	}
	pick := func(from []int) int { return from[r.IntN(max(1, len(from)))] }
	aFile := func() map[string]string { return map[string]string{"x" + strconv.Itoa(r.IntN(1e6)): "x\n"} }
	switch act {
	case 0, 1:
		f.drifts([]string{"as accepted", "one", "two", ""}[r.IntN(4)], names[r.IntN(len(names))])
	case 2:
		f.refuse(pick(open))
	case 3:
		f.refuse(pick(unmerged))
	case 4:
		f.closeIt(pick(open))
	case 5:
		f.bash("git -C origin.git branch -D " + f.number(pick(open)).Head)
	case 6:
		f.commit(f.number(pick(open)).Head, aFile(), "x")
	case 7:
		f.merge(pick(open), "--squash")
	case 8:
		f.commit("main", aFile(), "x")
	}
	f.t.Logf("somebody does %d", act)
}

// standing returns how many open requests propose each file, and of which a request that
// has the label brought what it is at the portal now.
func (f *forge) standing() (proposed map[string]int, refused map[string]bool) {
	f.t.Helper()
	proposed, refused = map[string]int{}, map[string]bool{}
	for _, p := range f.hub().Pulls {
		labelled := slices.ContainsFunc(p.Labels, func(l string) bool { return strings.EqualFold(l, "portal-drift-refused") })
		switch {
		case p.State == "OPEN" && labelled:
			f.t.Errorf("#%d was refused, and is open", p.Number)
		case p.State == "OPEN":
			for _, name := range f.brings(strings.TrimPrefix(p.Head, "portal-drift/"+f.id+"/")) {
				proposed[name]++
			}
		case p.State == "CLOSED" && labelled:
			head, still := fmt.Sprintf("refs/pull/%d/head", p.Number), false
			for path := range strings.Lines(f.bash("cd origin.git; git diff --name-only main..." + head)) {
				path = strings.TrimSpace(path)
				name := strings.TrimPrefix(path, f.dir())
				if f.show(head, path) == f.portal[name] {
					refused[name], still = true, true
				}
			}
			if !still {
				f.t.Errorf("what was refused in #%d is gone, and its label is there", p.Number)
			}
		}
	}
	return proposed, refused
}
