// Package portalapi is an in-process stand-in for Cloudflare's MCP portal API.
//
// It serves the read-only routes for portals and servers, and for the Access
// applications that guard them, over a loopback port, checks credentials,
// records what it is asked, and can be told to fail in the ways an API behind an
// edge network fails. Objects are kept as the bytes they were given in, so that
// any shape, however odd, is served exactly as it stands. Tests, the demo and the benchmarks read from it.
//
// A server that New returned is ready and holds the fixtures:
//
//	api := portalapi.New()
//	defer api.Close()
//	// GET api.URL() + "/accounts/" + portalapi.AccountID +
//	//     "/access/ai-controls/mcp/portals/" + portalapi.PortalIDFull
package portalapi

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"
)

// basePath is what stands before every route, as in the API's own base URL.
const basePath = "/client/v4"

// Server is a running stand-in. Its methods may be called from any goroutine,
// also while requests are being answered. Make one with New.
type Server struct {
	own // handles on what AccountID has

	http *httptest.Server
	stop context.CancelFunc // ends answers that hang or drip

	store   store
	folder  *folder                 // nil: what the store has
	tokens  map[string][]Permission // accepted beside Token; see WithToken
	faults  faultPlan
	journal journal

	paging      Paging
	latency     atomic.Int64 // a time.Duration
	rays        atomic.Uint64
	compress    bool
	withoutRay  bool
	withoutSeed bool
}

// own is the account AccountID.
type own = Account

// Option changes how New builds a Server.
type Option func(*Server)

// WithoutFixtures starts with AccountID and EmptyAccountID known, and nothing in
// either.
func WithoutFixtures() Option { return func(s *Server) { s.withoutSeed = true } }

// WithGzip compresses answers for clients that send Accept-Encoding: gzip, as
// the API does. It is off by default, so that sizes and cuts are of plain JSON.
func WithGzip() Option { return func(s *Server) { s.compress = true } }

// WithoutRay leaves out the Cf-Ray header, which otherwise stands on every
// answer.
func WithoutRay() Option { return func(s *Server) { s.withoutRay = true } }

// WithPaging makes the list endpoints page as p says.
func WithPaging(p Paging) Option { return func(s *Server) { s.paging = p } }

// New starts a stand-in on a free port of 127.0.0.1 and returns it. Unless
// WithoutFixtures or WithFolder is given, AccountID holds a portal for every
// fixture, the servers of ServerFixtures, and the Access objects that guard the
// portal "full". It panics when no port can be had,
// which on a loopback device means that the machine itself is in trouble.
func New(opts ...Option) *Server {
	s, err := Listen("127.0.0.1:0", opts...)
	if err != nil {
		panic(fmt.Sprintf("portalapi: %v", err))
	}
	return s
}

// Listen is New on an address of the caller's choice. The error is that of
// net.Listen.
func Listen(address string, opts ...Option) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{}
	s.own = s.Account(AccountID)
	for _, opt := range opts {
		opt(s)
	}
	s.seed()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.http = &httptest.Server{Listener: listener, Config: &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         s.journal.connState,
		ReadHeaderTimeout: time.Minute,
		// Aborted connections are what this server is for; its own log of
		// them would only drown a test's output.
		ErrorLog: log.New(io.Discard, "", 0),
	}}
	s.http.Start()
	return s, nil
}

// Close stops the server: it closes the port and every connection, ends answers
// that hang or drip, and returns when all handlers have, but for those of
// connections that were reset. Further calls do nothing.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Config.Close()
	s.http.Close()
}

// URL returns the base URL, which takes the place of
// https://api.cloudflare.com/client/v4, without a slash at its end.
func (s *Server) URL() string { return s.http.URL + basePath }

// SetLatency makes every answer from now on wait for d first. A client that
// goes away ends the wait. 0 turns it off.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// serve is the way of every request: recorded, delayed, then failed or answered.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	ray := s.nextRay()
	if ray != "" {
		w.Header().Set("Cf-Ray", ray)
	}
	fault, failing := s.faults.take(r.URL.EscapedPath())
	s.journal.record(r, ray, fault.name)

	wait(r.Context(), time.Duration(s.latency.Load()))
	if failing {
		fault.serve(&exchange{server: s, w: w, r: r})
		return
	}
	s.answer(w, r)
}

// nextRay counts up instead of drawing at random, so that a test can say which
// id the third request got.
func (s *Server) nextRay() string {
	if s.withoutRay {
		return ""
	}
	return fmt.Sprintf("%016x-TST", s.rays.Add(1))
}

// wait sleeps for d, and ends the handler when the client goes away or the
// server closes before.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		abort()
	}
}

// abort ends the handler and closes its connection at once. net/http knows this
// panic and prints nothing.
func abort() { panic(http.ErrAbortHandler) }
