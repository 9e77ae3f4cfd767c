package baseline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/mcp-portals/terraform-provider-mcp/internal/baseline"
	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@\n$`)

// patched returns a file with a patch applied, strictly: each line that stays or goes
// has to be there, at the place that is named.
func patched(before, patch string) (string, error) {
	old := slices.Collect(strings.Lines(before))
	lines := slices.Collect(strings.Lines(patch))
	if len(lines) < 3 || !strings.HasPrefix(lines[0], "--- ") || !strings.HasPrefix(lines[1], "+++ ") {
		return "", errors.New("it does not begin with two names")
	}
	var out strings.Builder
	at := 0
	for i := 2; i < len(lines); {
		hunk := hunkHeader.FindStringSubmatch(lines[i])
		if hunk == nil {
			return "", fmt.Errorf("line %d is no hunk: %s", i, lines[i])
		}
		number := func(text string) int { // 1 where it is left out
			n, err := strconv.Atoi(text)
			if err != nil {
				return 1
			}
			return n
		}
		from, fromCount, toCount := number(hunk[1]), number(hunk[2]), number(hunk[3])
		if fromCount > 0 {
			from--
		}
		for ; at < from && at < len(old); at++ {
			out.WriteString(old[at])
		}
		if at != from {
			return "", fmt.Errorf("line %d: a hunk at %d, where %d has been read", i, from, at)
		}
		for i++; i < len(lines) && !strings.HasPrefix(lines[i], "@@ "); i++ {
			line := lines[i][1:]
			if i+1 < len(lines) && strings.HasPrefix(lines[i+1], `\ No newline`) {
				line = strings.TrimSuffix(line, "\n")
			}
			switch lines[i][0] {
			case '\\':
			case '+':
				out.WriteString(line)
				toCount--
			case ' ', '-':
				if at >= len(old) || old[at] != line {
					return "", fmt.Errorf("line %d is not what stands at %d", i, at)
				}
				at++
				fromCount--
				if lines[i][0] == ' ' {
					out.WriteString(line)
					toCount--
				}
			default:
				return "", fmt.Errorf("line %d begins with %q", i, lines[i][0])
			}
		}
		if fromCount != 0 || toCount != 0 {
			return "", fmt.Errorf("a hunk is of another length than it says: %d, %d", fromCount, toCount)
		}
	}
	for ; at < len(old); at++ {
		out.WriteString(old[at])
	}
	return out.String(), nil
}

// accepting applies patches to a folder.
func accepting(dir string, files map[string]baseline.File) error {
	for name, file := range files {
		path := filepath.Join(dir, "baseline", filepath.FromSlash(name))
		before, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		after, err := patched(string(before), file.Patch)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, file.Patch)
		}
		if after == "" {
			if err := os.Remove(path); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func comparing(dir string, portal *cloudflare.Portal) (*baseline.Result, error) {
	folder, err := baseline.ReadFolder(context.Background(), dir, "baseline", false)
	if err != nil {
		return nil, err
	}
	return baseline.Compare(context.Background(), portal, folder, baseline.Options{})
}

// check says what is wrong with a result, of whatever portal and folder.
func check(r *baseline.Result) error {
	effects := map[baseline.Effect]bool{}
	for _, c := range r.Changes {
		if c.Text == "" || strings.ContainsAny(c.Text, "\n\r\x1b\u200b\u00a0") || !utf8.ValidString(c.Text) {
			return fmt.Errorf("the text of a change is %q", c.Text)
		}
		for _, e := range c.Effects {
			effects[e] = true
		}
	}
	if len(r.Gaps) > 0 {
		effects[baseline.Undetermined] = true
	}
	for _, e := range r.Effects {
		if !effects[e] {
			return fmt.Errorf("no change has the effect %s", e)
		}
		delete(effects, e)
	}
	if len(effects) > 0 {
		return fmt.Errorf("effects lacks %v", effects)
	}
	if r.Drifted != (len(r.Changes) > 0) || (r.Summary != "") != (r.Drifted || len(r.Gaps) > 0) || (r.Report != "") != (r.Summary != "") {
		return fmt.Errorf("drifted %t with %d changes, %d gaps, summary %q", r.Drifted, len(r.Changes), len(r.Gaps), r.Summary)
	}
	if r.Drifted && len(r.Files) == 0 {
		return errors.New("there is a drift, and no file to patch")
	}
	if utf8.RuneCountInString(r.Report) > 60_000 || !norm.NFC.IsNormalString(r.Report+r.Summary) {
		return errors.New("the report is too long, or would be changed by Terraform")
	}
	for name, f := range r.Files {
		if utf8.RuneCountInString(f.Report) > 60_000 || !norm.NFC.IsNormalString(f.Report+f.Patch) {
			return fmt.Errorf("the report or patch of %s is too long, or would be changed by Terraform", name)
		}
	}
	return nil
}

// FuzzFolder is an accepted file with anything in it: it can't be used, or it is
// compared, and its patch makes it what it should be.
func FuzzFolder(f *testing.F) {
	dir := accept(f, portalOfScenes)
	for _, name := range []string{"portal.json", "servers/git.json", "servers/docs.json"} {
		text := read(f, filepath.Join(dir, "baseline", name))
		f.Add(name == "portal.json", text)
		f.Add(name == "portal.json", strings.ReplaceAll(text, "\n", "\r\n"))
		f.Add(name == "portal.json", "\ufeff"+strings.Replace(text, "enabled\": true", "enabled\": false", 1))
		f.Add(name == "portal.json", strings.Replace(text, "/1", "/0", 1))
		f.Add(name == "portal.json", strings.Replace(text, `"git"`, `"docs"`, 1))
	}
	f.Add(false, `{"format":"mcp-portal-baseline/1","portal_id":"p","server":{"server_id":"git"},"unnamed_tools":[[{"definition":{}}]],"tools":null,"unmatched_overrides":{"tools":{"a":[1,null]}}}`)
	f.Add(false, `{"format":"mcp-portal-baseline/1","portal_id":"p","server":{"server_id":"git","on_behalf":[["|",["||"]]]},"tools":{"search":{"definition":{"a":["|","x",1]},"override":[[],3]}}}`)
	f.Add(true, `{"format":"mcp-portal-baseline/1","portal_id":"p"}`)
	known := decode(f, portalOfScenes)
	unknown := decode(f, edited(f, portalOfScenes, git+"tools", "null", git+"prompts", "null"))
	f.Fuzz(func(t *testing.T, portalFile bool, text string) {
		for _, portal := range []*cloudflare.Portal{known, unknown} {
			dir := t.TempDir()
			name := "servers/git.json"
			if portalFile {
				name = "portal.json"
			}
			if err := os.CopyFS(dir, os.DirFS(acceptedOnce(t))); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "baseline", name), text)
			result, err := comparing(dir, portal)
			if err != nil {
				if _, ok := errors.AsType[*baseline.FolderError](err); !ok {
					t.Fatal(err)
				}
				continue
			}
			if err := check(result); err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if len(result.Files) > 0 && !result.Drifted {
				t.Fatalf("a file that differs is no drift: %s\n%s", result.Files[name].Patch, text)
			}
			if err := accepting(dir, result.Files); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if again, err := comparing(dir, portal); err != nil || again.Drifted || len(again.Files) > 0 {
				t.Fatalf("patched, it differs: %v %+v\n%s", err, again, text)
			}
		}
	})
}

var accepted struct {
	dir string
}

// acceptedOnce returns a folder in which portalOfScenes has been accepted.
func acceptedOnce(t *testing.T) string {
	t.Helper()
	if accepted.dir == "" {
		dir, err := os.MkdirTemp("", "accepted") //nolint:usetesting // it outlives the test; TestMain removes it
		if err != nil {
			t.Fatal(err)
		}
		result, err := comparing(dir, decode(t, portalOfScenes))
		if err == nil {
			err = accepting(dir, result.Files)
		}
		if err != nil {
			t.Fatal(err)
		}
		accepted.dir = dir
	}
	return accepted.dir
}

// FuzzPortal is a portal with anything in it: what is accepted does not differ, and
// the files say what the API says.
func FuzzPortal(f *testing.F) {
	f.Add(portalOfScenes)
	f.Add(edited(f, portalOfScenes, git+"tools.0.inputSchema", `{"a":["|","x"],"b":["||",[]],"c":"x\ny","d":"\ud800","a":1,"e":"e\u0301","f":"\\n","g":"|"}`))
	f.Add(`{"id":"p","servers":[{"id":"a","tools":null},{"id":"a","prompts":[]},{"id":"","tools":[{},{"name":""}]},{"server_id":"CON","tools":[{"name":"x"},{"name":"x"}],"updated_tools":[{"name":"x"},{"name":"x","enabled":false},{}]}]}`)
	f.Add(`{"id":"p","servers":null}`)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, text string) {
		portal := new(cloudflare.Portal)
		if wirejson.NewDecoder(context.Background(), []byte(text)).Decode(portal) != nil {
			return
		}
		base := decode(t, portalOfScenes)
		base.ID = portal.ID
		for _, from := range []*cloudflare.Portal{nil, base} {
			dir := t.TempDir()
			for _, p := range []*cloudflare.Portal{from, portal} {
				if p == nil {
					continue
				}
				result, err := comparing(dir, p)
				if err == nil {
					err = check(result)
				}
				if err == nil {
					err = accepting(dir, result.Files)
				}
				if err != nil {
					t.Fatalf("%v in %s", err, text)
				}
			}
			if again, err := comparing(dir, portal); err != nil || again.Drifted || len(again.Files) > 0 {
				t.Fatalf("accepted, it differs: %v %+v\n%s", err, again, text)
			}
		}
	})
}

// The JSON that the properties are about: small, and odd.
var (
	oddText = rapid.OneOf(
		rapid.SampledFrom([]string{``, `a`, `b`, `|`, `||`, `|x`, `x\ny`, `\n`, `a\n\nb`, `\\n`, `\\\n`, `\ud800`, `\udc00\ud800`, `\ud83d\ude00`, `é`, `e\u0301`, `\u00e9`, `\u200b`, `\u0000`, `\r\n`, `\"`, `\/`, `\u005c`, "\u2028", `<<<<<<< x`, `\n<<<<<<< x`, `ﬁ`, `Ⅷ`, "\u212b", "☎\ufe0f", strings.Repeat("x", 120), strings.Repeat(`a\n`, 40)}),
		rapid.StringMatching(`[a-c|\x{e9}\x{301}]{0,6}`),
	)
	oddName = rapid.SampledFrom([]string{"a", "b", "A", "é", "é", `\ud800`, `x\ny`, "", "a b", "|", `\u0061`, "g\u0435t", "constructor", "name"})
	leaf    = rapid.OneOf(
		rapid.Map(oddText, func(s string) string { return `"` + s + `"` }),
		rapid.SampledFrom([]string{"null", "true", "false", "0", "-0", "1e400", "1.0", "1", "9007199254740993", "{}", "[]"}),
	)
)

func oddValue(depth int) *rapid.Generator[string] {
	if depth == 0 {
		return leaf
	}
	inner := oddValue(depth - 1)
	return rapid.OneOf(leaf, leaf,
		rapid.Map(rapid.SliceOfN(inner, 0, 4), func(items []string) string { return "[" + strings.Join(items, ", ") + "]" }),
		rapid.Custom(func(t *rapid.T) string { return oddObject(t, inner, false) }))
}

func oddObject(t *rapid.T, value *rapid.Generator[string], once bool, fields ...string) string {
	names := rapid.SliceOfN(rapid.OneOf(oddText, rapid.SampledFrom(append(fields, "type", "enum", "$ref", "properties", "description", "anyOf"))), 0, 5).Draw(t, "names")
	var members []string
	seen := map[string]bool{}
	for _, name := range names {
		var spelled string
		if json.Unmarshal([]byte(`"`+name+`"`), &spelled) != nil || once && seen[spelled] {
			continue
		}
		seen[spelled] = true
		members = append(members, `"`+name+`": `+value.Draw(t, "value"))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

var oddFeature = rapid.Custom(func(t *rapid.T) string {
	parts := []string{}
	if rapid.Bool().Draw(t, "named") {
		parts = append(parts, `"name":"`+oddName.Draw(t, "name")+`"`)
	}
	for _, field := range []string{"description", "title", "inputSchema", "outputSchema", "annotations", "_meta", "icons", "execution", "arguments"} {
		switch rapid.IntRange(0, 5).Draw(t, field) {
		case 0:
			parts = append(parts, `"`+field+`":`+oddValue(3).Draw(t, field))
		case 1:
			if strings.HasSuffix(field, "Schema") || field == "_meta" {
				parts = append(parts, `"`+field+`":`+oddObject(t, oddValue(3), false))
			} else if field == "description" {
				parts = append(parts, `"description":"`+oddText.Draw(t, field)+`"`)
			}
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
})

var oddOverride = rapid.Custom(func(t *rapid.T) string {
	parts := []string{`"name":"` + oddName.Draw(t, "name") + `"`}
	if rapid.Bool().Draw(t, "enabled?") {
		parts = append(parts, `"enabled":`+rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "enabled"))
	}
	if rapid.Bool().Draw(t, "alias?") {
		parts = append(parts, `"portal_alias":"`+oddText.Draw(t, "alias")+`"`)
	}
	if rapid.Bool().Draw(t, "more?") {
		parts = append(parts, `"zz":`+oddValue(2).Draw(t, "more"))
	}
	return "{" + strings.Join(parts, ",") + "}"
})

func oddList(t *rapid.T, element *rapid.Generator[string], what string) string {
	if rapid.IntRange(0, 7).Draw(t, what+" unknown") == 0 {
		return "null"
	}
	return "[" + strings.Join(rapid.SliceOfN(element, 0, 4).Draw(t, what), ",") + "]"
}

var oddPortal = rapid.Custom(func(t *rapid.T) string {
	var servers []string
	for range rapid.IntRange(0, 3).Draw(t, "servers") {
		server := fmt.Sprintf(`{"id":"%s"`, rapid.SampledFrom([]string{"a", "b", "A", "con", "x y", "ü"}).Draw(t, "id"))
		for _, field := range []string{"default_disabled", "on_behalf", "secure_web_gateway"} {
			if rapid.Bool().Draw(t, field+"?") {
				server += `,"` + field + `":` + rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, field)
			}
		}
		if rapid.Bool().Draw(t, "more?") {
			server += `,"zz":` + oddValue(3).Draw(t, "more")
		}
		server += `,"tools":` + oddList(t, oddFeature, "tools") + `,"prompts":` + oddList(t, oddFeature, "prompts") +
			`,"updated_tools":` + oddList(t, oddOverride, "updated_tools") + `,"updated_prompts":` + oddList(t, oddOverride, "updated_prompts")
		servers = append(servers, server+"}")
	}
	return `{"id":"p","hostname":"h","zz":` + oddValue(2).Draw(t, "portal") + `,"servers":[` + strings.Join(servers, ",") + `]}`
})

// From any portal to any other: what is accepted does not differ, and what is not the
// same differs, or says why it can't be told.
func TestAnyPortalToAnyOther(t *testing.T) {
	t.Parallel()
	dirs := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := filepath.Join(dirs, fmt.Sprint(n))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		for step := range 3 {
			text := oddPortal.Draw(rt, fmt.Sprint("portal ", step))
			portal := new(cloudflare.Portal)
			if err := wirejson.NewDecoder(t.Context(), []byte(text)).Decode(portal); err != nil {
				rt.Skip(err)
			}
			result, err := comparing(dir, portal)
			if err == nil {
				err = check(result)
			}
			if err != nil {
				rt.Fatalf("%v in\n%s", err, text)
			}
			if len(result.Files) > 0 && !result.Drifted {
				rt.Fatalf("what is no drift is patched: %+v\n%s", result.Files, text)
			}
			if n%50 == 0 && len(result.Files) > 0 {
				apply(t, dir, result.Files) // as a person does
			} else if err := accepting(dir, result.Files); err != nil {
				rt.Fatalf("%v in\n%s", err, text)
			}
			again, err := comparing(dir, portal)
			if err != nil || again.Drifted || len(again.Files) > 0 {
				rt.Fatalf("accepted, it differs: %v\n%+v\n%s", err, again, text)
			}
		}
	})
}
