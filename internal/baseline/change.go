package baseline

import (
	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
)

// change is a difference that has been judged: data, of which words.go and its
// neighbours make sentences.
type change struct {
	rule    *Rule
	effects effects
	// because says why the change has no effect; "" where it has one.
	because string

	at place
	// root leads from the file to what path begins in.
	root jsontree.Path
	// path leads to the place from the tool or prompt, from the object server or
	// portal, or from access; nil for a whole server, tool or prompt.
	path jsontree.Path
	// before and after are what was accepted and what is there now; nil where there
	// is nothing. Of a description or an exposed name, what clients are given.
	before, after *jsontree.Node

	// entries are the tool or prompt, accepted and now; nil where there is none.
	entries [2]*entry
	// roots are the server's files, or those of Access, accepted and now; nil where
	// there is none.
	roots [2]*jsontree.Node
	// owner is who else has the name, where a name is shared or was taken.
	owner owner
	// throughGateway is whether the traffic of a server that appeared goes through
	// Gateway, by its own switch or the portal's.
	throughGateway bool
	// joined is how many changes this one stands for; 0 for one that stands for
	// itself. What they were can be seen in the patch alone.
	joined int
	// facts are what the words about Access need; nil elsewhere.
	facts *accessFacts
}

// place is where a change is.
type place struct {
	file     string
	serverID *string
	tool     *string
	prompt   *string
}

// owner is the tool or prompt that clients see under a name.
type owner struct {
	serverID, name string
	kind           *kind
	// shared is whether it still has the name.
	shared bool
}

// field returns where a change stands in its file, such as
// tools.search.definition.description; "" for a whole server, tool or prompt.
func (ch *change) field() string {
	if ch.path == nil {
		return ""
	}
	return ch.root.Then(ch.path...).String()
}

// wasOn and isOn report whether a tool or prompt was accepted as on, and is on now.
func (ch *change) wasOn() bool { return ch.entries[0].isOn() }
func (ch *change) isOn() bool  { return ch.entries[1].isOn() }

// entry is a tool or prompt as a file has it.
type entry struct {
	kind       *kind
	name       string
	node       *jsontree.Node
	definition *jsontree.Node
	// description is what clients are given: that of an override, or the server's own.
	description *jsontree.Node
	// describedBy leads to it from the entry; nil if there is none.
	describedBy jsontree.Path
	exposedAs   string
	enabled     bool
}

func (e *entry) isOn() bool { return e != nil && e.enabled }

// hints is what a tool declares, with MCP's defaults where it declares nothing.
//
// Source: Model Context Protocol, ToolAnnotations.
type hints struct{ readOnly, destructive, openWorld bool }

func (e *entry) hints() hints {
	annotations := e.definition.Member("annotations")
	h := hints{readOnly: annotations.Member("readOnlyHint").IsTrue()}
	h.destructive = !h.readOnly && !annotations.Member("destructiveHint").IsFalse()
	h.openWorld = !annotations.Member("openWorldHint").IsFalse()
	return h
}
