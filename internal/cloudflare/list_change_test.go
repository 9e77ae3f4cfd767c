package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// account is an account whose portals change between two requests.
type account struct {
	t        *rapid.T
	ids      []string
	made     int // ids are never used again
	granted  int // objects on a page
	info     string
	unquiet  int             // requests before which the account still changes
	all      map[string]bool // what was there all the while
	requests int
	firsts   int // of them for the first page
	quietAt  int // firsts when the changes were over
}

func (a *account) change() {
	for range rapid.IntRange(0, 3).Draw(a.t, "changes") {
		switch kind := rapid.SampledFrom([]string{"move", "insert", "delete"}).Draw(a.t, "change"); {
		case kind == "insert":
			a.made++
			at := rapid.IntRange(0, len(a.ids)).Draw(a.t, "at")
			a.ids = slices.Insert(a.ids, at, fmt.Sprint("n", a.made))
		case len(a.ids) > 0:
			from := rapid.IntRange(0, len(a.ids)-1).Draw(a.t, "from")
			id := a.ids[from]
			a.ids = slices.Delete(a.ids, from, from+1)
			if kind == "delete" {
				delete(a.all, id)
				continue
			}
			a.ids = slices.Insert(a.ids, rapid.IntRange(0, len(a.ids)).Draw(a.t, "to"), id)
		}
	}
}

func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.requests++; a.requests > 1 && a.requests <= a.unquiet {
		a.change()
		a.quietAt = a.firsts
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	if page == 1 {
		a.firsts++
	}
	from := min((page-1)*a.granted, len(a.ids))
	var objects []string
	for _, id := range a.ids[from:min(from+a.granted, len(a.ids))] {
		objects = append(objects, fmt.Sprintf(`{"id":%q,"servers":[]}`, id))
	}
	info := ""
	if a.info != "" {
		info = fmt.Sprintf(`,"result_info":{%q:%d}`, a.info, map[string]int{
			"total_count": len(a.ids), "total_pages": (len(a.ids) + a.granted - 1) / a.granted,
		}[a.info])
	}
	return answerWith(200, fmt.Sprintf(`{"success":true,"result":[%s]%s}`, strings.Join(objects, ","), info))(r)
}

// Whatever was in the account all the while is in the list, or there is an
// error; and there is none if the account was quiet for long enough.
func TestChangingLists(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := &account{
			t:       t,
			granted: rapid.IntRange(1, 4).Draw(t, "objects on a page"),
			info:    rapid.SampledFrom([]string{"", "total_count", "total_pages"}).Draw(t, "result_info"),
			unquiet: rapid.IntRange(0, 30).Draw(t, "unquiet requests"),
			all:     map[string]bool{},
		}
		for i := range rapid.IntRange(0, 9).Draw(t, "objects") {
			id := fmt.Sprint("p", i)
			a.ids, a.all[id] = append(a.ids, id), true
		}
		search := rapid.SampledFrom([]string{"", "p"}).Draw(t, "search")
		client, err := New(Config{Credentials: Credentials{Token: "FAKE-token"}})
		if err != nil {
			t.Fatal(err)
		}
		client.transport = a
		portals, err := client.Portals(t.Context(), "acc", search)
		if err != nil {
			if _, ok := errors.AsType[*ListError](err); !ok {
				t.Fatal(err)
			}
			if a.quietAt < maxPasses-2 {
				t.Fatalf("the account was quiet from pass %d on: %v", a.quietAt+1, err)
			}
			return
		}
		var got []string
		for _, p := range portals {
			if slices.Contains(got, *p.ID) {
				t.Fatalf("%s came twice", *p.ID)
			}
			got = append(got, *p.ID)
		}
		for id := range a.all {
			if !slices.Contains(got, id) {
				t.Fatalf("%s was there all the while, and came not: %v", id, got)
			}
		}
		if a.quietAt == 0 && !slices.Equal(got, a.ids) {
			t.Fatalf("got %v of %v", got, a.ids)
		}
	})
}

// The list that showed it: the last object moves to the front between two pages.
func TestListThatMoves(t *testing.T) {
	t.Parallel()
	for _, info := range []string{"", `,"result_info":{"total_count":4}`} {
		page := func(ids ...string) func(*http.Request) (*http.Response, error) {
			var objects []string
			for _, id := range ids {
				objects = append(objects, fmt.Sprintf(`{"id":%q,"servers":[]}`, id))
			}
			return answerWith(200, fmt.Sprintf(`{"success":true,"result":[%s]%s}`, strings.Join(objects, ","), info))
		}
		s := steps(page("a", "b"), page("b", "c"), page("d", "a"), page("b", "c"))
		if info == "" {
			s.steps = append(s.steps, page())
		}
		s.steps = append(s.steps, s.steps[2:]...)
		client, _ := scripted(t, s, 0)
		portals, err := client.Portals(t.Context(), "acc", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(portals) != 4 || len(s.times) != len(s.steps) {
			t.Errorf("got %d portals with %d requests", len(portals), len(s.times))
		}
	}
}

// A page that is made of too much is asked for in smaller ones.
func TestPageOfManySmallObjects(t *testing.T) {
	t.Parallel()
	var sizes []string
	s := steps(func(r *http.Request) (*http.Response, error) {
		sizes = append(sizes, r.URL.Query().Get("per_page"))
		tools := "{}"
		if len(sizes) == 1 {
			tools = strings.Repeat("{},", 1_000_000) + tools
		}
		body := fmt.Sprintf(`{"success":true,"result":[{"id":"p","servers":[{"id":"s","tools":[%s]}]}],"result_info":{"total_count":1}}`, tools)
		return answerWith(200, body)(r)
	})
	client, _ := scripted(t, s, 0)
	if _, err := client.Portals(t.Context(), "acc", ""); err != nil || !slices.Equal(sizes, []string{"50", "10"}) {
		t.Errorf("asked for pages of %v: %v", sizes, err)
	}
}

// What all pages together are made of is bounded, as each of them is.
func TestListOfManySmallObjects(t *testing.T) {
	t.Parallel()
	tools := strings.Repeat("{},", 50_000) + "{}"
	page := 0
	s := steps(func(r *http.Request) (*http.Response, error) {
		page++
		body := fmt.Sprintf(`{"success":true,"result":[{"id":"p%d","servers":[{"id":"s","tools":[%s]}]}],"result_info":{"total_count":50}}`, page, tools)
		return answerWith(200, body)(r)
	})
	client, _ := scripted(t, s, 0)
	_, err := client.Portals(t.Context(), "acc", "")
	body, ok := errors.AsType[*BodyError](err)
	if !ok || !body.Limit || !strings.Contains(body.Reason, "all pages together") || page > 10 {
		t.Errorf("got %v after %d pages", err, page)
	}
}
