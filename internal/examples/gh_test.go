//go:build unix

package examples

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A hub is GitHub as far as propose.sh goes: pull requests and labels. The branches are
// those of the bare repository origin.git beside it.
type hub struct {
	Pulls  []*pull
	Labels []string
}

type pull struct {
	Number   int
	State    string // OPEN, CLOSED or MERGED
	Author   string
	Title    string
	Body     string
	Base     string
	Head     string
	Cross    bool // from a fork
	Labels   []string
	Comments []comment
}

type comment struct {
	Body string `json:"body"`
	Mine bool   `json:"viewerDidAuthor"`
}

// bot is the author of what GitHub's own token opens, as gh says it.
const bot = "app/github-actions"

func readHub(home string) (*hub, error) {
	h := &hub{}
	raw, err := os.ReadFile(filepath.Join(home, "hub.json"))
	if err == nil {
		err = json.Unmarshal(raw, h)
	}
	if err != nil {
		return nil, err
	}
	// GitHub closes a request whose branch is gone, and keeps the last commit of an open one.
	// No ref is packed there: nothing does the housekeeping.
	closed := false
	for _, p := range h.Pulls {
		if p.State != "OPEN" || p.Cross {
			continue
		}
		head, err := os.ReadFile(filepath.Join(home, "origin.git", "refs", "heads", filepath.FromSlash(p.Head)))
		if errors.Is(err, fs.ErrNotExist) {
			p.State, closed = "CLOSED", true
			continue
		}
		if err != nil {
			return nil, err
		}
		dir := filepath.Join(home, "origin.git", "refs", "pull", strconv.Itoa(p.Number))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, "head"), head, 0o644); err != nil {
			return nil, err
		}
	}
	if closed {
		return h, h.write(home)
	}
	return h, nil
}

func (h *hub) write(home string) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(home, "hub.json"), raw, 0o644)
}

// The test's own program is gh, too, when it is called by that name.
func init() {
	if home := os.Getenv("TEST_IS_GH"); home != "" {
		does := gh
		if os.Getenv("TEST_IS_PERSON") != "" {
			does = person
		}
		if err := does(home, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "gh:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// person is what somebody else does while a run is under way: close or label a request.
func person(home string, args []string) error {
	h, err := readHub(home)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	switch p := h.Pulls[n-1]; args[0] {
	case "close":
		p.State = "CLOSED"
	case "label":
		p.Labels = append(p.Labels, args[2])
	default:
		return fmt.Errorf("a person does not %s", args[0])
	}
	return h.write(home)
}

// The flags of each command, and whether they can be given several times.
var ghFlags = map[string]map[string]bool{
	"pr list":      {"state": false, "base": false, "head": false, "limit": false, "json": false},
	"pr view":      {"json": false},
	"pr create":    {"base": false, "head": false, "title": false, "body-file": false, "label": true},
	"pr edit":      {"title": false, "body-file": false, "add-label": true, "remove-label": true},
	"pr close":     {"comment": false},
	"pr comment":   {"body": false},
	"label create": {"description": false},
}

// gh does what the real one does, and refuses what is not asked of it here.
func gh(home string, args []string) error {
	// On a server of one's own, gh looks at no other variables.
	if host := os.Getenv("TEST_GH_HOST"); host != "" && (os.Getenv("GH_HOST") != host || os.Getenv("GH_ENTERPRISE_TOKEN") == "") {
		return errors.New("set the GH_ENTERPRISE_TOKEN environment variable")
	}
	h, err := readHub(home)
	if err != nil {
		return err
	}
	if len(args) < 2 || ghFlags[args[0]+" "+args[1]] == nil {
		return fmt.Errorf("unknown command %q", args)
	}
	command := args[0] + " " + args[1]
	flags := map[string][]string{}
	var operands []string
	for args = args[2:]; len(args) > 0; args = args[1:] {
		name, isFlag := strings.CutPrefix(args[0], "--")
		if !isFlag {
			operands = append(operands, args[0])
			continue
		}
		name, value, given := strings.Cut(name, "=")
		several, known := ghFlags[command][name]
		if !known || !several && flags[name] != nil {
			return fmt.Errorf("flag --%s of %s", name, command)
		}
		if !given {
			if args = args[1:]; len(args) == 0 {
				return fmt.Errorf("--%s needs a value", name)
			}
			value = args[0]
		}
		flags[name] = append(flags[name], value)
	}
	flag := func(name string) string { return strings.Join(flags[name], "") }

	switch command {
	case "pr list":
		if len(operands) != 0 {
			return errors.New("operands")
		}
		return h.list(flag("state"), flag("base"), flag("head"), flag("limit"), flag("json"))
	case "label create":
		if len(operands) != 1 || operands[0] == "" || len(operands[0]) > 50 || h.label(operands[0]) != "" {
			return fmt.Errorf("label %q", operands)
		}
		h.Labels = append(h.Labels, operands[0])
		return h.write(home)
	}

	var p *pull
	if command == "pr create" {
		p = &pull{Number: len(h.Pulls) + 1, State: "OPEN", Author: bot, Base: flag("base"), Head: flag("head")}
		if len(operands) != 0 || p.Base == "" || p.Head == "" || flag("title") == "" || flags["body-file"] == nil {
			return errors.New("would ask")
		}
		ahead, err := exec.Command("git", "-C", filepath.Join(home, "origin.git"), "rev-list", p.Base+".."+p.Head).Output()
		if err != nil || len(ahead) == 0 {
			return fmt.Errorf("no commits between %s and %s", p.Base, p.Head)
		}
		for _, other := range h.Pulls {
			if other.State == "OPEN" && !other.Cross && other.Base == p.Base && other.Head == p.Head {
				return errors.New("a pull request already exists")
			}
		}
		h.Pulls = append(h.Pulls, p)
	} else {
		n, err := strconv.Atoi(strings.Join(operands, " "))
		if err != nil || n < 1 || n > len(h.Pulls) {
			return fmt.Errorf("no pull request %q", operands)
		}
		p = h.Pulls[n-1]
	}

	switch command {
	case "pr view":
		if flag("json") != "comments" {
			return errors.New("other fields")
		}
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"comments": append([]comment{}, p.Comments...)})
	case "pr comment", "pr close":
		if text := flag("body") + flag("comment"); text != "" {
			p.Comments = append(p.Comments, comment{text, true})
		}
		if command == "pr close" {
			if p.State != "OPEN" {
				return errors.New("not open")
			}
			p.State = "CLOSED"
		}
		return h.write(home)
	}

	if flags["title"] != nil {
		if p.Title = flag("title"); p.Title == "" || utf8.RuneCountInString(p.Title) > 256 {
			return errors.New("title is too long")
		}
	}
	if flags["body-file"] != nil {
		text, err := os.ReadFile(flag("body-file"))
		if err != nil {
			return err
		}
		if p.Body = string(text); utf8.RuneCountInString(p.Body) > 65536 {
			return errors.New("Body is too long (maximum is 65536 characters)")
		}
	}
	for _, name := range append(flags["label"], flags["add-label"]...) {
		name = h.label(name)
		if name == "" {
			return errors.New("could not add label: not found")
		}
		if !slices.Contains(p.Labels, name) {
			p.Labels = append(p.Labels, name)
		}
	}
	for _, name := range flags["remove-label"] {
		if h.label(name) == "" {
			return errors.New("label not found")
		}
		p.Labels = slices.DeleteFunc(p.Labels, func(l string) bool { return strings.EqualFold(l, name) })
	}
	if command == "pr create" {
		fmt.Printf("https://github.example/o/r/pull/%d\n", p.Number)
	}
	return h.write(home)
}

// label returns how the repository spells a label, or "" if it has none.
func (h *hub) label(name string) string {
	for _, l := range h.Labels {
		if strings.EqualFold(l, name) {
			return l
		}
	}
	return ""
}

// list prints requests, the newest first. A branch is one by its name, whoever has it,
// and what was merged is closed.
func (h *hub) list(state, base, head, limit, fields string) error {
	n := 30
	if limit != "" {
		var err error
		if n, err = strconv.Atoi(limit); err != nil || n < 1 {
			return errors.New("limit")
		}
	}
	states := map[string][]string{"": {"OPEN"}, "open": {"OPEN"}, "closed": {"CLOSED", "MERGED"}, "merged": {"MERGED"}, "all": {"OPEN", "CLOSED", "MERGED"}}[state]
	if states == nil || fields == "" {
		return errors.New("state, or no fields")
	}
	list := []map[string]any{}
	for _, p := range slices.Backward(h.Pulls) {
		if len(list) == n || !slices.Contains(states, p.State) || base != "" && base != p.Base || head != "" && head != p.Head {
			continue
		}
		labels := []map[string]string{}
		for _, l := range p.Labels {
			labels = append(labels, map[string]string{"name": l})
		}
		all := map[string]any{"number": p.Number, "state": p.State, "title": p.Title, "body": p.Body, "labels": labels,
			"author": map[string]string{"login": p.Author}, "comments": append([]comment{}, p.Comments...),
			"baseRefName": p.Base, "headRefName": p.Head, "isCrossRepository": p.Cross}
		some := map[string]any{}
		for f := range strings.SplitSeq(fields, ",") {
			value, known := all[f]
			if !known {
				return fmt.Errorf("unknown JSON field %q", f)
			}
			some[f] = value
		}
		list = append(list, some)
	}
	return json.NewEncoder(os.Stdout).Encode(list)
}
