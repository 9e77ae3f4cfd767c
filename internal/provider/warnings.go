package provider

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// warnOfUnknownServers warns of the portals of whose servers the API said null:
// in the state that is the empty list, over which every rule passes.
func warnOfUnknownServers(diags *diag.Diagnostics, portals ...*cloudflare.Portal) {
	var names []string
	for _, p := range portals {
		if p.Servers == nil {
			names = append(names, fmt.Sprintf("%q", nameOf(p)))
		}
	}
	if len(names) == 0 {
		return
	}
	diags.AddWarning("The servers of a portal are not known",
		"Cloudflare's API answered with null for the servers of "+strings.Join(names, ", ")+". It is read as a portal without servers, and a rule over its servers or tools finds nothing in it. "+
			"Before you rely on that, look in the dashboard whether it has none.")
}

// maxLines is how many things a warning names.
const maxLines = 20

// lines returns what a warning names, one to a line.
func lines(all []string) string {
	if more := len(all) - maxLines; more > 0 {
		all = append(all[:maxLines:maxLines], fmt.Sprintf("and %d more", more))
	}
	return "  " + strings.Join(all, "\n  ")
}

// warnOfStraysIn warns of tools and prompts of portals that are no objects.
func warnOfStraysIn(diags *diag.Diagnostics, portals ...*cloudflare.Portal) {
	var places []string
	for _, p := range portals {
		for i := range p.Servers {
			for _, place := range p.Servers[i].Strays() {
				places = append(places, fmt.Sprintf("portal %q, servers[%d].%s", nameOf(p), i, place))
			}
		}
	}
	warnOfStrays(diags, places)
}

// warnOfStrays warns of tools and prompts that are no objects, by their places.
func warnOfStrays(diags *diag.Diagnostics, places []string) {
	if len(places) == 0 {
		return
	}
	diags.AddWarning("A server's list holds something that is no tool or prompt",
		"Each entry of tools and prompts should be an object. These are not:\n\n"+lines(places)+
			"\n\nThe provider leaves them out of tools and prompts. The list as it was received stands in the server's extra.")
}

// nameOf returns what to call a portal in a warning.
func nameOf(p *cloudflare.Portal) string { return *cmp.Or(p.ID, p.Hostname, new("without an id")) }

// warnOfContradictions warns, once for all of them, of overrides that disagree on
// whether a tool or prompt is on: nobody documents which one Cloudflare takes, so
// that it stands in the state as on, and may be off for agents.
func warnOfContradictions(diags *diag.Diagnostics, portals ...*cloudflare.Portal) {
	var all []string
	for _, p := range portals {
		for _, c := range p.Contradictions() {
			all = append(all, fmt.Sprintf("portal %q, server %q: %s %.100q", nameOf(p), c.ServerID, c.Kind, c.Name))
		}
	}
	if len(all) == 0 {
		return
	}
	diags.AddWarning("Overrides contradict each other",
		"Several entries of one server's updated_tools or updated_prompts are about the same tool or prompt, and disagree on whether it is on. Cloudflare does not document which of them counts, so the provider reads it as on.\n\n"+
			lines(all)+"\n\nTurn each of them on or off anew in Cloudflare's dashboard, so that one entry is left.")
}

// warnOfUnguarded warns of a portal that no application guards.
func warnOfUnguarded(diags *diag.Diagnostics, portal *cloudflare.Portal, access *cloudflare.Access) {
	if access.Reach[0].Guarded {
		return
	}
	diags.AddWarning("Nothing guards the portal", fmt.Sprintf(
		"No Access application of the account covers the address of the portal %q, its hostname %q with the path /mcp. As far as can be told, anybody reaches it, and it is read so: open and everyone are true. "+
			"Cloudflare's dashboard makes an application with each portal: look under Access, Applications, whether it was deleted, or is for another host name.",
		*cmp.Or(portal.ID, new("without an id")), *cmp.Or(portal.Hostname, new(""))))
}
