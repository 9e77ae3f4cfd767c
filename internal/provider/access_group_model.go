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
		"include": list("The rules of which one has to be met. Null if the API did not tell them: then it can't be told who is in the group.", ruleAttributes()),
		"require": list("The rules that all have to be met as well. Null or empty: no more is asked.", ruleAttributes()),
		"exclude": list("The rules of which none may be met. Null or empty: nobody is left out.", ruleAttributes()),
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
