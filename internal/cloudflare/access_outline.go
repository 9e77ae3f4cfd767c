package cloudflare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// outline is what of an application says what it guards. An account has
// applications of many types, of which hardly any guards a portal or a server of
// it: those are read past, whatever they look like.
type outline struct {
	id, kind *string
	// patterns are the hosts and paths that it covers.
	patterns []pattern
	// servers are the ids of the MCP servers that it guards.
	servers []string
	// odd says what of this has a shape that nobody knows, so that the application
	// may guard more than is known; nil if nothing has.
	odd *DecodeError
}

// outlineOf reads an outline. Where a key stands twice, both count: reading the
// application whole will refuse it if it is one that matters.
func outlineOf(raw wirejson.Value) outline {
	var o outline
	eachMember(jsontext.Value(raw), func(name string, value jsontext.Value) {
		switch name {
		case "id":
			o.id = cmp.Or(o.id, textIn(value))
		case "type":
			o.kind = cmp.Or(o.kind, textIn(value))
		case "domain":
			o.cover(name, value)
		case "self_hosted_domains":
			o.each(name, value, o.cover)
		case "destinations":
			o.each(name, value, o.destination)
		}
	})
	return o
}

// mayGuard reports whether an application that can't be read whole, or not to the
// end, may be one that guards a portal or a server: those types do nothing else.
//
// Source: Cloudflare's Go SDK, ApplicationType.
func (o *outline) mayGuard() bool {
	return o.kind != nil && (*o.kind == "mcp" || *o.kind == "mcp_portal")
}

func (o *outline) each(name string, list jsontext.Value, element func(string, jsontext.Value)) {
	n := 0
	if list.Kind() != 'n' && !eachElement(list, func(value jsontext.Value) {
		element(fmt.Sprintf("%s[%d]", name, n), value)
		n++
	}) {
		o.doubt(name, "a list", list)
	}
}

func (o *outline) cover(path string, address jsontext.Value) {
	text := textIn(address)
	switch {
	case text != nil && *text != "":
		o.patterns = append(o.patterns, parsePattern(*text))
	case text == nil && address.Kind() != 'n':
		o.doubt(path, "a string", address)
	}
}

// doubt notes the first of what has an unknown shape.
func (o *outline) doubt(path, expected string, found jsontext.Value) {
	if o.odd == nil {
		o.odd = &DecodeError{Path: path, Expected: expected, Found: wirejson.NameOf(found.Kind())}
	}
}

// The types of a destination that matter here; of others nothing is known.
//
// Source: Cloudflare's Go SDK.
const (
	destinationPublic = "public"
	destinationServer = "via_mcp_server_portal"
)

func (o *outline) destination(path string, raw jsontext.Value) {
	var kind, uri, server []jsontext.Value
	if !eachMember(raw, func(name string, value jsontext.Value) {
		switch value = value.Clone(); name {
		case "type":
			kind = append(kind, value)
		case "uri":
			uri = append(uri, value)
		case "mcp_server_id":
			server = append(server, value)
		}
	}) {
		o.doubt(path, "an object", raw)
		return
	}
	is := func(name string) bool {
		return slices.ContainsFunc(kind, func(value jsontext.Value) bool { return deref(textIn(value)) == name })
	}
	if is(destinationPublic) {
		for _, value := range uri {
			o.cover(path+".uri", value)
		}
	}
	if is(destinationServer) {
		for _, value := range server {
			if id := textIn(value); id != nil {
				o.servers = append(o.servers, *id)
			} else {
				o.doubt(path+".mcp_server_id", "a string", value)
			}
		}
	}
}

// eachMember calls f for each member of an object, and reports whether raw is one.
func eachMember(raw jsontext.Value, f func(name string, value jsontext.Value)) bool {
	if raw.Kind() != '{' {
		return false
	}
	d := wirejson.NewDecoder(context.Background(), raw)
	if _, err := d.ReadToken(); err != nil {
		return false
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		value, err := d.ReadValue()
		if err != nil {
			return false
		}
		f(name, value)
	}
	return true
}

// eachElement calls f for each element of a list, and reports whether raw is one.
func eachElement(raw jsontext.Value, f func(jsontext.Value)) bool {
	if raw.Kind() != '[' {
		return false
	}
	d := wirejson.NewDecoder(context.Background(), raw)
	if _, err := d.ReadToken(); err != nil {
		return false
	}
	for kind := d.PeekKind(); kind != ']' && kind != 0; kind = d.PeekKind() {
		value, err := d.ReadValue()
		if err != nil {
			return false
		}
		f(value)
	}
	return true
}

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
