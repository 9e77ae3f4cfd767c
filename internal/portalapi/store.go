package portalapi

import (
	"encoding/json"
	"slices"
	"sync"
)

// store holds the accounts. The bytes of an item are never written to: a change
// puts new ones in their place, so that an answer under way keeps what it has.
// The zero value is ready to use.
type store struct {
	mu       sync.RWMutex
	accounts map[string]account
}

// account holds what one account has of each kind, in the API's order.
type account map[string]collection

type item struct {
	id  string
	raw json.RawMessage
}

type collection []item

func (c collection) index(id string) int {
	return slices.IndexFunc(c, func(i item) bool { return i.id == id })
}

// account returns the account, making it known. The lock must be held.
func (s *store) account(id string) account {
	if s.accounts == nil {
		s.accounts = map[string]account{}
	}
	if s.accounts[id] == nil {
		s.accounts[id] = account{}
	}
	return s.accounts[id]
}

// list returns what the account has now, and whether the account is known.
func (s *store) list(accountID, kind string) (collection, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a, known := s.accounts[accountID]
	return slices.Clone(a[kind]), known
}

// edit puts what change makes of the item in its place, or at the end where
// there was none; nil takes it away. Nothing changes when change panics.
func (s *store) edit(accountID, kind string, id string, change edit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.accounts[accountID][kind]
	at := c.index(id)
	var old json.RawMessage
	if at >= 0 {
		old = c[at].raw
	}
	raw := change(old)
	switch {
	case at < 0:
		c = append(c, item{id, raw})
	case raw == nil:
		c = slices.Delete(c, at, at+1)
	default:
		c[at].raw = raw
	}
	s.account(accountID)[kind] = c
}
