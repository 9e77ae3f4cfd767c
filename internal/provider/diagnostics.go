package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
)

// explanation is an error as a person reads it.
type explanation struct {
	// summary says what failed, in a few words.
	summary string
	// detail says what was read where, what the API said, and what to do.
	detail string
	// attribute is the data source's attribute at fault; empty if none is.
	attribute string
}

// addError adds the explanation of an error of the client. It stands on the
// attribute at fault if that is in the configuration, and else on the block.
func addError(diags *diag.Diagnostics, err error, config tfsdk.Config) {
	e := explain(err)
	if e.attribute != "" && isConfigured(config, path.Root(e.attribute)) {
		diags.AddAttributeError(path.Root(e.attribute), e.summary, e.detail)
		return
	}
	diags.AddError(e.summary, e.detail)
}

func isConfigured(config tfsdk.Config, at path.Path) bool {
	var value attr.Value
	diags := config.GetAttribute(context.Background(), at, &value)
	return !diags.HasError() && value != nil && !value.IsNull()
}

// explain turns an error of the client into words. It is the only function that
// does.
func explain(err error) explanation {
	var e *cloudflare.Error
	if !errors.As(err, &e) {
		return explanation{summary: "Reading from Cloudflare's API failed", detail: sentence(err.Error())}
	}
	c := causeOf(e)
	if c.attribute == "id" && !isOfMCP(e.Object) {
		c.attribute = "" // it is the portal's
	}
	paragraphs := []string{
		fmt.Sprintf("Reading %s of account %q failed.", e.Object, e.AccountID) + c.what,
		answerText(e, c),
		c.remedy,
		trace(e),
	}
	var detail []string
	for _, paragraph := range paragraphs {
		if paragraph != "" {
			detail = append(detail, paragraph)
		}
	}
	return explanation{c.summary, strings.Join(detail, "\n\n"), c.attribute}
}

// cause is what explain says of one kind of failure.
type cause struct {
	summary   string
	what      string // follows the detail's first sentence
	remedy    string
	attribute string
}

// causeOf returns what to say of an error. What went wrong on the way comes first,
// then a status that says that the API did not get to the request, whatever code comes
// with it, then the code, then any other status.
func causeOf(e *cloudflare.Error) cause {
	if c, ok := causeOnTheWay(e); ok {
		return c
	}
	if c, ok := causeByCode(e); ok && !e.APITrouble() && !e.RateLimited() {
		return c
	}
	return causeByStatus(e)
}

// causeOnTheWay explains errors in which the API's own words are not what matters.
func causeOnTheWay(e *cloudflare.Error) (cause, bool) {
	var (
		timeout  *cloudflare.TimeoutError
		redirect *cloudflare.RedirectError
		wrong    *cloudflare.DecodeError
		another  *cloudflare.MismatchError
		list     *cloudflare.ListError
		network  *cloudflare.NetworkError
		body     *cloudflare.BodyError
		missing  *cloudflare.NotFoundError
	)
	switch {
	case e.Err == nil:
		return cause{}, false
	case errors.As(e.Err, &timeout):
		return cause{
			summary:   "Time ran out while reading " + e.Object.String(),
			what:      " " + sentence(timeout.Error()),
			remedy:    "Give it more time with timeouts = { read = \"…\" }, or look into why the API does not answer: https://www.cloudflarestatus.com shows its known troubles.",
			attribute: "timeouts",
		}, true
	case errors.Is(e.Err, context.Canceled):
		return cause{summary: "Reading " + e.Object.String() + " was interrupted"}, true
	case errors.As(e.Err, &missing):
		return causeOfMissing(e, missing), true
	case errors.As(e.Err, &redirect):
		return cause{
			summary: "A redirect came instead of an answer of Cloudflare's API",
			what:    " " + sentence(redirect.Error()) + " A request carries credentials, which must go nowhere else.",
			remedy:  "Check the provider's base_url and the environment variable " + envBaseURL + ", and whether a proxy stands in between.",
		}, true
	case errors.As(e.Err, &wrong):
		return cause{
			summary: "Unexpected value in the answer of Cloudflare's API",
			what:    fmt.Sprintf(" At %s, %s was expected, and %s found.", wrong.Path, wrong.Expected, wrong.Found),
			remedy:  "The API does not keep to its reference there, or has changed. Please report this path and the two types to the provider's developers. Nothing was guessed, so that no plan is built on it.",
		}, true
	case errors.As(e.Err, &another):
		return causeOfMismatch(e, another), true
	case errors.As(e.Err, &list):
		return cause{
			summary: fmt.Sprintf("The list of %s cannot be read whole", e.Object),
			what:    " " + sentence(list.Error()),
			remedy:  "Something may have been changing in the account all the while: try again. A list that is short of something would pass for a complete one, so it is not used.",
		}, true
	case errors.As(e.Err, &body):
		return causeOfBody(e, body), true
	case errors.As(e.Err, &network):
		return cause{
			summary: "The connection to Cloudflare's API failed",
			what:    " " + sentence(network.Error()),
			remedy:  "Check the network, the proxy settings (HTTPS_PROXY, NO_PROXY), and the provider's base_url.",
		}, true
	}
	return cause{summary: "Cannot read " + e.Object.String(), what: " " + sentence(e.Err.Error())}, true
}

func causeOfBody(e *cloudflare.Error, body *cloudflare.BodyError) cause {
	switch {
	case e.APITrouble() || e.RateLimited():
		c := causeByStatus(e)
		c.what = " " + sentence(body.Error())
		return c
	case body.Limit:
		return cause{
			summary: "The answer of Cloudflare's API is beyond what is read",
			what:    " " + sentence(body.Error()),
			remedy:  "The limit keeps an answer from filling the memory. If it is a genuine one, please report it; until then, read portals one by one, or narrow a list with search.",
		}
	}
	c := cause{
		summary: "The answer is not one of Cloudflare's API",
		what:    " " + sentence(body.Error()),
		remedy:  "Something else may have answered: check the provider's base_url, and whether a proxy or a login page stands in between. If it is Cloudflare's edge, try again later.",
	}
	if e.AccessDenied() {
		c.remedy += " With HTTP 401 or 403, it may also be a firewall's page: of the network that you are in, or Cloudflare's own."
	}
	return c
}

func causeOfMismatch(e *cloudflare.Error, another *cloudflare.MismatchError) cause {
	c := cause{
		summary:   "The answer is about another " + e.Object.Kind,
		what:      fmt.Sprintf(" The %s %q was asked for, and the answer has %q.", another.What, another.Asked, another.Got),
		remedy:    "Nothing was stored: a check would be about something else than it says. Check that the id is written as Cloudflare writes it, upper and lower case included, and whether a proxy stands in between.",
		attribute: another.What,
	}
	if another.Got == "" {
		c.what = fmt.Sprintf(" The %s %q was asked for, and the answer has none.", another.What, another.Asked)
	}
	if another.What == "hostname" {
		c.remedy = "The list of portals had it a moment ago, so it may just have been changed: try again."
	}
	return c
}

func causeOfMissing(e *cloudflare.Error, missing *cloudflare.NotFoundError) cause {
	if missing.Matches > 1 {
		return cause{
			summary:   "Several MCP portals have that hostname",
			what:      fmt.Sprintf(" %d portals have it.", missing.Matches),
			remedy:    "Name the portal by its id instead.",
			attribute: "hostname",
		}
	}
	c := cause{
		summary:   fmt.Sprintf("No MCP portal has the hostname %q", e.Object.Hostname),
		what:      " No portal has that hostname.",
		remedy:    "The account has no portal with a hostname. Check whether it is the right account.",
		attribute: "hostname",
	}
	if len(missing.Closest) > 0 {
		c.remedy = "The closest hostnames in this account are: " + strings.Join(missing.Closest, ", ") + ". If the portal is in another account, set account_id."
	}
	return c
}

// causeByCode explains the codes that the API is known to give.
func causeByCode(e *cloudflare.Error) (cause, bool) {
	has := func(codes ...int) bool {
		return slices.ContainsFunc(codes, e.HasCode)
	}
	switch {
	case has(6003, 6111, 6103):
		return cause{
			summary: "Cloudflare's API cannot read the credentials",
			remedy:  "The API token or key is malformed. Check that it is whole, without quotes, blanks and the word Bearer.",
		}, true
	case has(9106):
		return cause{
			summary: "Cloudflare's API got no credentials",
			remedy:  "The provider sent credentials, so something took them off: check whether a proxy stands in between.",
		}, true
	case has(10000, 10001, 9109):
		return causeOfRefusal(e), true
	case has(7002):
		return causeOfNotFound(e), true
	case has(7000) && !has(7003) && !isAboutRoute(e):
		return causeOfTrouble(), true
	case has(7000) && !has(7003):
		return cause{
			summary: "Cloudflare's API does not know the address",
			remedy:  "Check the provider's base_url and the environment variable " + envBaseURL + ": that of Cloudflare ends in /client/v4.",
		}, true
	case has(7003):
		return cause{
			summary:   "Cloudflare's API does not know the account",
			remedy:    fmt.Sprintf("Check the account id %q: 32 hexadecimal digits, which Cloudflare's dashboard shows in its address and on the account's overview page. It comes from the data source, the provider, or the environment variable %s.", e.AccountID, envAccountID),
			attribute: "account_id",
		}, true
	}
	return cause{}, false
}

// causeByStatus explains an answer whose code, if any, says nothing more.
func causeByStatus(e *cloudflare.Error) cause {
	switch {
	case e.AccessDenied():
		return causeOfRefusal(e)
	case e.NotFound():
		return causeOfNotFound(e)
	case e.RateLimited():
		return cause{
			summary:   "Cloudflare's API is limiting the rate of requests",
			remedy:    "Cloudflare allows 1,200 requests in five minutes per user or token, and then blocks for five minutes. Try again later, let Terraform do less at once (-parallelism), or allow for more retries (max_retries) and time (timeouts).",
			attribute: "timeouts",
		}
	case e.APITrouble():
		return causeOfTrouble()
	}
	return cause{summary: "The API refused to read " + e.Object.String()}
}

func causeOfTrouble() cause {
	return cause{
		summary: "The API is out of order",
		remedy:  "Try again later. https://www.cloudflarestatus.com shows known troubles of Cloudflare's API.",
	}
}

// isAboutRoute reports whether the API says that it knows no route. The code for that,
// 7000, also comes with errors of its database.
func isAboutRoute(e *cloudflare.Error) bool {
	return slices.ContainsFunc(e.Errors, func(said cloudflare.APIError) bool { return strings.Contains(strings.ToLower(said.String()), "route") })
}

// accessPermissions are the permissions that what is read of Access needs.
var accessPermissions = map[string]string{
	cloudflare.KindApplications:        permissionApplications,
	cloudflare.KindApplication:         permissionApplications,
	cloudflare.KindApplicationPolicies: permissionApplications,
	cloudflare.KindGroups:              permissionGroups,
	cloudflare.KindGroup:               permissionGroups,
	cloudflare.KindIdentityProviders:   permissionGroups,
	cloudflare.KindIdentityProvider:    permissionGroups,
}

// isOfMCP reports whether an object is a portal or a server, or all of them.
func isOfMCP(object cloudflare.Object) bool { return accessPermissions[object.Kind] == "" }

func causeOfRefusal(e *cloudflare.Error) cause {
	if needed := accessPermissions[e.Object.Kind]; needed != "" {
		return cause{
			summary: "Not allowed to read " + e.Object.String(),
			remedy: fmt.Sprintf("Cloudflare Access decides who can reach a portal. To read its rules, an API token needs the permission %s "+
				"for account %q, beside %s. Without it, the provider says nothing of who gets in: what was not read must not look like a closed door.", needed, e.AccountID, permission),
		}
	}
	return cause{
		summary: "Not allowed to read " + e.Object.String(),
		remedy: fmt.Sprintf("The credentials are wrong or expired, or they may not read MCP portals. An API token needs the permission %s (or MCP Portals Write) "+
			"for account %q. Where both an API token and an API key are set, the token is used.", permission, e.AccountID),
	}
}

func causeOfNotFound(e *cloudflare.Error) cause {
	if e.Object.ID == "" || !isOfMCP(e.Object) {
		return cause{
			summary:   e.Object.String() + " not found",
			remedy:    "Check the account id.",
			attribute: "account_id",
		}
	}
	return cause{
		summary: fmt.Sprintf("%s not found", e.Object),
		remedy: fmt.Sprintf("Check the id %q. It may have been deleted, or be in another account than %q: then set account_id. "+
			"The data sources mcp_portals and mcp_servers list what there is.", e.Object.ID, e.AccountID),
		attribute: "id",
	}
}

// answerText returns the API's own words, unedited.
func answerText(e *cloudflare.Error, c cause) string {
	if e.Status == 0 || e.OK() && len(e.Errors) == 0 {
		return ""
	}
	var b strings.Builder
	switch last := c.attribute == "timeouts" || e.Attempts > 1; {
	case len(e.Errors) == 0 && last: // whoever it came from
		return "The last answer had the status HTTP " + e.StatusText() + "."
	case len(e.Errors) == 0:
		return "The answer had the status HTTP " + e.StatusText() + "."
	case last:
		b.WriteString("The last answer of Cloudflare's API was")
	default:
		b.WriteString("Cloudflare's API answered with")
	}
	b.WriteString(" HTTP " + e.StatusText() + ":")
	for _, apiError := range e.Errors {
		writeAPIError(&b, apiError, "\n  ")
	}
	return b.String()
}

func writeAPIError(b *strings.Builder, e cloudflare.APIError, indent string) {
	b.WriteString(indent)
	if e.Code != 0 {
		fmt.Fprintf(b, "%d: ", e.Code)
	}
	if e.Message == "" {
		b.WriteString("(no message)")
	}
	b.WriteString(e.Message)
	if e.Pointer != "" {
		fmt.Fprintf(b, " (at %s)", e.Pointer)
	}
	if e.DocumentationURL != "" {
		fmt.Fprintf(b, " – %s", e.DocumentationURL)
	}
	for _, link := range e.Chain {
		writeAPIError(b, link, indent+"  ")
	}
}

// trace returns what a person needs to find the request again.
func trace(e *cloudflare.Error) string {
	var parts []string
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("It was tried %d times.", e.Attempts))
	}
	if e.Attempts == 1 {
		if _, ok := errors.AsType[*cloudflare.TimeoutError](e.Err); ok {
			parts = append(parts, "It was tried once.")
		}
	}
	if e.RayID != "" {
		parts = append(parts, "For Cloudflare's support: cf-ray "+e.RayID+".")
	}
	return strings.Join(parts, " ")
}
