package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// attributes is a set of attributes of an object.
type attributes = map[string]schema.Attribute

// The functions below make the computed attributes of which every object consists.
// The description says what a value means and which values there are. If that is not
// known from the API's reference, it says from where.

func text(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func boolean(description string) schema.Attribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Attribute {
	return schema.NumberAttribute{Computed: true, MarkdownDescription: description}
}

func texts(description string) schema.Attribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func textSet(description string) schema.Attribute {
	return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func object(description string, nested attributes) schema.Attribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: nested}
}

func list(description string, nested attributes) schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject:        schema.NestedAttributeObject{Attributes: nested},
	}
}

func objects(description string, nested attributes) schema.Attribute {
	return schema.MapNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject:        schema.NestedAttributeObject{Attributes: nested},
	}
}

// mayMove is what every extra says of its fields.
const mayMove = "A field that gets an attribute moves there, in any minor version: the changelog names it, and nothing stands in both."

// extra is the attribute that stands in every object that the API returns.
func extra(of string) schema.Attribute {
	return extraOf(of, "A value that may be a credential, by the name of its field, is replaced by `[redacted sha256:…]`: a change of it changes the digest. ")
}

// catalogueExtra is extra in a tool or prompt, or in an object of one.
func catalogueExtra(of string) schema.Attribute { return extraOf(of, "") }

// loginExtra is extra in an object about how a portal logs in to a server.
func loginExtra() schema.Attribute {
	return extraOf("object", "Texts, lists and objects are replaced by `[redacted sha256:…]`, because an unknown field may hold a credential: a change of one changes the digest. Addresses, in fields that end in `_endpoint`, `_uri`, `_uris` or `_url`, stand in clear, but for user info and query. ")
}

func extraOf(of, redaction string) schema.Attribute {
	return schema.MapAttribute{
		Computed:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Whatever the API returned in this " + of + " that has no attribute here, or that its attribute cannot hold: " +
			"from the field's name in the API to its value as JSON text, for `jsondecode`. Null if there is nothing. " + redaction + mayMove,
	}
}

// with returns the attributes of both.
func with(a, b attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
