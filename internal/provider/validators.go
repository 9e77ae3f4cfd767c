package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// The validators here serve the configuration and, by check, the environment.
// They never repeat a value: it may be a secret, or one in the wrong place.

// identifier checks an id, and is what the id is called.
type identifier string

// Description says what is accepted.
func (v identifier) Description(context.Context) string {
	return "1 to 32 characters of A-Za-z0-9_-"
}

// MarkdownDescription says what is accepted.
func (v identifier) MarkdownDescription(context.Context) string {
	return "1 to 32 characters of `A-Za-z0-9_-`"
}

// ValidateString adds an error for anything else.
func (v identifier) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validate(req, resp, "Not an "+string(v), v.check)
}

func (v identifier) check(id string) string {
	if err := cloudflare.ValidateID(id); err != nil {
		return fmt.Sprintf("the %s %s", v, err)
	}
	return ""
}

// headerText checks what is sent in a header, and is what it is called.
type headerText string

func (v headerText) check(text string) string {
	if text == "" {
		return fmt.Sprintf("the %s is empty; to take it from the environment, leave the attribute out or make it null", v)
	}
	if !cloudflare.ValidHeaderText(text) {
		return fmt.Sprintf("the %s holds a blank, a line break or a character outside ASCII; in a configuration, trimspace() takes off what stands around it", v)
	}
	return ""
}

func checkBaseURL(text string) string {
	if err := cloudflare.ValidateBaseURL(text); err != nil {
		return "the base URL cannot be used: " + err.Error()
	}
	return ""
}

// hostname checks the host name of a portal.
type hostname struct{}

// Description says what is accepted.
func (hostname) Description(context.Context) string { return "a host name such as mcp.example.com" }

// MarkdownDescription says what is accepted.
func (v hostname) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString adds an error for what was meant to be a URL, the usual slip.
func (hostname) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validate(req, resp, "Not a host name", func(text string) string {
		if strings.Trim(text, ".") == "" || strings.ContainsAny(text, "/:@ \t\n") {
			return "a host name alone is needed, such as mcp.example.com, without https:// and without a path"
		}
		return ""
	})
}

func validate(req validator.StringRequest, resp *validator.StringResponse, summary string, check func(string) string) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if wrong := check(req.ConfigValue.ValueString()); wrong != "" {
		resp.Diagnostics.AddAttributeError(req.Path, summary, sentence(wrong))
	}
}
