package cloudflare

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/jsontree"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// redact replaces what may be a credential in what was read: a portal, a server, an
// application, a group or an identity provider. In its place stands a digest, so that
// a change is seen and the value is not. What a tool or prompt says is not touched.
//
// Everything that is read passes here once, before anybody sees it, so the state and
// the accepted files have the same digests.
func redact(target any) {
	switch object := target.(type) {
	case *Portal:
		r := redactor{id: deref(object.ID)}
		wirejson.MapExtra(object, r.field, "servers")
		for i := range object.Servers {
			r.id = deref(object.Servers[i].Identity())
			wirejson.MapExtra(&object.Servers[i], r.field, "tools", "prompts")
		}
	case *Server:
		r := redactor{id: deref(object.Identity())}
		wirejson.MapExtra(object, r.field, "tools", "prompts")
	case *Application:
		r := redactor{id: deref(object.ID)}
		wirejson.MapExtra(object, r.field)
		for i := range object.Policies {
			p := &object.Policies[i]
			if p.ApprovalGroups != nil {
				*p.ApprovalGroups = wirejson.Value(r.value("policies.approval_groups", "", jsontext.Value(*p.ApprovalGroups)))
			}
			if p.MFAConfig != nil {
				*p.MFAConfig = wirejson.Object(r.value("policies.mfa_config", "", jsontext.Value(*p.MFAConfig)))
			}
			r.rules("policies.", p.Include, p.Require, p.Exclude)
		}
	case *Group:
		r := redactor{id: deref(object.ID)}
		wirejson.MapExtra(object, r.field)
		r.rules("", object.Include, object.Require, object.Exclude)
	case *IdentityProvider:
		r := redactor{id: deref(object.ID)}
		wirejson.MapExtra(object, r.field)
	}
}

// redactor redacts an object, and what is in it.
type redactor struct {
	id     string // of the object: two that have the same secret have other digests
	parser jsontree.Parser
	depth  int
}

// loginField is the field of a server that says how the portal logs in to it.
const loginField = "auth_config_summary"

// field returns an unmodelled field of an object, which path leads to, redacted.
func (r *redactor) field(path, name, value string) string {
	raw := jsontext.Value(value)
	if path != loginField && !strings.HasPrefix(path, loginField+".") {
		return string(r.value(join(path, name), name, raw))
	}
	at := join(path, name)
	isAddress := slices.ContainsFunc([]string{"_endpoint", "_uri", "_uris", "_url"}, func(end string) bool { return strings.HasSuffix(name, end) })
	switch {
	case !isText(raw) && !isContainer(raw):
		return value
	case isAddress && isText(raw):
		return string(r.address(at, raw))
	case isAddress && raw.Kind() == '[':
		return string(r.each(at, raw, func(_ string, element jsontext.Value) []byte { return r.address(at, element) }))
	}
	return string(r.digest(at, raw))
}

// value returns the value of that name, which path leads to, redacted.
func (r *redactor) value(path, name string, raw jsontext.Value) []byte {
	switch {
	case !isText(raw) && !isContainer(raw):
		return raw
	case mayBeCredential(name):
		return r.digest(path, raw)
	case isText(raw):
		return raw
	}
	return r.each(path, raw, func(name string, value jsontext.Value) []byte {
		at := join(path, name)
		if at == "scim_config.authentication" {
			return r.authentication(at, value)
		}
		return r.value(at, name, value)
	})
}

// authentication redacts how an application authenticates to where it provisions
// users: an object, or a list of them.
func (r *redactor) authentication(path string, raw jsontext.Value) []byte {
	if !isContainer(raw) {
		return r.digest(path, raw)
	}
	return r.each(path, raw, func(name string, value jsontext.Value) []byte {
		switch {
		case name == "scheme" || name == "user" || value.Kind() == 'n':
			return value
		case name == "" && value.Kind() == '{': // of a list
			return r.authentication(path, value)
		}
		return r.digest(join(path, name), value)
	})
}

// rules redacts lists of rules. The names of selectors, and what is known of their
// values, are no credentials: service_token has the token's id.
func (r *redactor) rules(path string, lists ...[]wirejson.Value) {
	for i, name := range []string{"include", "require", "exclude"} {
		for j, rule := range lists[i] {
			lists[i][j] = wirejson.Value(r.rule(path+name, jsontext.Value(rule)))
		}
	}
}

func (r *redactor) rule(path string, raw jsontext.Value) []byte {
	if raw.Kind() != '{' {
		return r.value(path, "", raw)
	}
	return r.each(path, raw, func(name string, value jsontext.Value) []byte {
		at := join(path, name)
		if value.Kind() != '{' {
			return r.value(at, "", value)
		}
		s := selectors[name]
		return r.each(at, value, func(member string, value jsontext.Value) []byte {
			if _, qualifies := s.qualifiers[member]; qualifies || member == s.key {
				return value
			}
			return r.value(join(at, member), member, value)
		})
	})
}

// maxRedactDepth is how deep a value is looked into. What is deeper counts as a
// credential.
const maxRedactDepth = 64

// each returns an object or list, in the order received, with each member or element
// replaced by what f returns for it. An element has no name.
func (r *redactor) each(path string, raw jsontext.Value, f func(name string, value jsontext.Value) []byte) []byte {
	if r.depth++; r.depth > maxRedactDepth {
		r.depth--
		return r.digest(path, raw)
	}
	defer func() { r.depth-- }()
	out := []byte{raw[0]}
	d := wirejson.NewDecoder(context.Background(), raw) // of valid JSON: it was decoded before
	_, _ = d.ReadToken()
	for kind := d.PeekKind(); kind != '}' && kind != ']' && kind != 0; kind = d.PeekKind() {
		if len(out) > 1 {
			out = append(out, ',')
		}
		name := ""
		if raw[0] == '{' {
			key, _ := d.ReadValue()
			name = jsontree.Unquote(jsontree.Spelled(string(key)))
			out = append(append(out, key...), ':')
		}
		value, _ := d.ReadValue()
		out = append(out, f(name, value)...)
	}
	return append(out, raw[0]+2) // the closing bracket
}

// address returns the address of a login in clear, but for user info, query and
// fragment. What is no address is redacted whole.
func (r *redactor) address(path string, raw jsontext.Value) []byte {
	u, err := url.Parse(deref(textIn(raw)))
	if err != nil || u.Scheme == "" || u.Host == "" {
		return r.digest(path, raw)
	}
	if u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return raw
	}
	hidden := func(text string) string { return deref(textIn(r.digest(path, wirejson.Quote(nil, text)))) }
	rest := url.URL{Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := strings.TrimPrefix(rest.String(), "//")
	if u.User != nil {
		text = hidden(u.User.String()) + "@" + text
	}
	if u.RawQuery != "" {
		text += "?" + hidden(u.RawQuery)
	}
	if u.Fragment != "" {
		text += "#" + hidden(u.Fragment)
	}
	return wirejson.Quote(nil, u.Scheme+"://"+text)
}

// digest returns what stands in the place of a value: a digest of the object's id, the
// path without positions in lists, and the value's canonical JSON.
func (r *redactor) digest(path string, raw jsontext.Value) []byte {
	value := jsontree.Compact(r.parser.Parse(string(raw)))
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %s", r.id, path, value))
	return fmt.Appendf(nil, `"[redacted sha256:%x]"`, sum[:16])
}

// mayBeCredential reports whether the name of a field says that it holds a credential.
func mayBeCredential(name string) bool {
	name = strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	return slices.ContainsFunc([]string{"secret", "token", "password", "privatekey", "credential", "apikey"},
		func(word string) bool { return strings.Contains(name, word) })
}

func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

func isText(raw jsontext.Value) bool { return raw.Kind() == '"' }

func isContainer(raw jsontext.Value) bool { return raw.Kind() == '{' || raw.Kind() == '[' }
