package portalapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder holds the account AccountID as files.
type folder struct {
	dir    string
	failed func(error)
}

// WithFolder serves AccountID from files: a portal in each of dir's
// portals/*.json, a server in each of servers/*.json, and Access's objects in
// access_apps, access_groups and access_identity_providers, in the order of
// their names and read anew at each request, so that to edit a file is to click
// in the dashboard. (A file in access_policies, with the id of an application
// and a list "policies", is served instead of those in the application.) A file
// that holds a whole answer of the API counts as its result. While a file cannot be
// served, requests for its kind are answered with 422, which nobody tries again, and an
// error that says where it is wrong. failed gets the error, too. Handles do not reach
// the files.
func WithFolder(dir string, failed func(error)) Option {
	return func(s *Server) { s.folder = &folder{dir, failed} }
}

// WriteFixtures writes what AccountID has without WithFolder to dir, as
// WithFolder reads it: portals and servers named by their ids, and Access's
// objects, whose ids say nothing, by what they are called. The servers, and the
// copies that PortalIDFull has of them, synchronised at times that move with the
// clock, the latest a quarter of an hour ago.
func WriteFixtures(dir string) error {
	for _, route := range routes {
		for _, f := range fixtures(route.kind) {
			if route.kind == servers || f.name == PortalIDFull {
				f.raw = moving(f.raw)
			}
			file := filepath.Join(dir, route.kind, f.name+".json")
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(file, append(f.raw, '\n'), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// items returns what the account has now, and whether it is known. The failure
// is the answer for a folder that cannot be read.
func (s *Server) items(accountID, kind string) (collection, bool, *failure) {
	if s.folder == nil || accountID != AccountID {
		items, known := s.store.list(accountID, kind)
		return items, known, nil
	}
	items, err := readItems(filepath.Join(s.folder.dir, kind))
	if err != nil {
		s.folder.failed(err)
		return nil, true, fail(http.StatusUnprocessableEntity, Error{Code: 10422, Message: "This is a stand-in for Cloudflare's API, and it cannot serve a file: " + err.Error()})
	}
	return items, true, nil
}

func readItems(dir string) (collection, error) {
	var items collection
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".json" || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		name := filepath.Join(dir, entry.Name())
		read, err := readItem(name)
		if err != nil {
			return nil, err
		}
		if items.index(read.id) >= 0 {
			return nil, fmt.Errorf("%s: another file has the id %q, too", name, read.id)
		}
		items = append(items, read)
	}
	return items, err
}

func readItem(name string) (item, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return item{}, err
	}
	raw = asOf(time.Now(), bytes.TrimSpace(raw))
	var syntax *json.SyntaxError
	if err := json.Unmarshal(raw, new(json.RawMessage)); errors.As(err, &syntax) {
		return item{}, fmt.Errorf("%s: line %d: %w", name, 1+bytes.Count(raw[:syntax.Offset], []byte("\n")), err)
	}
	var answer struct{ Result json.RawMessage }
	if err := json.Unmarshal(raw, &answer); err == nil && answer.Result != nil {
		raw = answer.Result
	}
	id := idOf(raw)
	if id == "" {
		return item{}, fmt.Errorf(`%s: it has to be a JSON object with an "id"`, name)
	}
	return item{id, raw}, nil
}
