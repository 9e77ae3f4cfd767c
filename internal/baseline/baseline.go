// Package baseline tells whether a portal is as it was agreed to be: it makes
// of a portal the text that people commit, and of two such texts the changes.
//
// The data takes one way: [New] makes a [Baseline] of a portal, [Baseline.Text]
// and [Parse] write and read it, [Diff] compares two, [Summary] tells a person.
// The package knows nothing of Terraform and nothing of HTTP.
package baseline

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// Baseline is what people decided about a portal and what agents meet there,
// without what changes by itself. The fields of it and of the types below stand
// in the order of their names in JSON, in which keys are sorted.
type Baseline struct {
	Format  string             `json:"format"`
	Portal  Portal             `json:"portal"`
	Servers map[string]*Server `json:"servers,omitempty"` // by id

	enabledOnly bool // see Options.EnabledOnly
}

// Portal is what a [Baseline] keeps of the portal itself.
type Portal struct {
	AllowCodeMode    *bool             `json:"allow_code_mode,omitzero"`
	CodeMode         string            `json:"code_mode,omitzero"`
	CreatedAt        string            `json:"created_at,omitzero"`
	CreatedBy        string            `json:"created_by,omitzero"`
	Description      string            `json:"description,omitzero"`
	Extra            map[string]string `json:"extra,omitempty"`
	Hostname         string            `json:"hostname,omitzero"`
	ID               string            `json:"id,omitzero"`
	Name             string            `json:"name,omitzero"`
	SecureWebGateway *bool             `json:"secure_web_gateway,omitzero"`
}

// Server is what a [Baseline] keeps of a server.
type Server struct {
	AuthConfigSummary            *AuthConfigSummary `json:"auth_config_summary,omitempty"`
	AuthType                     string             `json:"auth_type,omitzero"`
	CreatedAt                    string             `json:"created_at,omitzero"`
	CreatedBy                    string             `json:"created_by,omitzero"`
	DefaultDisabled              *bool              `json:"default_disabled,omitzero"`
	Description                  string             `json:"description,omitzero"`
	Extra                        map[string]string  `json:"extra,omitempty"`
	Hostname                     string             `json:"hostname,omitzero"`
	ID                           string             `json:"id,omitzero"` // only if server_id is another
	IsSharedOAuthCallbackEnabled *bool              `json:"is_shared_oauth_callback_enabled,omitzero"`
	Name                         string             `json:"name,omitzero"`
	OnBehalf                     *bool              `json:"on_behalf,omitzero"`
	Prompts                      map[string]*Item   `json:"prompts,omitempty"`
	PromptsKnown                 *bool              `json:"prompts_known,omitzero"` // false or nil
	SecureWebGateway             *bool              `json:"secure_web_gateway,omitzero"`
	Tools                        map[string]*Item   `json:"tools,omitempty"`
	ToolsKnown                   *bool              `json:"tools_known,omitzero"` // false or nil
	Waiting                      Waiting            `json:"waiting,omitzero"`

	status string // for people; it is not compared
}

// AuthConfigSummary is how a portal logs in to a server.
type AuthConfigSummary struct {
	AuthMode            string            `json:"auth_mode,omitzero"`
	ClientSecretVersion number            `json:"client_secret_version,omitzero"`
	Config              *AuthConfig       `json:"config,omitempty"`
	Extra               map[string]string `json:"extra,omitempty"`
	HasClientSecret     *bool             `json:"has_client_secret,omitzero"`
	RegistrationInfo    *RegistrationInfo `json:"registration_info,omitempty"`
}

// AuthConfig is where a server's authorization server is.
type AuthConfig struct {
	AuthorizationEndpoint string            `json:"authorization_endpoint,omitzero"`
	Extra                 map[string]string `json:"extra,omitempty"`
	Issuer                string            `json:"issuer,omitzero"`
	Resource              string            `json:"resource,omitzero"`
	RevocationEndpoint    string            `json:"revocation_endpoint,omitzero"`
	TokenEndpoint         string            `json:"token_endpoint,omitzero"`
}

// RegistrationInfo is the portal's client at a server's authorization server.
type RegistrationInfo struct {
	ClientID                string            `json:"client_id,omitzero"`
	Extra                   map[string]string `json:"extra,omitempty"`
	RedirectURIs            []string          `json:"redirect_uris,omitempty"` // sorted
	Scope                   string            `json:"scope,omitzero"`
	TokenEndpointAuthMethod string            `json:"token_endpoint_auth_method,omitzero"`
}

// Item is a tool or a prompt as a client meets it. A prompt has no Annotations and
// no schemas.
type Item struct {
	Annotations  Annotations       `json:"annotations,omitzero"`
	Arguments    Arguments         `json:"arguments,omitzero"`
	Description  string            `json:"description,omitzero"`
	Enabled      bool              `json:"enabled"`
	Extra        map[string]string `json:"extra,omitempty"`
	InputSchema  schema            `json:"input_schema,omitzero"`
	Name         string            `json:"name,omitzero"`
	OutputSchema schema            `json:"output_schema,omitzero"`
	Overrides    []Override        `json:"overrides,omitempty"` // if there are several
	Title        string            `json:"title,omitzero"`
}

// Annotations is what a server claims of a tool.
type Annotations struct {
	DestructiveHint *bool             `json:"destructive_hint,omitzero"`
	Extra           map[string]string `json:"extra,omitempty"`
	IdempotentHint  *bool             `json:"idempotent_hint,omitzero"`
	OpenWorldHint   *bool             `json:"open_world_hint,omitzero"`
	ReadOnlyHint    *bool             `json:"read_only_hint,omitzero"`
	Title           string            `json:"title,omitzero"`
}

// Arguments is what a tool or prompt takes: of a tool the names, sorted, which its
// input schema has as well; of a prompt all that there is, by name.
type Arguments struct {
	Names  []string
	ByName map[string]Argument
}

// Argument is an argument of a prompt.
type Argument struct {
	Description string            `json:"description,omitzero"`
	Extra       map[string]string `json:"extra,omitempty"`
	Required    *bool             `json:"required,omitzero"`
	Title       string            `json:"title,omitzero"`
}

// Waiting holds the overrides of tools and prompts that a server does not have:
// they wait for it to offer one of that name.
type Waiting struct {
	Prompts map[string]*Override `json:"prompts,omitempty"`
	Tools   map[string]*Override `json:"tools,omitempty"`
}

// Override is what a person decided about a tool or prompt.
type Override struct {
	Alias             string            `json:"alias,omitzero"`
	Description       string            `json:"description,omitzero"`
	Enabled           *bool             `json:"enabled,omitzero"`
	Extra             map[string]string `json:"extra,omitempty"`
	PortalAlias       string            `json:"portal_alias,omitzero"`
	PortalDescription string            `json:"portal_description,omitzero"`
	ServerAlias       string            `json:"server_alias,omitzero"`
	ServerDescription string            `json:"server_description,omitzero"`
}

// Options say what belongs to a baseline.
type Options struct {
	// EnabledOnly leaves out tools and prompts that are off.
	EnabledOnly bool
	// IncludeExtra names the fields of any Extra that count as configuration.
	IncludeExtra []string
}

// New returns the baseline of a portal.
func New(p *cloudflare.Portal, o Options) *Baseline {
	b := builder{Options: o, tools: p.EffectiveTools(), prompts: p.EffectivePrompts()}
	servers := make([]named[*Server], len(p.Servers))
	for i := range p.Servers {
		servers[i] = named[*Server]{text(p.Servers[i].Identity()), b.server(&p.Servers[i])}
	}
	return &Baseline{
		Format: format,
		Portal: Portal{
			AllowCodeMode:    p.AllowCodeMode,
			CodeMode:         text(p.CodeMode),
			CreatedAt:        text(cloudflare.Timestamp(p.CreatedAt)),
			CreatedBy:        text(p.CreatedBy),
			Description:      text(p.Description),
			Extra:            b.extra(p, p.Extra),
			Hostname:         text(p.Hostname),
			ID:               text(p.ID),
			Name:             text(p.Name),
			SecureWebGateway: p.SecureWebGateway,
		},
		Servers:     byName(servers),
		enabledOnly: o.EnabledOnly,
	}
}

// builder makes a baseline, and what clients meet of tools and prompts that it
// has not come to yet.
type builder struct {
	Options
	tools   []cloudflare.EffectiveTool
	prompts []cloudflare.EffectivePrompt
	canonicaliser
}

func (b *builder) server(s *cloudflare.PortalServer) *Server {
	kept := &Server{
		AuthConfigSummary:            b.authConfigSummary(s.AuthConfigSummary),
		AuthType:                     text(s.AuthType),
		CreatedAt:                    text(cloudflare.Timestamp(s.CreatedAt)),
		CreatedBy:                    text(s.CreatedBy),
		DefaultDisabled:              s.DefaultDisabled,
		Description:                  text(s.Description),
		Extra:                        b.extra(s, s.Extra),
		Hostname:                     text(s.Hostname),
		IsSharedOAuthCallbackEnabled: s.IsSharedOAuthCallbackEnabled,
		Name:                         text(s.Name),
		OnBehalf:                     s.OnBehalf,
		PromptsKnown:                 unlessKnown(s.Prompts != nil),
		SecureWebGateway:             s.SecureWebGateway,
		ToolsKnown:                   unlessKnown(s.Tools != nil),
		status:                       text(s.Status),
	}
	if id := text(s.ID); id != text(s.Identity()) {
		kept.ID = id
	}
	toolOverrides, promptOverrides := b.overrides(s.UpdatedTools), b.overrides(s.UpdatedPrompts)
	tools, prompts := make([]named[*Item], 0, len(s.Tools)), make([]named[*Item], 0, len(s.Prompts))
	for i := range s.Tools {
		t, met := &s.Tools[i], b.tools[i]
		item := b.tool(t, met)
		tools = b.add(tools, item, ownName(t.Name, t.Extra), toolOverrides)
	}
	for i := range s.Prompts {
		p, met := &s.Prompts[i], b.prompts[i]
		prompts = b.add(prompts, b.prompt(p, met), ownName(p.Name, p.Extra), promptOverrides)
	}
	b.tools, b.prompts = b.tools[len(s.Tools):], b.prompts[len(s.Prompts):]
	kept.Tools, kept.Prompts = byName(tools), byName(prompts)
	kept.Waiting = Waiting{Prompts: promptOverrides.waiting(), Tools: toolOverrides.waiting()}
	return kept
}

func (b *builder) tool(t *cloudflare.Tool, met cloudflare.EffectiveTool) *Item {
	item := &Item{
		Description: text(met.Description),
		Enabled:     met.Enabled,
		Extra:       b.extra(t, t.Extra),
		Name:        text(met.Name),
		Title:       text(t.Title),
	}
	item.InputSchema, item.Arguments.Names = b.newSchema(t.InputSchema)
	item.OutputSchema, _ = b.newSchema(t.OutputSchema)
	if a := t.Annotations; a != nil {
		item.Annotations = Annotations{a.DestructiveHint, b.extra(a, a.Extra), a.IdempotentHint, a.OpenWorldHint, a.ReadOnlyHint, text(a.Title)}
	}
	return item
}

func (b *builder) prompt(p *cloudflare.Prompt, met cloudflare.EffectivePrompt) *Item {
	arguments := make([]named[Argument], len(p.Arguments))
	for i := range p.Arguments {
		a := &p.Arguments[i]
		arguments[i] = named[Argument]{ownName(a.Name, a.Extra), Argument{text(a.Description), b.extra(a, a.Extra), a.Required, text(a.Title)}}
	}
	return &Item{
		Arguments:   Arguments{ByName: byName(arguments)},
		Description: text(met.Description),
		Enabled:     met.Enabled,
		Extra:       b.extra(p, p.Extra),
		Name:        text(met.Name),
		Title:       text(p.Title),
	}
}

// add adds an item to a server's, with its overrides where they may contradict
// each other.
func (b *builder) add(items []named[*Item], item *Item, name string, overrides overrides) []named[*Item] {
	if o := overrides[name]; o != nil && name != "" {
		o.offered = true
		if len(o.entries) > 1 {
			item.Overrides = byText(o.entries)
		}
	}
	if b.EnabledOnly && !item.Enabled {
		return items
	}
	return append(items, named[*Item]{name, item})
}

// overrides holds those of a server, by the name of what they are for.
type overrides map[string]*struct {
	entries []Override
	offered bool // whether the server has a tool or prompt of that name
}

func (b *builder) overrides(list []cloudflare.Override) overrides {
	all := make(overrides, len(list))
	for i := range list {
		o := &list[i]
		name := ownName(o.Name, o.Extra)
		if all[name] == nil {
			all[name] = new(struct {
				entries []Override
				offered bool
			})
		}
		all[name].entries = append(all[name].entries, Override{
			Alias:             text(o.Alias),
			Description:       text(o.Description),
			Enabled:           o.Enabled,
			Extra:             b.extra(o, o.Extra),
			PortalAlias:       text(o.PortalAlias),
			PortalDescription: text(o.PortalDescription),
			ServerAlias:       text(o.ServerAlias),
			ServerDescription: text(o.ServerDescription),
		})
	}
	return all
}

// waiting returns the overrides of what the server does not have, but for those
// that say nothing.
func (o overrides) waiting() map[string]*Override {
	var list []named[*Override]
	for name, about := range o {
		if about.offered {
			continue
		}
		for i := range about.entries {
			if marshal(about.entries[i]) != "{}" {
				list = append(list, named[*Override]{name, &about.entries[i]})
			}
		}
	}
	return byName(list)
}

func (b *builder) authConfigSummary(a *cloudflare.AuthConfigSummary) *AuthConfigSummary {
	if a == nil {
		return nil
	}
	kept := AuthConfigSummary{
		AuthMode:        text(a.AuthMode),
		Extra:           b.extra(a, a.Extra),
		HasClientSecret: a.HasClientSecret,
	}
	if a.ClientSecretVersion != nil {
		kept.ClientSecretVersion = number(*a.ClientSecretVersion)
	}
	if c := a.Config; c != nil {
		kept.Config = unlessEmpty(AuthConfig{text(c.AuthorizationEndpoint), b.extra(c, c.Extra), text(c.Issuer), text(c.Resource), text(c.RevocationEndpoint), text(c.TokenEndpoint)})
	}
	if r := a.RegistrationInfo; r != nil {
		kept.RegistrationInfo = unlessEmpty(RegistrationInfo{text(r.ClientID), b.extra(r, r.Extra), slices.Sorted(slices.Values(r.RedirectURIs)), text(r.Scope), text(r.TokenEndpointAuthMethod)})
	}
	return unlessEmpty(kept)
}

// extra returns what is kept of the Extra of a wire type: the fields that were
// asked for, and those that the type has but could not hold, such as a
// description that is no text. Clients get these all the same.
func (b *builder) extra(wire any, extra wirejson.Extra) map[string]string {
	var kept map[string]string
	for name, value := range extra {
		if value != "null" && (slices.Contains(b.IncludeExtra, name) || isUnheld(wire, name)) {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[name] = string(b.canonical(value))
		}
	}
	return kept
}

// ownName returns the name that a tool or prompt has at its server, as it was
// received where no text can hold it. "" if it has none.
func ownName(name *string, extra wirejson.Extra) string {
	if received, ok := extra["name"]; ok && strings.ContainsRune(text(name), '\uFFFD') {
		return received[1 : len(received)-1]
	}
	return text(name)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// unlessEmpty returns nil for an object in which nothing is set: it is left out,
// as null is.
func unlessEmpty[T any](object T) *T {
	if reflect.ValueOf(object).IsZero() {
		return nil
	}
	return &object
}

func unlessKnown(known bool) *bool {
	if known {
		return nil
	}
	return &known
}

// named is a value under a name that others may have, too.
type named[T any] struct {
	name  string
	value T
}

// byName returns the values by name. Where one has the name of another, it
// stands under the name with #2, or the next number that is free. Which is the
// first does not depend on their order. Nil if there are none.
func byName[T any](list []named[T]) map[string]T {
	if len(list) == 0 {
		return nil
	}
	values := make(map[string]T, len(list))
	for _, n := range list {
		values[n.name] = n.value
	}
	if len(values) == len(list) {
		return values
	}
	sameName := make(map[string][]T, len(values))
	for _, n := range list {
		sameName[n.name] = append(sameName[n.name], n.value)
	}
	for _, name := range slices.Sorted(maps.Keys(sameName)) {
		number := 1
		for i, value := range byText(sameName[name]) {
			free := name
			for i > 0 {
				number++
				free = name + "#" + strconv.Itoa(number)
				if _, taken := values[free]; !taken {
					break
				}
			}
			values[free] = value
		}
	}
	return values
}

// byText returns the values in the order of their texts, each of which is made
// once.
func byText[T any](values []T) []T {
	if len(values) < 2 {
		return values
	}
	texts := make([]named[T], len(values))
	for i, value := range values {
		texts[i] = named[T]{marshal(value), value}
	}
	slices.SortStableFunc(texts, func(a, b named[T]) int { return cmp.Compare(a.name, b.name) })
	sorted := make([]T, len(values))
	for i, t := range texts {
		sorted[i] = t.value
	}
	return sorted
}
