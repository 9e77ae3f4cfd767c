package portalapi

import (
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is what the server noted down about one request. A request that was
// answered with a fault is noted down too.
type Request struct {
	// Method is the HTTP method, such as "GET".
	Method string
	// Path is the path as it was sent, still escaped, with the base path.
	Path string
	// RawQuery is the query as it was sent, without the question mark.
	RawQuery string
	// Header holds the request's headers, credentials included.
	Header http.Header
	// Time is when the request's headers had been read.
	Time time.Time
	// Ray is the Cf-Ray of the answer, "" when the server was made WithoutRay.
	Ray string
	// Fault names the fault that answered, "" for a true answer.
	Fault string
}

// journal holds what the server saw. The zero value is ready to use.
type journal struct {
	mu       sync.Mutex
	requests []Request
	accepted int
	open     int
}

// Requests returns the requests so far, in the order of their arrival. The
// slice is the caller's own.
func (s *Server) Requests() []Request {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return slices.Clone(s.journal.requests)
}

// ResetRequests forgets the requests so far. Connections keep their count.
func (s *Server) ResetRequests() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.requests = nil
}

// Connections returns how many TCP connections have been accepted since New.
func (s *Server) Connections() int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.accepted
}

// OpenConnections returns how many of the accepted connections are still open.
// The server learns of a close a moment after the client's: poll for 0.
func (s *Server) OpenConnections() int {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.open
}

func (j *journal) record(r *http.Request, ray, fault string) {
	request := Request{
		Method:   r.Method,
		Path:     r.URL.EscapedPath(),
		RawQuery: r.URL.RawQuery,
		Header:   r.Header.Clone(),
		Time:     time.Now(),
		Ray:      ray,
		Fault:    fault,
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, request)
}

// connState is the hook of http.Server. A hijacked connection counts as closed:
// the faults that hijack close it in the same breath.
func (j *journal) connState(_ net.Conn, state http.ConnState) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch state {
	case http.StateNew:
		j.accepted++
		j.open++
	case http.StateClosed, http.StateHijacked:
		j.open--
	}
}
