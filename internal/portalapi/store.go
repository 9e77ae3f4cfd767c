package portalapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// ErrNotFound is wrapped by every error of a method that was given an account,
// portal, server or tool that isn't there.
var ErrNotFound = errors.New("not found")

// store holds the accounts. The bytes of an item are never written to: a change
// puts new ones in their place, so that an answer under way keeps what it has.
// The zero value is ready to use.
type store struct {
	mu       sync.RWMutex
	accounts map[string]*account
}

// account holds what one account has, in the API's order.
type account struct {
	portals, servers collection
}

type item struct {
	id  string
	raw json.RawMessage
}

type collection []item

func (c collection) index(id string) int {
	return slices.IndexFunc(c, func(i item) bool { return i.id == id })
}

// set replaces the item in its place, or adds it at the end.
func (c *collection) set(id string, raw json.RawMessage) {
	if at := c.index(id); at >= 0 {
		(*c)[at].raw = raw
		return
	}
	*c = append(*c, item{id, raw})
}

func (c *collection) remove(id string) bool {
	at := c.index(id)
	if at >= 0 {
		*c = slices.Delete(*c, at, at+1)
	}
	return at >= 0
}

// AddAccount makes the account known, with nothing in it. An account that is
// known keeps what it has.
func (s *Server) AddAccount(accountID string) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.account(accountID)
}

// SetPortal puts a portal in place of the account's one with that id, or at the
// end of its list. The account becomes known. raw is the whole portal object,
// served byte for byte; that it is JSON, and has that id, is not checked, so
// that a test can serve what the API never should.
func (s *Server) SetPortal(accountID, id string, raw json.RawMessage) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.account(accountID).portals.set(id, slices.Clone(raw))
}

// SetServer does for the servers endpoints what SetPortal does for portals.
// A portal holds copies of its servers, which this leaves alone.
func (s *Server) SetServer(accountID, id string, raw json.RawMessage) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.store.account(accountID).servers.set(id, slices.Clone(raw))
}

// DeletePortal takes the portal away; its id is unknown from then on. The error
// wraps ErrNotFound when there is none.
func (s *Server) DeletePortal(accountID, id string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if a := s.store.accounts[accountID]; a == nil || !a.portals.remove(id) {
		return fmt.Errorf("portal %q of account %q: %w", id, accountID, ErrNotFound)
	}
	return nil
}

// DeleteServer takes the server away from the servers endpoints; copies of it
// in portals stay. The error wraps ErrNotFound when there is none.
func (s *Server) DeleteServer(accountID, id string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if a := s.store.accounts[accountID]; a == nil || !a.servers.remove(id) {
		return fmt.Errorf("server %q of account %q: %w", id, accountID, ErrNotFound)
	}
	return nil
}

// Portal returns the portal object as it is served now. The error wraps
// ErrNotFound when there is none.
func (s *Server) Portal(accountID, id string) (json.RawMessage, error) {
	items, _ := s.store.list(accountID, portals)
	if at := items.index(id); at >= 0 {
		return slices.Clone(items[at].raw), nil
	}
	return nil, fmt.Errorf("portal %q of account %q: %w", id, accountID, ErrNotFound)
}

// Server returns the server object as the servers endpoints serve it now. The
// error wraps ErrNotFound when there is none.
func (s *Server) Server(accountID, id string) (json.RawMessage, error) {
	items, _ := s.store.list(accountID, servers)
	if at := items.index(id); at >= 0 {
		return slices.Clone(items[at].raw), nil
	}
	return nil, fmt.Errorf("server %q of account %q: %w", id, accountID, ErrNotFound)
}

// kind is which of an account's two collections a route is about; its text is
// the one in the path.
type kind string

const (
	portals kind = "portals"
	servers kind = "servers"
)

func (a *account) collection(k kind) *collection {
	if k == portals {
		return &a.portals
	}
	return &a.servers
}

// account returns the account, making it known. The lock must be held.
func (s *store) account(id string) *account {
	if s.accounts == nil {
		s.accounts = map[string]*account{}
	}
	if s.accounts[id] == nil {
		s.accounts[id] = &account{}
	}
	return s.accounts[id]
}

// list returns what the account has now, and whether the account is known.
func (s *store) list(accountID string, k kind) (collection, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.accounts[accountID]
	if a == nil {
		return nil, false
	}
	return slices.Clone(*a.collection(k)), true
}

// edit replaces the item's bytes by what change makes of them. Nothing changes
// when change returns an error.
func (s *store) edit(accountID string, k kind, id string, change edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[accountID]
	if a == nil {
		return fmt.Errorf("account %q: %w", accountID, ErrNotFound)
	}
	c := *a.collection(k)
	at := c.index(id)
	if at < 0 {
		return fmt.Errorf("%q in %s of account %q: %w", id, k, accountID, ErrNotFound)
	}
	raw, err := change(c[at].raw)
	if err != nil {
		return fmt.Errorf("%q in %s of account %q: %w", id, k, accountID, err)
	}
	c[at].raw = raw
	return nil
}
