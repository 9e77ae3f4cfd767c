package baseline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-portals/terraform-provider-mcp/internal/cloudflare"
	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// maxRules is how many rules of a policy stand in a line.
const maxRules = 5

// saidOfAccess says what changed in who may reach a portal, and whether that is all of
// it.
func (ch *change) saidOfAccess() (text string, whole bool) {
	about := ch.facts
	if about == nil {
		about = new(facts)
	}
	who := &about.who
	subject := who.words(ch.at.serverID == nil)
	prefix := who.opened(ch.at)
	switch ch.rule.ID {
	case "access_rule_more", "access_rule_less":
		if ch.after != nil {
			return fmt.Sprintf("%s%s %s %s, accepted does not", prefix, subject, who.does, who.rule(ch.after)), true
		}
		return fmt.Sprintf("%s%s does not %s %s, accepted does", prefix, subject, strings.TrimSuffix(who.does, "s"), who.rule(ch.before)), true
	case "access_policy_added", "access_deny_added":
		return fmt.Sprintf("%s%s is new: %s", prefix, subject, who.policyWords(ch.after)), true
	case "access_policy_gone", "access_deny_gone":
		return fmt.Sprintf("%s%s is gone, accepted is: %s", prefix, subject, who.policyWords(ch.before)), true
	case "access_policy_moved":
		return prefix + subject + " stands before a policy that denies, accepted is after it", true
	case "access_policy_moved_back":
		return prefix + subject + " stands after a policy that denies, accepted is before it", true
	case "access_application_gone":
		return fmt.Sprintf("%s%s is gone, accepted is that it guards %s", prefix, subject, guardsWords(ch.before)), true
	case "access_application_added", "access_application_first":
		return fmt.Sprintf("%s%s is new, and guards %s", prefix, subject, guardsWords(ch.after)), true
	case "access_open":
		return ch.at.openWords() + ": " + about.reachText(), true
	case "access_service_tokens":
		return "a service token reaches " + ch.at.reached() + ", accepted is that none does: " + about.reachText(), true
	}
	now, whole := versus(ch.after, ch.before)
	before, wholeBefore := versus(ch.before, ch.after)
	field := located(ch.field)
	if subject != "" {
		field = subject
		if len(who.field) > 0 {
			field += ": " + located(pathOf(who.field))
		}
	}
	return fmt.Sprintf("%s%s is %s, accepted is %s", prefix, field, now, before), whole && wholeBefore
}

// words names the policy, application or group; with its application where that is not
// told by the place.
func (w *who) words(withApplication bool) string {
	switch {
	case w.group != "":
		return "the group " + called(w.group)
	case w.policy != "" && withApplication:
		return fmt.Sprintf("the policy %s of the application %s", called(w.policy), called(w.application))
	case w.policy != "":
		return "the policy " + called(w.policy)
	case w.application != "":
		return "the application " + called(w.application)
	}
	return ""
}

// opened says, with a colon after it, what anybody reaches by the change.
func (w *who) opened(at place) string {
	switch {
	case len(w.opens) == 0:
		return ""
	case at.serverID != nil:
		return at.openWords() + ": "
	}
	var servers []string
	for _, p := range w.opens {
		if id, ok := strings.CutPrefix(p, reachOfServer); ok {
			servers = append(servers, id)
		}
	}
	if slices.Contains(w.opens, reachOfPortal) {
		return "anybody reaches the portal: "
	}
	return "whoever passes the portal reaches " + listed(servers, maxNames) + ": "
}

func (p place) openWords() string {
	if p.serverID == nil {
		return "anybody reaches the portal"
	}
	return "whoever passes the portal reaches it"
}

func (p place) reached() string {
	if p.serverID == nil {
		return "the portal"
	}
	return "it"
}

// placeWords names the portal, or a server, by its place in reach.
func placeWords(p string) string {
	if id, ok := strings.CutPrefix(p, reachOfServer); ok {
		return called(id)
	}
	return p
}

// reachText says who gets in; for a change of one place.
func (f *facts) reachText() string {
	for _, text := range f.reach {
		shown, _ := style{}.cut(text, maxCut, firstOfCut, lastOfCut, "")
		return shown
	}
	return ""
}

// rule says what a rule selects.
func (w *who) rule(n *node) string {
	r := cloudflare.RuleOf(wirejson.Value(compact(n)))
	shown, _ := style{ascii: true}.cut(r.Words(func(_, id string) string {
		if name := w.names[id]; name != "" {
			return called(name)
		}
		return called(id)
	}), maxWhole, maxWhole/2, maxWhole/4, "")
	return shown
}

// policyWords says what a policy does.
func (w *who) policyWords(policy *node) string {
	decision, _ := versus(policy.member("decision"), nil)
	var text strings.Builder
	text.WriteString("its decision is " + decision)
	for _, list := range []string{"include", "require", "exclude"} {
		rules := policy.member(list)
		switch {
		case rules == nil && list == "include":
			text.WriteString(", it includes nobody")
		case isNull(rules):
			text.WriteString(", what it " + list + "s is not known")
		case rules != nil:
			words := make([]string, 0, maxRules+1)
			for i := range rules.items {
				if i == maxRules {
					words = append(words, fmt.Sprintf("… (%d)", len(rules.items)))
					break
				}
				words = append(words, w.rule(&rules.items[i]))
			}
			separator := " or "
			if list == "require" {
				separator = " and "
			}
			text.WriteString(", it " + list + "s " + strings.Join(words, separator))
		}
	}
	return text.String()
}

// guardsWords says what an application guards.
func guardsWords(application *node) string {
	var all []string
	if application.member("guards_portal").isTrue() {
		all = append(all, "the portal")
	}
	if servers := elementsOf(application.member("guards_servers")); len(servers) > 0 {
		all = append(all, listed(servers, maxNames))
	}
	if len(all) == 0 {
		return "a part of the portal's host"
	}
	return strings.Join(all, " and ")
}
