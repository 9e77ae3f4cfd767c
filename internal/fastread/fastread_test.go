package fastread

import (
	"context"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// model has an attribute of each type that this package writes.
type model struct {
	embedded
	Bool   *bool              `tfsdk:"bool"`
	Number *big.Float         `tfsdk:"number"`
	Map    map[string]string  `tfsdk:"map"`
	Texts  []string           `tfsdk:"texts"`
	List   []element          `tfsdk:"list"`
	Named  map[string]element `tfsdk:"named"`
	Object *element           `tfsdk:"object"`
	Given  types.String       `tfsdk:"given"`
}

type embedded struct {
	Text *string `tfsdk:"text"`
}

type element struct {
	Text string `tfsdk:"text"`
	Bool bool   `tfsdk:"bool"`
}

func testSchema() schema.Schema {
	nested := map[string]schema.Attribute{
		"text": schema.StringAttribute{Computed: true},
		"bool": schema.BoolAttribute{Computed: true},
	}
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"text":   schema.StringAttribute{Computed: true},
		"bool":   schema.BoolAttribute{Computed: true},
		"number": schema.NumberAttribute{Computed: true},
		"map":    schema.MapAttribute{Computed: true, ElementType: types.StringType},
		"texts":  schema.ListAttribute{Computed: true, ElementType: types.StringType},
		"list":   schema.ListNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: nested}},
		"named":  schema.MapNestedAttribute{Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: nested}},
		"object": schema.SingleNestedAttribute{Computed: true, Attributes: nested},
		"given":  schema.StringAttribute{Optional: true},
	}}
}

var modelOf = rapid.Custom(func(t *rapid.T) *model {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a", strings.Repeat("x", 300)}))
	some := func(label string) bool { return rapid.Bool().Draw(t, label) }
	newElement := func() element {
		return element{text.Draw(t, "text"), some("bool")}
	}
	m := &model{Given: types.StringNull()}
	if some("text") {
		m.Text = new(text.Draw(t, "text"))
	}
	if some("bool") {
		m.Bool = new(some("bool"))
	}
	if some("number") {
		n, _, err := big.ParseFloat(rapid.SampledFrom([]string{"0", "-0.0", "1.5", "-32001", "1e40", "18446744073709551616", "0.1"}).Draw(t, "number"), 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		m.Number = n
	}
	if some("map") {
		m.Map = map[string]string{}
		if some("one") { // with more, the framework leaves the order to chance
			m.Map[text.Draw(t, "key")] = text.Draw(t, "value")
		}
	}
	if some("texts") {
		m.Texts = rapid.SliceOfN(text, 0, 20).Draw(t, "texts")
	}
	if some("list") {
		m.List = []element{}
		for range rapid.IntRange(0, 20).Draw(t, "elements") {
			m.List = append(m.List, newElement())
		}
	}
	if some("named") {
		m.Named = map[string]element{}
		if some("one of them") {
			m.Named[text.Draw(t, "key")] = newElement()
		}
	}
	if some("object") {
		m.Object = new(newElement())
	}
	if some("given") {
		m.Given = types.StringValue(text.Draw(t, "given"))
	}
	return m
})

func TestMarshalIsWhatTheFrameworkSends(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := modelOf.Draw(t, "model")
		got, err := Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		s := testSchema()
		stateType := s.Type().TerraformType(context.Background())
		state := tfsdk.State{Schema: s, Raw: tftypes.NewValue(stateType, nil)}
		if diags := state.Set(context.Background(), m); diags.HasError() {
			t.Fatal(diags)
		}
		want, err := tfprotov6.NewDynamicValue(stateType, state.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want.MsgPack) {
			t.Fatalf("got\n%x, want\n%x", got, want.MsgPack)
		}
	})
}

// A state is given up where it becomes too large, not once it has been written.
//
//nolint:paralleltest // it counts allocations
func TestLimit(t *testing.T) {
	m := &model{List: make([]element, 1000)}
	whole, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := marshal(t.Context(), m, len(whole)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := marshal(t.Context(), m, len(whole)-1); err == nil || !strings.Contains(err.Error(), "it exceeds the 0 MiB") {
		t.Errorf("one byte beyond the limit: %v", err)
	}
	m.List = make([]element, 1_000_000)
	if n := testing.AllocsPerRun(1, func() { _, err = marshal(t.Context(), m, 10) }); err == nil || n > 100 {
		t.Errorf("%.0f allocations for a state that is given up at once: %v", n, err)
	}
}

func TestMarshalEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := marshal(ctx, &model{List: make([]element, 10_000)}, maxState); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A model that can't be written is found when its encoder is made: by the first
// test that reads anything, not by a person whose portal has the one odd value.
func TestOddModels(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]any{
		"a map of another type": &struct {
			Map map[string]int `tfsdk:"map"`
		}{},
		"a map with other keys": &struct {
			Map map[int]string `tfsdk:"map"`
		}{},
		"a number": &struct {
			N int `tfsdk:"n"`
		}{},
		"no tag": &struct{ Text string }{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: an encoder was made", name)
				}
			}()
			_, _ = Marshal(odd)
		}()
	}
}
