package provider_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/mcp-portals/terraform-provider-mcp/internal/portalapi"
	"github.com/mcp-portals/terraform-provider-mcp/internal/provider"
)

// What follows proves that nothing that the API returned is lost: it rebuilds
// the API's answer from the state and compares the two, up to the three rules
// of the design. It knows nothing of the provider's own types: it is written
// against the attributes, as a person would.

// shape says how an object of the state stands in the API's JSON.
type shape struct {
	// mcp is whether the API's names are MCP's, inputSchema for input_schema.
	mcp bool
	// derived are attributes that the API does not have.
	derived []string
	// objects are attributes that hold an object, or a list of objects.
	objects map[string]*shape
	// jsonText are attributes that hold JSON text.
	jsonText []string
	// redacted is whether extra holds no text, list or object.
	redacted bool
	// neverNull are lists that are empty where the API has null or nothing.
	neverNull []string
	// known are the API's names of the attributes, of which null is not told
	// from nothing; see learn.
	known map[string]bool
}

var (
	overrideShape = &shape{}
	toolShape     = &shape{
		mcp:      true,
		jsonText: []string{"input_schema", "output_schema"},
		objects:  map[string]*shape{"annotations": {mcp: true}},
	}
	promptShape = &shape{mcp: true, objects: map[string]*shape{"arguments": {mcp: true}}}
	serverShape = &shape{
		derived: []string{"tools_known"},
		objects: map[string]*shape{
			"auth_config_summary": {redacted: true, objects: map[string]*shape{"config": {redacted: true}, "registration_info": {redacted: true}}},
			"error_details":       {}, "tools": toolShape, "prompts": promptShape,
			"updated_tools": overrideShape, "updated_prompts": overrideShape,
		},
		neverNull: []string{"tools", "prompts"},
	}
	portalShape = &shape{
		derived:   []string{"account_id", "timeouts", "effective_tools", "effective_prompts"},
		objects:   map[string]*shape{"servers": serverShape},
		neverNull: []string{"servers"},
	}
)

// rebuild returns the API's object from the state's: null attributes left out,
// extra put back in its place.
func (s *shape) rebuild(tb testing.TB, state map[string]any) map[string]any {
	tb.Helper()
	result := map[string]any{}
	for name, value := range state {
		if value == nil || name == "extra" || slices.Contains(s.derived, name) {
			continue
		}
		key := s.nameOf(name)
		switch nested := s.objects[name]; {
		case nested != nil:
			result[key] = eachObject(value, func(o map[string]any) any { return nested.rebuild(tb, o) })
		case slices.Contains(s.jsonText, name):
			result[key] = parse(tb, value.(string))
		default:
			result[key] = value
		}
	}
	if extra, ok := state["extra"].(map[string]any); ok {
		if len(extra) == 0 {
			tb.Error("extra is empty where it should be null")
		}
		for key, text := range extra {
			value := parse(tb, digest.ReplaceAllString(text.(string), "[redacted]"))
			if strings.Contains(key, `\`) { // spelled as JSON spells it
				key = parse(tb, `"`+key+`"`).(string)
			}
			if stray := s == serverShape && (key == "tools" || key == "prompts") && !areObjects(value); result[key] != nil && !isOddText(value) && !stray {
				tb.Errorf("%q is both an attribute and in extra", key)
			}
			result[key] = value
		}
	}
	s.dropOddIDs(result)
	return result
}

// isOddText reports whether a value is, or is a list with, text that Terraform
// cannot hold as it is: half of a surrogate pair, which encoding/json replaces, or
// what is not in Unicode's normal form.
func isOddText(value any) bool {
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, isOddText)
	}
	text, ok := value.(string)
	return ok && (strings.Contains(text, "\uFFFD") || !norm.NFC.IsNormalString(text))
}

// dropOddIDs leaves out ids that stand in extra because they are odd text:
// there, the attribute is filled in from elsewhere.
func (s *shape) dropOddIDs(object map[string]any) {
	if (s == serverShape || s == portalShape) && (isOddText(object["id"]) || isOddText(object["server_id"])) {
		delete(object, "id")
		if s == serverShape {
			delete(object, "server_id")
		}
	}
}

// expect returns what rebuild should return for the API's object: rule 1 (null
// is absent; some lists are never null), rule 2 (timestamps) and rule 3 (id and
// server_id, for servers).
func (s *shape) expect(object map[string]any) map[string]any {
	result := map[string]any{}
	for key, value := range object {
		if value == nil && s.known[key] {
			continue
		}
		if nested := s.objects[key]; nested != nil && areObjects(value) {
			value = eachObject(value, func(o map[string]any) any { return nested.expect(o) })
		}
		if text, ok := value.(string); ok && !s.mcp && s.known[key] && isTime(key) {
			value = expectTime(text)
		}
		if s.redacted && !s.known[key] && mayBeSecret(key, value) {
			value = "[redacted]"
		}
		result[key] = value
	}
	for _, name := range s.neverNull {
		if result[name] == nil {
			result[name] = []any{}
		}
	}
	if s == serverShape {
		fillIn(result, "id", "server_id")
		fillIn(result, "server_id", "id")
	}
	s.dropOddIDs(result)
	return result
}

// digest matches the digest in what stands in the place of a credential.
var digest = regexp.MustCompile(`\[redacted sha256:[0-9a-f]{32}\]`)

// mayBeSecret reports whether an unknown field of a login may be a secret: a text that
// is no address, a list or an object. What of an address is one is not looked at.
func mayBeSecret(key string, value any) bool {
	switch x := value.(type) {
	case string:
		return !strings.HasSuffix(key, "_uri") || !strings.HasPrefix(x, "https://")
	case []any, map[string]any:
		return true
	}
	return false
}

func fillIn(object map[string]any, absent, other string) {
	if object[absent] == nil && object[other] != nil {
		object[absent] = object[other]
	}
}

// learn takes the names of the attributes from the schema, so that a new one
// needs no line here.
func (s *shape) learn(list []*tfprotov6.SchemaAttribute) {
	s.known = map[string]bool{}
	for _, a := range list {
		name := s.nameOf(a.Name)
		s.known[name] = !slices.Contains(s.derived, name) && name != "extra"
		if nested := s.objects[a.Name]; nested != nil {
			nested.learn(a.NestedType.Attributes)
		}
	}
}

// nameOf returns the API's name of an attribute.
func (s *shape) nameOf(attribute string) string {
	if !s.mcp {
		return attribute
	}
	words := strings.Split(attribute, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// isTime reports whether an attribute holds a time, which its name says.
func isTime(name string) bool {
	return strings.HasSuffix(name, "_at") || strings.HasPrefix(name, "last_")
}

// expectTime is rule 2, said in another way than the provider says it.
func expectTime(text string) string {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil && !strings.Contains(text, ",") {
			fraction := ""
			if dot := strings.IndexByte(text, '.'); dot >= 0 {
				fraction = text[dot:]
			}
			return t.UTC().Format("2006-01-02T15:04:05") + fraction + "Z"
		}
	}
	return text
}

func areObjects(value any) bool {
	list, isList := value.([]any)
	if !isList {
		_, isObject := value.(map[string]any)
		return isObject
	}
	for _, element := range list {
		if _, isObject := element.(map[string]any); !isObject {
			return false
		}
	}
	return true
}

func eachObject(value any, f func(map[string]any) any) any {
	list, isList := value.([]any)
	if !isList {
		return f(value.(map[string]any))
	}
	result := make([]any, len(list))
	for i, element := range list {
		result[i] = f(element.(map[string]any))
	}
	return result
}

// parse returns JSON with numbers as they are written.
func parse(tb testing.TB, text string) any {
	tb.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		tb.Fatalf("%v in %q", err, text)
	}
	return value
}

func numberOf(tb testing.TB, v tftypes.Value) *big.Float {
	tb.Helper()
	var f big.Float
	if err := v.As(&f); err != nil {
		tb.Fatal(err)
	}
	return &f
}

// sameNumber compares a number of the state with one of JSON, and those of JSON
// to the letter.
var sameNumber = cmp.FilterValues(func(a, b any) bool {
	_, aIsState := a.(*big.Float)
	_, bIsState := b.(*big.Float)
	return aIsState || bIsState
}, cmp.Comparer(func(a, b any) bool { return asFloat(a).Cmp(asFloat(b)) == 0 }))

func asFloat(v any) *big.Float {
	switch n := v.(type) {
	case *big.Float:
		return n
	case json.Number:
		f, _, err := big.ParseFloat(string(n), 10, 512, big.ToNearestEven)
		if err != nil {
			panic(err)
		}
		return f
	}
	return new(big.Float).SetInf(true)
}

// requireLossless reads raw through the data source, rebuilds it and compares.
func requireLossless(tb testing.TB, p *peer, id, raw string) {
	tb.Helper()
	state := plain(tb, p.mustRead(tb, "mcp_portal", values{"id": id})).(map[string]any)
	requireSameOrder(tb, state)
	if diff := lossOf(tb, id, raw, state); diff != "" {
		tb.Errorf("the state does not hold what the API returned (-API +state):\n%s", diff)
	}
}

// requireSameOrder holds effective_tools and effective_prompts to the promise
// that their nth is the nth of all servers' tools and prompts.
func requireSameOrder(tb testing.TB, state map[string]any) {
	tb.Helper()
	for effective, catalogue := range map[string]string{"effective_tools": "tools", "effective_prompts": "prompts"} {
		var want []any
		for _, server := range state["servers"].([]any) {
			for _, entry := range server.(map[string]any)[catalogue].([]any) {
				want = append(want, entry.(map[string]any)["name"])
			}
		}
		var got []any
		for _, entry := range state[effective].([]any) {
			got = append(got, entry.(map[string]any)["original_name"])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			tb.Errorf("%s (-%s +effective):\n%s", effective, catalogue, diff)
		}
	}
}

func TestFixturesAreReadWithoutLoss(t *testing.T) {
	t.Parallel()
	api := portalapi.New()
	t.Cleanup(api.Close)
	p := newConfiguredPeer(t, provider.NewServer(testOptions()), api)
	for _, name := range portalapi.FixtureNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := string(portalapi.Fixture(name))
			id := fmt.Sprint(parse(t, raw).(map[string]any)["id"])
			requireLossless(t, p, id, raw)
		})
	}
}
