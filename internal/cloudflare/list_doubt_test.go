package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// listPage answers with a page of portals of these ids, and with that JSON
// after its "result".
func listPage(info string, ids ...string) func(*http.Request) (*http.Response, error) {
	objects := make([]string, len(ids))
	for i, id := range ids {
		objects[i] = fmt.Sprintf(`{"id":%q,"servers":[]}`, id)
	}
	return answerWith(200, fmt.Sprintf(`{"success":true,"result":[%s]%s}`, strings.Join(objects, ","), info))
}

// A pass in which an object came twice may have missed another one. It is neither
// confirmed nor does it confirm: two more passes have to agree.
func TestPassWithDuplicates(t *testing.T) {
	t.Parallel()
	page := func(ids ...string) func(*http.Request) (*http.Response, error) { return listPage("", ids...) }
	type answers = []func(*http.Request) (*http.Response, error)
	all := answers{page("a", "b"), page("c", "d"), page()}
	for name, tt := range map[string]struct {
		before answers // of what the first passes are answered
		wanted []string
	}{
		// The first pass lacks d, which moved to the front while it went on, as does
		// the second, which is quiet.
		"does not stand before": {answers{page("a", "b"), page("b", "c"), page("a", "b"), page("c"), page()}, []string{"a", "b", "c", "d"}},
		"does not confirm":      {answers{page("a", "b"), page("c"), page(), page("a", "b"), page("b", "c")}, []string{"a", "b", "c", "d"}},
		"on one page":           {answers{page("a", "a")}, []string{"a", "b", "c", "d"}},
		"on one page, of one":   {answers{listPage(`,"result_info":{"total_count":1}`, "a", "a")}, []string{"a", "b", "c", "d"}},
		"on one page of one page": {
			answers{listPage(`,"result_info":{"total_pages":1}`, "a", "a")}, []string{"a", "b", "c", "d"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := steps(slices.Concat(tt.before, all, all)...)
			client, _ := scripted(t, s, 0)
			portals, err := client.Portals(t.Context(), "acc", "")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range portals {
				got = append(got, *p.ID)
			}
			if !slices.Equal(got, tt.wanted) || len(s.times) != len(s.steps) {
				t.Errorf("got %v with %d requests, want %v with %d", got, len(s.times), tt.wanted, len(s.steps))
			}
		})
	}
}

// A pass that is shorter than the API counts does not confirm the next one, though
// that brings the same.
func TestPassThatEndsEarly(t *testing.T) {
	t.Parallel()
	counted := func(n int, ids ...string) func(*http.Request) (*http.Response, error) {
		return listPage(fmt.Sprintf(`,"result_info":{"total_count":%d}`, n), ids...)
	}
	s := steps(
		counted(3, "a", "b"), counted(3), // c was deleted on the way, and d was made,
		counted(2, "a"), counted(2, "b"), // which the API does not count yet
		counted(3, "a", "b"), counted(3, "d"),
		counted(3, "a", "b"), counted(3, "d"),
	)
	client, _ := scripted(t, s, 0)
	portals, err := client.Portals(t.Context(), "acc", "")
	if err != nil || len(portals) != 3 || len(s.times) != len(s.steps) {
		t.Errorf("got %d portals with %d requests: %v", len(portals), len(s.times), err)
	}
}

// What all pages together may take is reached by bytes and by fields, each by itself,
// and not before it is passed.
func TestTally(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sum    tally
		reason string
	}{
		"bytes":  {tally{size: maxListSize - 5, fields: 3}, "is larger than 256 MiB, all pages together"},
		"fields": {tally{size: 3, fields: maxListFields - 5}, "is made to take many times its size in memory, all pages together"},
	} {
		if err := tt.sum.add(resultInfo{size: 5, fields: 5}); err != nil {
			t.Errorf("%s: at the bound: %v", name, err)
		}
		err := tt.sum.add(resultInfo{size: 1, fields: 1})
		if body, ok := errors.AsType[*BodyError](err); !ok || body.Reason != tt.reason || !body.Limit || body.Size != tt.sum.size {
			t.Errorf("%s: beyond it: %v", name, err)
		}
	}
	// Every page counts, with the bytes and the fields that it has.
	first, second := listPage("", "a", "b"), listPage("", "c")
	s := steps(first, second, listPage(""), first, second, listPage(""))
	client, _ := scripted(t, s, 0)
	_, read, err := client.listPortals(t.Context(), "acc", "")
	if err != nil {
		t.Fatal(err)
	}
	var want tally
	for _, answer := range s.steps[:3] {
		response, _ := answer(nil)
		want.size += int(response.ContentLength)
		_ = response.Body.Close()
	}
	want.fields = 3 * fieldsOfPortal
	if read != want {
		t.Errorf("counted %+v, want %+v", read, want)
	}
}

// fieldsOfPortal is how many fields a portal has that the API knows of.
const fieldsOfPortal = 12

// A list that never ends does: each page has another object, and more are counted.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	n := 0
	s := steps(func(r *http.Request) (*http.Response, error) {
		n++
		return listPage(`,"result_info":{"total_count":1000000}`, fmt.Sprint("p", n))(r)
	})
	client, _ := scripted(t, s, 0)
	_, err := client.Portals(t.Context(), "acc", "")
	if err == nil || !strings.Contains(err.Error(), "the list has not ended after 10000 pages") || n != maxPages {
		t.Errorf("%d requests: %v", n, err)
	}
}
