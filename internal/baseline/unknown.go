package baseline

import (
	"maps"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// What the API does not tell now is neither there nor gone. Of such a server, what was
// accepted stands in for what is not known, under the overrides of now: it is compared
// when it is known again, and no patch can drop it.

// fillIn returns the portal with the accepted tools and prompts of those servers of
// which the API does not tell them, and of each server which of the two is known.
func (c *comparison) fillIn(p *cloudflare.Portal, files []string) (*cloudflare.Portal, [][2]bool, error) {
	filled := *p
	filled.Servers = slices.Clone(p.Servers)
	known := make([][2]bool, len(filled.Servers))
	for i := range filled.Servers {
		s := &filled.Servers[i]
		known[i] = [2]bool{s.ToolsKnown(), s.PromptsKnown()}
		if known[i][0] && known[i][1] {
			continue
		}
		isNew, missing := !c.folder.has(files[i]), known[i]
		var root *jsontree.Node
		if !isNew {
			var err error
			if root, err = c.folder.parse(files[i], c.writer.portalID); err != nil {
				return nil, nil, err
			}
			if err := c.standIn(files[i], root, s, &known[i]); err != nil {
				return nil, nil, err
			}
			// One that was accepted as unknown, and is unknown, is as it was accepted.
			missing[0] = missing[0] || root.Member(tools.list).IsNull()
			missing[1] = missing[1] || root.Member(prompts.list).IsNull()
		}
		if !missing[0] || !missing[1] {
			id := deref(s.Identity())
			c.gaps = append(c.gaps, Gap{ServerID: &id, Text: sayGap(s, !missing[0], !missing[1], isNew)})
		}
	}
	return &filled, known, nil
}

// standIn puts what was accepted of a server in the place of what is not known.
func (c *comparison) standIn(file string, root *jsontree.Node, s *cloudflare.PortalServer, known *[2]bool) error {
	for i, target := range []any{&s.Tools, &s.Prompts} {
		k := kinds[i]
		if known[i] || root.Member(k.list).IsNull() {
			continue
		}
		known[i] = true
		var all, objects []byte
		for _, e := range entriesIn(root, k) {
			all = jsontree.AppendCompact(append(all, ','), e.definition)
			if e.definition.IsObject() {
				objects = jsontree.AppendCompact(append(objects, ','), e.definition)
			}
		}
		if len(all) > len(objects) {
			s.Extra = maps.Clone(s.Extra)
			if s.Extra == nil {
				s.Extra = wirejson.Extra{}
			}
			s.Extra[k.list] = list(all)
		}
		if err := wirejson.NewDecoder(c.ctx, []byte(list(objects))).Decode(target); err != nil {
			if c.ctx.Err() != nil {
				return c.ctx.Err()
			}
			return &FolderError{File: file, Reason: "cannot be used: a definition in it is not a tool or prompt of the Model Context Protocol"}
		}
	}
	return nil
}

// list returns a list of elements, each of which has a comma before it.
func list(elements []byte) string { return "[" + strings.TrimPrefix(string(elements), ",") + "]" }

// unknownServers notes that the API does not tell the portal's servers.
func (c *comparison) unknownServers() {
	for name := range c.folder.files {
		if strings.HasPrefix(name, serverFolder) {
			c.gaps = append(c.gaps, Gap{Text: sayUnknownServers()})
			return
		}
	}
}
