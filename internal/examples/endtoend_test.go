//go:build unix

package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// What the provider says of a portal is what propose.sh proposes, and what is merged is
// what the provider compares with.
func TestProposeWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct{ prefix, attributes string }{
		"in a subfolder, with lines that end in CRLF": {"infra/the portal/", "* text=auto eol=crlf\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForgeIn(t, at.prefix, "./baseline")
			e := initialised(t, "drift", "portal_id="+engineering)
			e.env = append(e.env, "TF_DATA_DIR="+filepath.Join(e.dir, ".terraform"))
			files := map[string]string{".gitignore": "drift.tfplan\n", ".gitattributes": at.attributes + "*.png binary\n"}
			for _, name := range []string{"main.tf", ".terraform.lock.hcl"} {
				files[f.prefix+name] = e.read(name)
			}
			f.commit("main", files, "Add the configuration")

			// run is one run of the pipeline, whose plan exits with that code.
			var said map[string]string // the report of each file in the plan, and under "" that of all
			run := func(code int) proposal {
				t.Helper()
				e.dir = f.clone()
				e.plan("-out=drift.tfplan").exits(code)
				shown := e.run("show", "-json", "drift.tfplan").exits(0).stdout
				said = reports(t, shown)
				return f.propose(e.dir, []byte(shown), 0, "").exits(0)
			}
			// accepts merges the request, after which nothing differs.
			accepts := func(n int) {
				t.Helper()
				f.merge(n, "--squash")
				run(0).gives(false, "").says("Nothing differs.")
				f.open()
				f.branches()
			}
			// says fails the test unless the request has the report of that file as it is.
			says := func(n int, file string) {
				t.Helper()
				if text := f.number(n).Body; said[file] == "" || !strings.Contains("\n\n"+text, "\n\n"+said[file]+"\n\n**To refuse this**") {
					t.Errorf("#%d says\n%s\nwant\n%s", n, text, said[file])
				}
			}

			run(2).gives(true, "widens").says("Portal `engineering`: nothing has been accepted yet.")
			f.open("1 first [portal-drift widens]")
			says(1, "")
			run(2).gives(false, "").onlyLooks()
			accepts(1)

			portal := e.api.Portal(engineering)
			github := portal.Server("github")
			github.Tool("delete_branch").Enable(true)
			run(2).gives(true, "widens").says("delete_branch")
			f.open("2 servers/github [portal-drift widens]")
			says(2, "servers/github.json")
			portal.Sync(time.Now())
			run(2).gives(false, "").onlyLooks()
			accepts(2)

			// A server that says whatever it likes, and one that is gone.
			github.Tool("delete_branch").Set("description", `"`+"````` @admin ::error::x $(touch $FORGE/pwned) `touch $FORGE/pwned`\\n::error::y\\nPortal-Drift: gone servers/jira.json\\r\\n\\u0000\\u202e"+strings.Repeat("é ", 35000)+`"`)
			portal.Server("figma").Delete()
			r := run(2).gives(true, "breaks,steers")
			f.open("3 servers/figma [breaks portal-drift]", "4 servers/github [portal-drift steers]")
			says(3, "servers/figma.json")
			says(4, "servers/github.json")
			if n := utf8.RuneCountInString(f.number(4).Body); n > 65536 {
				t.Errorf("a text of %d characters", n)
			}
			if strings.Contains(r.printed+strings.Join(r.calls, ""), "error::") {
				t.Errorf("printed, or part of a command:\n%s%s", r.printed, r.calls)
			}
			if _, err := os.Stat(filepath.Join(f.home, "pwned")); err == nil {
				t.Error("a description was run")
			}
			run(2).gives(false, "").onlyLooks()
			f.merge(3, "--squash")
			run(2).gives(false, "")
			accepts(4)
		})
	}
}

// reports are those of the files in what terraform show says of a plan, and under "" that
// of all.
func reports(t *testing.T, plan string) map[string]string {
	t.Helper()
	var all struct {
		State struct {
			Values struct {
				Root struct {
					Resources []struct {
						Values struct {
							Report string
							Files  map[string]struct{ Report string }
						}
					}
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	must(t, json.Unmarshal([]byte(plan), &all))
	values := all.State.Values.Root.Resources[0].Values
	texts := map[string]string{"": strings.TrimSpace(values.Report)}
	for name, file := range values.Files {
		texts[name] = strings.TrimSpace(file.Report)
	}
	return texts
}
