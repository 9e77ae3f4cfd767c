// Package baseline says what differs between a portal and the folder of files in which
// it was accepted, and what that lets agents do.
//
// The data takes one way. files.go writes what is there now as the JSON of its files,
// folder.go reads what was accepted, and clean.go gives both their one form. diff.go
// finds the smallest differences; judge.go makes changes of them, by the rules in
// rules*.go and the one table in table.go; words*.go, summary.go and report.go say them
// to a person, and patch.go writes the patch. No step looks at one after it: words
// change no effect.
//
// The package knows nothing of Terraform and nothing of HTTP.
package baseline

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Options say what is compared.
type Options struct {
	// IgnoreFields are fields that are not compared, each with its object before it,
	// such as server.region: see [CanIgnore].
	IgnoreFields []string
	// Access is who may reach the portal; nil if that is not compared.
	Access *cloudflare.Access
}

// Result is how a portal differs from what was accepted of it.
type Result struct {
	// Drifted is true if anything differs, or nothing has been accepted.
	Drifted bool
	// Effects are those of all changes, each once, and [Undetermined] if there are Gaps.
	Effects []Effect
	// Changes are what differs: the portal first, then server by server in the order of
	// their ids, in each its own fields, its tools and its prompts by name, and Access.
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
	// Effects are what it does, in the order of a report; none if it does nothing.
	Effects []Effect
	// ServerID, Tool and Prompt say where; nil where it is about none.
	ServerID, Tool, Prompt *string
	// Field is the path in the file; nil for a whole server, tool or prompt.
	Field *string
	// Before and After are the accepted value and the one now: text as it is, anything
	// else as JSON; nil where there is none, and for a whole server. Of more than 4,000
	// characters, the first 4,000 and how many there are.
	Before, After *string
	// Text says it to a person, in one line that a terminal can show.
	Text string
}

// Gap is what could not be compared, because the API does not tell it now.
type Gap struct {
	// ServerID is the server; nil if it is the portal's list of servers.
	ServerID *string
	// Text says it to a person, in one line.
	Text string
}

// File is a file of the folder that is not as it should be.
type File struct {
	// Patch makes it so: a unified diff, with paths from the working directory.
	Patch string
	// Title says what changed in at most 72 plain characters, the worst first.
	Title string
	// Report is Markdown about this file alone.
	Report string
	// Effects are those of the changes in it.
	Effects []Effect
}

// Compare compares a portal with the files in which it was accepted. The errors are of
// type [*FolderError], or the context's, which bounds all of the work.
func Compare(ctx context.Context, portal *cloudflare.Portal, accepted *Folder, o Options) (*Result, error) {
	c := &comparison{
		ctx: ctx, folder: accepted, cleaner: cleaner{o.IgnoreFields}, writer: writer{portalID: deref(portal.ID)},
		parser: new(jsontree.Parser), patches: map[string]string{}, accepted: map[exposed]owner{}, now: map[exposed][]owner{},
	}
	if err := c.portal(portal); err != nil {
		return nil, err
	}
	if o.Access != nil {
		err := c.file(accessFile, c.writer.access(o.Access), func(accepted, current *jsontree.Node) error {
			return diffAccess(ctx, o.Access, accepted, current, c.add)
		})
		if err != nil {
			return nil, err
		}
	}
	c.join()
	return c.result(portal)
}

// comparison compares a portal, file by file.
type comparison struct {
	ctx context.Context
	cleaner
	folder  *Folder
	writer  writer
	parser  *jsontree.Parser
	patches map[string]string // of the files that are not as they should be
	changes []change
	run     int // where the changes of the last place begin
	gaps    []Gap

	// gateway is the portal's own switch, accepted and now; bypassed is whether the
	// traffic of some server went through Gateway and no longer does.
	gateway  [2]bool
	bypassed bool
	// accepted and now are who is seen by clients under a name; claims are the changes
	// by which a name became that of a tool or prompt.
	accepted map[exposed]owner
	now      map[exposed][]owner
	claims   []claim
}

// exposed is a name that clients see.
type exposed struct {
	list, name string
}

type claim struct {
	exposed
	by owner
	at place
}

// portal compares portal.json and the servers' files.
func (c *comparison) portal(p *cloudflare.Portal) error {
	var portal *difference // of its switch for Gateway, which is judged again with the servers
	index := 0
	c.gateway[1] = p.SecureWebGateway != nil && *p.SecureWebGateway
	c.gateway[0] = c.gateway[1]
	err := c.file(portalFile, c.writer.portal(p), func(accepted, current *jsontree.Node) error {
		base := difference{change: change{at: place{file: portalFile}, root: jsontree.Path{}.Fields("portal"), roots: [2]*jsontree.Node{accepted, current}}}
		if accepted == nil {
			base.rule = notAccepted
			c.add(&base)
			return nil
		}
		c.gateway[0] = accepted.At("portal", "secure_web_gateway").IsTrue()
		diffObject("portal", base, orEmpty(accepted.Member("portal")), orEmpty(current.Member("portal")), func(d *difference) {
			if d.field.rule == gateway {
				portal, index = d, len(c.changes)
			}
			c.add(d)
		})
		return nil
	})
	if err != nil {
		return err
	}
	names := c.serverFiles(p)
	if err := c.servers(p, names); err != nil {
		return err
	}
	if p.Servers == nil {
		c.unknownServers()
	} else if err := c.goneServers(names); err != nil {
		return err
	}
	if portal != nil {
		portal.bypassesGateway = c.bypassed || len(p.Servers) == 0 && c.gateway[0] && !c.gateway[1]
		c.changes[index] = judge(portal)
	}
	c.namesTaken()
	return nil
}

// servers compares the files of the servers that are there.
func (c *comparison) servers(p *cloudflare.Portal, names []string) error {
	filled, known, err := c.fillIn(p, names)
	if err != nil {
		return err
	}
	tools, prompts := filled.EffectiveTools(), filled.EffectivePrompts()
	for i := range filled.Servers {
		s := &filled.Servers[i]
		id := deref(s.Identity())
		through := s.SecureWebGateway != nil && *s.SecureWebGateway
		before, isSame := through, c.folder.has(names[i])
		text := c.writer.server(s, tools[:len(s.Tools)], prompts[:len(s.Prompts)], known[i])
		err := c.file(names[i], text, func(accepted, current *jsontree.Node) error {
			isSame, before = false, accepted.At("server", "secure_web_gateway").IsTrue()
			return c.server(place{file: names[i], serverID: &id}, accepted, current)
		})
		if err != nil {
			return err
		}
		if isSame {
			c.seenSame(id, s, tools, prompts)
		}
		if c.folder.has(names[i]) && (before || c.gateway[0]) && !through && !c.gateway[1] {
			c.bypassed = true
		}
		tools, prompts = tools[len(s.Tools):], prompts[len(s.Prompts):]
	}
	return nil
}

// server compares a server's file; either side is nil if there is none.
func (c *comparison) server(at place, accepted, current *jsontree.Node) error {
	c.seen(*at.serverID, accepted, current)
	return diffServer(c.ctx, at, accepted, current, func(d *difference) {
		if d.field.rule == gateway {
			d.bypassesGateway = (d.before.IsTrue() || c.gateway[0]) && !d.after.IsTrue() && !c.gateway[1]
		}
		if d.rule == serverAdded {
			d.throughGateway = c.gateway[1] || current.At("server", "secure_web_gateway").IsTrue()
		}
		c.add(d)
		c.claim(d)
	})
}

// add judges a difference. Of a place with very many, the changes become one at once:
// a hostile server does not decide how much memory they take.
func (c *comparison) add(d *difference) {
	ch := judge(d)
	if n := len(c.changes); n == 0 || c.changes[n-1].key() != ch.key() {
		c.run = n
	}
	c.changes = append(c.changes, ch)
	if run := c.changes[c.run:]; len(run) > maxChanges || run[0].joined > 0 {
		c.changes = append(c.changes[:c.run], joined(run)...)
	}
}

// seen notes under which names clients see what a server's file has.
func (c *comparison) seen(serverID string, accepted, current *jsontree.Node) {
	for _, k := range kinds {
		for _, e := range entriesIn(accepted, k) {
			if e.enabled && e.exposedAs != "" {
				c.accepted[exposed{k.list, e.exposedAs}] = owner{serverID: serverID, name: e.name, kind: k}
			}
		}
		for _, e := range entriesIn(current, k) {
			if e.enabled && e.exposedAs != "" {
				name := exposed{k.list, e.exposedAs}
				c.owns(name, owner{serverID: serverID, name: e.name, kind: k})
			}
		}
	}
}

// owns notes that clients see a tool or prompt under a name: of all that they see under
// one, two show that it is shared.
func (c *comparison) owns(name exposed, by owner) {
	if all := c.now[name]; len(all) < 2 && !slices.Contains(all, by) {
		c.now[name] = append(all, by)
	}
}

// seenSame is seen for a server whose file is as it should be.
func (c *comparison) seenSame(serverID string, s *cloudflare.PortalServer, effectiveTools []cloudflare.EffectiveTool, effectivePrompts []cloudflare.EffectivePrompt) {
	see := func(k *kind, enabled bool, as *string, name string) {
		if enabled && as != nil {
			by := owner{serverID: serverID, name: jsontree.Unquote(jsontree.Spelled(name)), kind: k}
			c.accepted[exposed{k.list, *as}] = by
			c.owns(exposed{k.list, *as}, by)
		}
	}
	for i := range s.Tools {
		see(tools, effectiveTools[i].Enabled, effectiveTools[i].Name, nameOf(s.Tools[i].Name, s.Tools[i].Extra))
	}
	for i := range s.Prompts {
		see(prompts, effectivePrompts[i].Enabled, effectivePrompts[i].Name, nameOf(s.Prompts[i].Name, s.Prompts[i].Extra))
	}
}

// claim notes that clients see a tool or prompt under a name now, and did not before.
func (c *comparison) claim(d *difference) {
	note := func(e *entry) {
		if e.isOn() && e.exposedAs != "" {
			c.claims = append(c.claims, claim{exposed{e.kind.list, e.exposedAs}, owner{serverID: *d.at.serverID, name: e.name, kind: e.kind}, e.kind.place(place{file: d.at.file, serverID: d.at.serverID}, e.name)})
		}
	}
	switch e := d.entries[1]; {
	case d.rule == serverAdded:
		for _, k := range kinds {
			for _, e := range entriesIn(d.roots[1], k) {
				note(e)
			}
		}
	case e != nil && d.rule == e.kind.renamed && d.entries[0].exposedAs == e.exposedAs:
	case e != nil && (slices.Contains([]*Rule{e.kind.added, e.kind.renamed, e.kind.enabled, e.kind.exposedAs}, d.rule)):
		note(e)
	}
}

// namesTaken adds the names under which clients knew another tool or prompt, or know
// another one now.
func (c *comparison) namesTaken() {
	if c.folder.isEmpty() {
		return
	}
	for _, claim := range c.claims {
		had, taken := c.accepted[claim.exposed]
		if taken = taken && had != claim.by; !taken {
			other := slices.IndexFunc(c.now[claim.exposed], func(o owner) bool { return o != claim.by })
			if other < 0 {
				continue
			}
			had = c.now[claim.exposed][other]
			had.shared = true
		}
		c.add(&difference{change: change{
			rule: claim.by.kind.nameTaken, at: claim.at, root: jsontree.Path{}.Fields(claim.list, claim.by.name), path: jsontree.Path{}.Fields("exposed_as"), after: jsontree.NewString(claim.name), owner: had,
		}})
	}
}

// serverFiles returns the names of the servers' files. Several servers of one id,
// which no API should give, are told apart by numbers, in the order of their content.
func (c *comparison) serverFiles(p *cloudflare.Portal) []string {
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
			text[i] = jsontree.Compact(c.parser.Parse(string(wirejson.Append(nil, &p.Servers[i]))))
		}
		slices.SortFunc(same, func(a, b int) int { return strings.Compare(text[a], text[b]) })
		for n, i := range same[1:] {
			names[i] = strings.TrimSuffix(names[i], ".json") + "%" + strconv.Itoa(n+2) + ".json"
		}
	}
	return names
}

// goneServers compares the files of servers that are not there any more.
func (c *comparison) goneServers(names []string) error {
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.folder.files)) {
		if !strings.HasPrefix(name, serverFolder) || there[name] {
			continue
		}
		root, err := c.folder.parse(name, c.writer.portalID)
		if err != nil {
			return err
		}
		c.cleaner.file(root)
		root.Seal()
		id, _ := root.At("server", "server_id").Str()
		if err := c.server(place{file: name, serverID: &id}, root, nil); err != nil {
			return err
		}
		if err := c.patch(name, ""); err != nil {
			return err
		}
	}
	return nil
}

// file compares a file of the folder with what it should be, which is given as JSON
// that is neither sorted nor cleaned. Where the two differ, diff is called.
func (c *comparison) file(name, shouldBe string, diff func(accepted, current *jsontree.Node) error) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	current := c.parser.Parse(shouldBe)
	c.cleaner.file(current)
	text := jsontree.Layout(current)
	before := c.folder.files[name]
	if before == text {
		return nil
	}
	c.parser = new(jsontree.Parser) // what it parsed is kept
	current.Seal()
	if !c.folder.has(name) {
		if err := c.patch(name, text); err != nil {
			return err
		}
		return diff(nil, current)
	}
	accepted, err := c.folder.parse(name, c.writer.portalID)
	if err != nil {
		return err
	}
	c.cleaner.file(accepted)
	accepted.Seal()
	if jsontree.Equal(accepted, current) {
		return nil
	}
	begin := len(c.changes)
	if err := diff(accepted, current); err != nil {
		return err
	}
	if err := c.patch(name, text); err != nil {
		return err
	}
	if len(c.changes) == begin { // whatever differs is reported
		jsontree.Diff(accepted, current, nil, nil, func(found jsontree.Difference) {
			c.add(&difference{change: change{rule: unknownField, at: place{file: name}, path: found.Path, before: found.Before, after: found.After}})
		})
	}
	return nil
}

// patch makes the patch of a file of the folder, which may not be there, to what it
// should be, "" if it should not be there.
func (c *comparison) patch(name, after string) (err error) {
	before := c.folder.files[name]
	if line := changedByTerraform(before); line > 0 {
		return &FolderError{File: name, Reason: fmt.Sprintf("cannot be patched: Terraform would change line %d, which is not in Unicode's form NFC. Delete the file, to have it written anew", line)}
	}
	c.patches[name], err = patch(path.Join(c.folder.path, name), before, after)
	return err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
