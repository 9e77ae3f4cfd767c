package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// The types of an application. Whatever is in neither list is unknown.
//
// Source: Cloudflare's Go SDK, ApplicationType, and the documentation of Access.
const typeEndUser = "end_user"

var (
	// guardTypes stand in the way of a request.
	guardTypes = []string{"self_hosted", "mcp", "mcp_portal", "ssh", "vnc", "rdp"}
	// otherTypes guard no address, whatever address they have: a bookmark is a link.
	otherTypes = []string{"bookmark", "saas", "app_launcher", "warp", "biso", "dash_sso", "infrastructure", "proxy_endpoint"}
)

// outline is what of an application says what it guards. An account has applications
// of many types, and hardly any of them guards a portal or a server of it. Those are
// read past, whatever they look like.
type outline struct {
	id, kind string
	// patterns are the hosts and paths that it covers.
	patterns []pattern
	// servers are the ids of the MCP servers that it guards.
	servers []string
	// odd is what of this has an unknown shape, so that the application may guard more
	// than is known; nil if nothing has.
	odd *DecodeError
}

// The wire types of an outline are open: what they hold may have any shape.
type (
	wireOutline struct {
		ID                *string          `json:"id"`
		Type              *string          `json:"type"`
		Domain            *string          `json:"domain"`
		SelfHostedDomains []wirejson.Value `json:"self_hosted_domains"`
		Destinations      []wirejson.Value `json:"destinations"`
		Extra             wirejson.Extra   `wirejson:"open"`
	}
	wireDestination struct {
		Type        *string        `json:"type"`
		URI         *string        `json:"uri"`
		MCPServerID *string        `json:"mcp_server_id"`
		Extra       wirejson.Extra `wirejson:"open"`
	}
)

// The types of a destination that matter here.
//
// Source: Cloudflare's Go SDK.
const (
	destinationPublic = "public"
	destinationServer = "via_mcp_server_portal"
)

func outlineOf(raw wirejson.Value) outline {
	var wire wireOutline
	var o outline
	o.decode("", raw, &wire)
	o.id, o.kind = deref(wire.ID), deref(wire.Type)
	o.doubt("domain", "a string", wire.Extra["domain"])
	o.doubt("self_hosted_domains", "a list", wire.Extra["self_hosted_domains"])
	o.doubt("destinations", "a list", wire.Extra["destinations"])
	o.cover(wire.Domain)
	for i, domain := range wire.SelfHostedDomains {
		text := textIn(jsontext.Value(domain))
		if o.cover(text); text == nil {
			o.doubt(fmt.Sprintf("self_hosted_domains[%d]", i), "a string", string(domain))
		}
	}
	for i, destination := range wire.Destinations {
		path := fmt.Sprintf("destinations[%d]", i)
		var d wireDestination
		o.decode(path, destination, &d)
		switch deref(d.Type) {
		case destinationPublic:
			o.cover(d.URI)
			o.doubt(path+".uri", "a string", d.Extra["uri"])
		case destinationServer:
			if d.MCPServerID != nil {
				o.servers = append(o.servers, *d.MCPServerID)
			}
			o.doubt(path+".mcp_server_id", "a string", d.Extra["mcp_server_id"])
		}
	}
	return o
}

// decode decodes a part of an outline, and notes if it has an unknown shape.
func (o *outline) decode(path string, raw wirejson.Value, target any) {
	err := wirejson.NewDecoder(context.Background(), []byte(raw)).Decode(target)
	if path != "" {
		err = wirejson.Within(path, err)
	}
	if wrong, ok := errors.AsType[*DecodeError](err); ok && o.odd == nil {
		o.odd = wrong
	}
}

func (o *outline) cover(address *string) {
	if deref(address) != "" {
		o.patterns = append(o.patterns, parsePattern(*address))
	}
}

// doubt notes the first of what has an unknown shape: found is its JSON, empty if
// there is nothing.
func (o *outline) doubt(path, expected, found string) {
	// A text in Extra is one that is no NFC, and has been read.
	if kind := jsontext.Value(found).Kind(); found != "" && o.odd == nil && wirejson.NameOf(kind) != expected {
		o.odd = &DecodeError{Path: path, Expected: expected, Found: wirejson.NameOf(kind)}
	}
}

// mayGuard reports whether an application that cannot be decoded may be one that
// guards a portal or a server: those types do nothing else.
func (o *outline) mayGuard() bool { return o.kind == "mcp" || o.kind == "mcp_portal" }

// textIn returns the text of a JSON string; nil for anything else.
func textIn(raw jsontext.Value) *string {
	if raw.Kind() != '"' {
		return nil
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // halves of surrogate pairs become U+FFFD
	return new(string(text))
}

// pattern is the hosts and paths that an application covers. An asterisk stands
// for any text: in a host within one of its labels, in a path across its parts.
// Upper and lower case of a host are the same; of a path they are not.
//
// Source: Cloudflare's documentation, "Application paths". Its page of 2025 lets
// an asterisk cover one level of subdomains alone, and example.com/* what
// example.com covers.
type pattern struct{ host, path string }

// parsePattern reads an address such as "mcp.example.com/mcp", with or without a
// scheme and a port.
func parsePattern(address string) pattern {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	host, path, _ := strings.Cut(address, "/")
	host, _, _ = strings.Cut(host, ":")
	path = strings.TrimRight(path, "/")
	if path == "*" {
		path = ""
	}
	return pattern{canonicalHostname(host), path}
}

// coversHost reports whether the pattern covers some of that host, or all of it.
func (p pattern) coversHost(host string) bool { return matches(p.host, host, '.') }

// covers reports whether p covers all that other does. With a pattern that has no
// asterisk, that is whether it covers this address.
func (p pattern) covers(other pattern) bool {
	return p.coversHost(other.host) && coversPath(p.path, other.path)
}

// coversPath reports whether a path covers another: itself and whatever is below
// it.
func coversPath(path, other string) bool {
	if path == "" || matches(path, other, 0) {
		return true
	}
	for i := range len(other) {
		if other[i] == '/' && matches(path, other[:i], 0) {
			return true
		}
	}
	return false
}

// matches reports whether text matches a glob in which an asterisk stands for any
// bytes but stop. An asterisk in text is like any other character, so that of two
// globs one can be held against the other.
func matches(glob, text string, stop byte) bool {
	// The last asterisk takes as little as it can, and more when the rest does not
	// match. No other need be gone back to: between two that may not take a stop,
	// the stops themselves hold the rest in its place.
	star, mark := -1, 0
	g := 0
	for i := 0; i < len(text); {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, i
			g++
		case g < len(glob) && glob[g] == text[i]:
			g++
			i++
		case star >= 0 && (stop == 0 || text[mark] != stop):
			mark++
			g, i = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}

// mostSpecific returns those of patterns that no other is more specific than. Of
// two that cover the same and neither of which covers all that the other does,
// nobody documents which one counts.
func mostSpecific(patterns []pattern) []pattern {
	patterns = slices.Clone(patterns)
	slices.SortFunc(patterns, func(a, b pattern) int {
		if c := strings.Compare(a.host, b.host); c != 0 {
			return c
		}
		return strings.Compare(a.path, b.path)
	})
	patterns = slices.Compact(patterns)
	return slices.DeleteFunc(slices.Clone(patterns), func(p pattern) bool {
		return slices.ContainsFunc(patterns, func(other pattern) bool {
			return other != p && p.covers(other) && !other.covers(p)
		})
	})
}
