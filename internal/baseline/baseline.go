// Package baseline says whether a portal is as it was accepted, and what differs.
//
// The data takes one way. kept.go makes of a portal the JSON of its files, the API's
// own, less what changes by itself; node.go reads JSON, what is there now and what was
// committed alike, and layout.go writes it in lines. folder.go reads what was
// accepted. compare*.go and schema.go make of two files the changes, each by one of
// the rules in rules.go; patch.go the patch between them. words.go and report.go say
// it to a person: they compare nothing, and a comparison makes no sentences.
//
// The package knows nothing of Terraform and nothing of HTTP.
package baseline

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Options say what is compared.
type Options struct {
	// IgnoreFields are names of fields, as the API has them, that are left out at any
	// level outside of schemas: see [CanIgnore].
	IgnoreFields []string
	// Access is who may reach the portal; nil if that is not compared.
	Access *cloudflare.Access
}

// Result is how a portal differs from what was accepted of it.
type Result struct {
	// Drifted is true if anything differs, or nothing has been accepted.
	Drifted bool
	// Effects are those of all changes, each once, the worst first, and
	// [Undetermined] if there are Gaps.
	Effects []Effect
	// Changes are what differs: the portal first, then server by server in the order
	// of their ids, in each its own fields, its tools and its prompts by name.
	Changes []Change
	// Gaps are what could not be compared.
	Gaps []Gap
	// Summary is all of it for a terminal, Report the same as Markdown: "" if nothing
	// differs and there are no Gaps.
	Summary, Report string
	// Files are the files that are not as they should be, by their names in the folder.
	Files map[string]File
}

// Change is one thing that differs.
type Change struct {
	// Rule is the id of the rule by which it is reported.
	Rule string
	// Effects are what it does to agents, the worst first.
	Effects []Effect
	// ServerID, Tool and Prompt say where; nil where it is about none.
	ServerID, Tool, Prompt *string
	// Field is the path in the file; nil for a whole server, tool or prompt.
	Field *string
	// Before and After are the two values: text as it is, anything else as JSON; nil
	// where there is none, and for a whole server.
	Before, After *string
	// Text says it to a person, in one line that a terminal can show.
	Text string
}

// Gap is what could not be compared, because the API does not tell it at the moment.
type Gap struct {
	// ServerID is the server; nil if it is the portal's list of servers.
	ServerID *string
	// Text says it to a person, in one line.
	Text string

	where string
}

// File is a file of the folder that is not as it should be.
type File struct {
	// Patch makes it so: a unified diff, with paths from the working directory.
	Patch string
	// Report is Markdown about this file alone.
	Report string
	// Effects are those of the changes in it.
	Effects []Effect
}

// Compare compares a portal with the files in which it was accepted. The errors are
// of type [*FolderError], or the context's, which bounds all of the work.
func Compare(ctx context.Context, portal *cloudflare.Portal, accepted *Folder, o Options) (result *Result, err error) {
	defer returned(&err)
	k := &clock{ctx: ctx}
	c := &comparer{
		folder: accepted, cleaner: cleaner{clock: k, ignored: o.IgnoreFields},
		writer:     writer{portalID: deref(portal.ID)},
		now:        parser{clock: k},
		then:       parser{clock: k},
		files:      map[string]File{},
		comparison: comparison{clock: k, first: accepted.isEmpty(), exposed: map[string]owner{}},
	}
	if err := c.portalAndServers(portal); err != nil {
		return nil, err
	}
	if o.Access != nil {
		if err := c.reached(o.Access); err != nil {
			return nil, err
		}
	}
	return c.result(portal), nil
}

// reached compares who may reach the portal and its servers.
func (c *comparer) reached(a *cloudflare.Access) error {
	texts := map[string]string{}
	for _, r := range a.Reach {
		p := reachOfPortal
		if r.ServerID != nil {
			p = reachOfServer + *r.ServerID
		}
		texts[p] = r.Text
	}
	return c.file(accessFile, c.writer.access(a), func(accepted, current *node) { c.comparison.access(accepted, current, texts) })
}

// comparer compares a portal, file by file.
type comparer struct {
	comparison
	cleaner
	folder *Folder
	writer writer
	// now reads what a file should be, then what was accepted.
	now, then parser
	files     map[string]File
	gaps      []Gap
}

func (c *comparer) portalAndServers(p *cloudflare.Portal) error {
	if err := c.file(portalFile, c.writer.portal(p), func(accepted, current *node) { c.portal(accepted, current) }); err != nil {
		return err
	}
	c.portalGateway[1] = p.SecureWebGateway != nil && *p.SecureWebGateway
	names := c.serverFiles(p)
	filled, err := c.fillIn(p, names)
	if err != nil {
		return err
	}
	tools, prompts := filled.EffectiveTools(), filled.EffectivePrompts()
	gateway := make([]bool, len(filled.Servers))
	for i := range filled.Servers {
		s := &filled.Servers[i]
		differs := false
		_, isAccepted := c.folder.files[names[i]]
		text := c.writer.server(s, tools[:len(s.Tools)], prompts[:len(s.Prompts)])
		err := c.file(names[i], text, func(accepted, current *node) {
			differs = true
			c.server(names[i], accepted, current)
		})
		if err != nil {
			return err
		}
		if !differs && isAccepted {
			c.rememberNow(deref(s.Identity()), s, tools, prompts)
		}
		gateway[i] = s.SecureWebGateway != nil && *s.SecureWebGateway
		tools, prompts = tools[len(s.Tools):], prompts[len(s.Prompts):]
	}
	if p.Servers == nil {
		c.unknownServers()
	} else if err := c.goneServers(names); err != nil {
		return err
	}
	c.gateways(gateway)
	c.namesTaken()
	return nil
}

// serverFiles returns the names of the servers' files. Several servers of one id,
// which no API should give, are told apart by numbers, in the order of their content.
func (c *comparer) serverFiles(p *cloudflare.Portal) []string {
	names := make([]string, len(p.Servers))
	sameID := map[string][]int{}
	for i := range p.Servers {
		id := deref(p.Servers[i].Identity())
		names[i] = serverFile(id)
		sameID[id] = append(sameID[id], i)
	}
	for _, same := range sameID {
		if len(same) == 1 {
			continue
		}
		text := map[int]string{}
		for _, i := range same {
			text[i] = string(wirejson.Append(nil, &p.Servers[i]))
			if n, err := c.now.parse(text[i]); err == nil { // else the time is over, which is told later
				text[i] = c.flat(&n)
			}
		}
		slices.SortFunc(same, func(a, b int) int { return strings.Compare(text[a], text[b]) })
		for n, i := range same[1:] {
			names[i] = strings.TrimSuffix(names[i], ".json") + "%" + strconv.Itoa(n+2) + ".json"
		}
	}
	return names
}

// fillIn returns the portal with the accepted tools and prompts of those servers of
// which the API does not tell them: they are compared with what was accepted when
// they are known again, and no patch can drop them.
func (c *comparer) fillIn(p *cloudflare.Portal, names []string) (*cloudflare.Portal, error) {
	filled := *p
	filled.Servers = slices.Clone(p.Servers)
	for i := range filled.Servers {
		s := &filled.Servers[i]
		if s.Tools != nil && s.Prompts != nil {
			continue
		}
		if _, isAccepted := c.folder.files[names[i]]; !isAccepted {
			c.gap(s, s.Tools == nil, s.Prompts == nil, "to accept the server accepts none of them")
			continue
		}
		root, _, err := c.folder.parse(&c.then, names[i], c.writer.portalID)
		if err != nil {
			return nil, err
		}
		tools, prompts := definitionsIn(&root, "tools"), definitionsIn(&root, "prompts")
		toolsGap, promptsGap := s.Tools == nil && tools != nil, s.Prompts == nil && prompts != nil
		if toolsGap {
			err = c.decode(names[i], tools, &s.Tools)
		}
		if promptsGap && err == nil {
			err = c.decode(names[i], prompts, &s.Prompts)
		}
		if err != nil {
			return nil, err
		}
		toolsGap, promptsGap = toolsGap && len(s.Tools) > 0, promptsGap && len(s.Prompts) > 0
		if toolsGap || promptsGap {
			c.gap(s, toolsGap, promptsGap, "they are not compared, and what was accepted of them stays")
		}
	}
	return &filled, nil
}

// gap notes that the API does not tell what of a server.
func (c *comparer) gap(s *cloudflare.PortalServer, tools, prompts bool, consequence string) {
	id := deref(s.Identity())
	what := "tools and prompts"
	switch {
	case !prompts:
		what = "tools"
	case !tools:
		what = "prompts"
	}
	status := "it has no status"
	if text := deref(s.Status); text != "" {
		status = "its status is " + called(text)
	}
	where := place{serverID: &id}.where()
	c.gaps = append(c.gaps, Gap{ServerID: &id, where: where, Text: fmt.Sprintf("%s: its %s are not known at the moment (%s); %s", where, what, status, consequence)})
}

// definitionsIn returns the definitions of the tools, or prompts, in a file; nil if
// the file says that they were not known.
func definitionsIn(root *node, list string) []byte {
	if isNull(root.member(list)) {
		return nil
	}
	out := []byte{'['}
	for _, n := range entriesOf(root, list) {
		for _, e := range n.entries {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = appendCompact(out, e.definition)
		}
	}
	return append(out, ']')
}

func (c *comparer) decode(file string, definitions []byte, target any) error {
	if err := wirejson.NewDecoder(c.ctx, definitions).Decode(target); err != nil {
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		return &FolderError{File: file, Reason: "can't be used: a definition in it is no tool or prompt of the Model Context Protocol"}
	}
	return nil
}

// rememberNow is remember for a server whose file is as it should be.
func (c *comparer) rememberNow(id string, s *cloudflare.PortalServer, tools []cloudflare.EffectiveTool, prompts []cloudflare.EffectivePrompt) {
	for i := range s.Tools {
		if e := &tools[i]; e.Enabled && e.Name != nil {
			c.exposed[exposedKey(kinds[0], *e.Name)] = owner{id, unquote(spelled(nameOf(s.Tools[i].Name, s.Tools[i].Extra))), false}
		}
	}
	for i := range s.Prompts {
		if e := &prompts[i]; e.Enabled && e.Name != nil {
			c.exposed[exposedKey(kinds[1], *e.Name)] = owner{id, unquote(spelled(nameOf(s.Prompts[i].Name, s.Prompts[i].Extra))), true}
		}
	}
}

func (c *comparer) unknownServers() {
	for name := range c.folder.files {
		if strings.HasPrefix(name, serverFolder) {
			c.gaps = append(c.gaps, Gap{Text: "portal: its servers are not known at the moment; they are not compared, and what was accepted of them stays", where: "portal"})
			return
		}
	}
}

// goneServers compares the files of servers that are not there any more.
func (c *comparer) goneServers(names []string) error {
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.folder.files)) {
		if !strings.HasPrefix(name, serverFolder) || there[name] {
			continue
		}
		root, _, err := c.folder.parse(&c.then, name, c.writer.portalID)
		if err != nil {
			return err
		}
		c.cleaner.file(&root)
		root.seal()
		c.server(name, &root, nil)
		if err := c.addFile(name, c.folder.files[name], "", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// file compares a file of the folder with what it should be, which is given as JSON
// that is neither sorted nor cleaned. Where the two differ, compare is called.
func (c *comparer) file(name, shouldBe string, compare func(accepted, current *node)) error {
	current, err := c.now.parse(shouldBe)
	if err != nil {
		return err
	}
	c.cleaner.file(&current)
	text := c.layout(&current)
	before, isAccepted := c.folder.files[name]
	if before == text {
		return nil
	}
	current.seal()
	if !isAccepted {
		compare(nil, &current)
		return c.addFile(name, "", text, nil, nil)
	}
	accepted, newest, err := c.folder.parse(&c.then, name, c.writer.portalID)
	if err != nil {
		return err
	}
	partsBefore := partsOf(before, &accepted)
	c.cleaner.file(&accepted)
	accepted.items = slices.DeleteFunc(accepted.items, func(m node) bool { return m.key == `"format"` })
	current.items = slices.DeleteFunc(current.items, func(m node) bool { return m.key == `"format"` })
	accepted.seal()
	current.seal()
	if !equal(&accepted, &current) {
		told := len(c.changes)
		compare(&accepted, &current)
		if len(c.changes) == told {
			c.untold(name, &accepted, &current)
		}
	} else if newest {
		return nil
	}
	root, err := c.now.parse(text) // current is done with
	if err != nil {
		return err
	}
	return c.addFile(name, before, text, partsBefore, partsOf(text, &root))
}

// untold adds what differs in a file where no rule says what it means, such as the
// order of policies that does nothing: a file that differs has a change.
func (c *comparer) untold(name string, accepted, current *node) {
	at, rule := place{file: name}, "portal_field"
	switch {
	case name == accessFile:
		rule = "access_field"
	case name != portalFile:
		id, _ := current.member("server").member("server_id").str()
		at.serverID, rule = &id, "server_field"
	}
	differences(accepted, current, nil, func(d difference) { c.add(by(rule, at, d.path, d.before, d.after)) })
}

// addFile notes that a file is not as it should be. Its report is written when all
// changes are known.
func (c *comparer) addFile(name, before, after string, partsBefore, partsAfter []part) error {
	if line := survives(before); line > 0 {
		return &FolderError{File: name, Reason: fmt.Sprintf("can't be patched: Terraform would change line %d, which is not in Unicode's form NFC. Delete the file, to have it written anew", line)}
	}
	c.files[name] = File{Patch: c.patch(path.Join(c.folder.path, name), before, after, partsBefore, partsAfter)}
	return nil
}

// result puts into words what the comparison found.
func (c *comparer) result(p *cloudflare.Portal) *Result {
	for i := range c.changes {
		ch := &c.changes[i]
		var whole bool
		if ch.text, whole = ch.words(); !whole && (ch.at.tool == nil && ch.at.prompt == nil || ch.isOn || ch.wasOn) {
			ch.effects = append(ch.effects, rulesByID["too_long"].Effects...)
		}
		ch.effects = sorted(ch.effects)
		c.tick()
	}
	c.inOrder()
	r := &Result{Changes: make([]Change, len(c.changes)), Gaps: c.gaps, Files: c.files}
	for i := range c.changes {
		r.Changes[i] = c.changes[i].exported()
		r.Effects = append(r.Effects, r.Changes[i].Effects...)
	}
	if len(c.gaps) > 0 {
		r.Effects = append(r.Effects, Undetermined)
	}
	r.Effects = sorted(r.Effects)
	r.Drifted = len(c.changes) > 0
	if r.Drifted || len(c.gaps) > 0 {
		intro, first := "", c.folder.isEmpty()
		if first {
			intro = c.overviewOf(p)
		}
		r.Summary = strings.TrimPrefix(intro+"\n", "\n") + summary(c.linesOf(c.changes, c.gaps, maxNames))
		heading := countsOf(c.changes, len(c.gaps))
		if first {
			heading = "**Nothing of this portal has been accepted yet.** This is what there is:\n\n" + strings.TrimSuffix(fenced("text", intro+"\n"), "\n")
		}
		r.Report = c.report(heading, c.linesOf(c.changes, c.gaps, math.MaxInt))
	}
	byFile := map[string][]change{}
	for _, ch := range c.changes { // those of access.json stand with the servers they are about
		byFile[ch.at.file] = append(byFile[ch.at.file], ch)
	}
	for name, f := range c.files {
		of := byFile[name]
		for i := range of {
			f.Effects = append(f.Effects, of[i].effects...)
		}
		f.Effects = sorted(f.Effects)
		heading := countsOf(of, 0)
		if len(of) == 0 {
			heading = "The file is of an older format. This writes it as this version of the provider does; what it says stays."
		}
		f.Report = c.report(heading, c.linesOf(of, nil, math.MaxInt))
		c.files[name] = f
		c.look()
	}
	return r
}

// overviewOf says what a portal is of which nothing has been accepted.
func (c *comparer) overviewOf(p *cloudflare.Portal) string {
	var toolsOn, destructive, servers, unknown, users, gateway int
	for i := range c.changes {
		ch := &c.changes[i]
		f := ch.facts
		if ch.at.serverID == nil || f == nil {
			continue
		}
		servers++
		toolsOn += f.tools.on
		destructive += f.destructive
		if f.tools.unknown {
			unknown++
		}
		if f.onBehalf {
			users++
		}
		if f.gateway {
			gateway++
		}
	}
	text := fmt.Sprintf("Nothing has been accepted yet. The portal %s at %s has %d %s. Of their tools %d %s on, %s of these destructive. At %d each user logs in; the traffic of %d goes through Gateway",
		called(deref(p.ID)), called(deref(p.Hostname)), servers, plural(servers, "server"), toolsOn, map[bool]string{true: "is", false: "are"}[toolsOn == 1], noneOr(destructive), users, gateway)
	if unknown > 0 {
		text += fmt.Sprintf("; of %d the tools are not known", unknown)
	}
	return text + "."
}

// exported returns the change for others.
func (ch *change) exported() Change {
	e := Change{Rule: ch.rule.ID, Effects: ch.effects, ServerID: ch.at.serverID, Tool: ch.at.tool, Prompt: ch.at.prompt, Text: ch.text}
	if ch.field != "" {
		e.Field = &ch.field
	}
	e.Before, e.After = valueOf(ch.before), valueOf(ch.after)
	return e
}

func valueOf(n *node) *string {
	if n == nil {
		return nil
	}
	text, isText := n.str()
	if !isText {
		text = compact(n)
	}
	return &text
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
