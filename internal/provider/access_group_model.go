package provider

import "github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"

// accessGroupModel is an Access group: rules under a name.
type accessGroupModel struct {
	Name    *string           `tfsdk:"name"`
	Include []ruleModel       `tfsdk:"include"`
	Require []ruleModel       `tfsdk:"require"`
	Exclude []ruleModel       `tfsdk:"exclude"`
	Extra   map[string]string `tfsdk:"extra"`
}

func accessGroupAttributes() attributes {
	return attributes{
		"name":    text("The group's name."),
		"include": list("Somebody in the group meets at least one of these rules. Null if the API returned no such list: then nobody can tell who is in the group.", ruleAttributes()),
		"require": list("Somebody in the group also meets all of these rules. Null or empty if there are none.", ruleAttributes()),
		"exclude": list("Somebody in the group meets none of these rules. Null or empty if there are none.", ruleAttributes()),
		"extra":   extra("group"),
	}
}

// newAccessGroupModels returns the groups that are there, by id.
func newAccessGroupModels(groups map[string]*cloudflare.Group) map[string]accessGroupModel {
	models := make(map[string]accessGroupModel, len(groups))
	for id, g := range groups {
		if g != nil {
			models[id] = accessGroupModel{
				Name:    g.Name,
				Include: mapped(g.Include, newRuleModel),
				Require: mapped(g.Require, newRuleModel),
				Exclude: mapped(g.Exclude, newRuleModel),
				Extra:   g.Extra,
			}
		}
	}
	return models
}
