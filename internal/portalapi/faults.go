package portalapi

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Fault is a way for one request to go wrong. Make one with a function of this
// file, and give it to Fail, FailAlways or FailRandomly.
//
// Go's HTTP client sends a GET again by itself when a connection that it kept
// from an earlier request closes before the first byte of an answer. After
// Reset and CloseWithoutAnswer a test may therefore see one request more than
// it sent, and the repetition takes the next fault.
type Fault struct {
	name  string
	path  string // "" matches every path
	serve func(*exchange)
}

// String returns the fault's name, the one in Request.Fault.
func (f Fault) String() string { return f.name }

// On returns the fault for requests alone whose escaped path contains part.
func (f Fault) On(part string) Fault {
	f.path = part
	return f
}

// exchange is the request that a fault answers.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
}

// faultPlan says which requests fail. The zero value fails none.
type faultPlan struct {
	mu     sync.Mutex
	queue  []Fault
	always []Fault
	random func() (Fault, bool) // draws whether, and with which; nil draws never
}

// Fail queues faults. A request takes the first in the queue that is meant for
// its path.
func (s *Server) Fail(faults ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue = append(s.faults.queue, faults...)
}

// FailAlways answers every request with the fault that finds none in the queue.
// Of several calls the first whose fault is meant for the path counts.
func (s *Server) FailAlways(fault Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.always = append(s.faults.always, fault)
}

// FailRandomly lets a share of the requests fail, drawing for each of them
// whether and with which of the faults. The draws are the same for the same
// seed; which request gets which depends on the order of their arrival. rate is
// between 0 and 1. A further call replaces the last one.
func (s *Server) FailRandomly(rate float64, seed uint64, faults ...Fault) {
	source := rand.New(rand.NewPCG(seed, seed))
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.random = func() (Fault, bool) {
		if source.Float64() >= rate {
			return Fault{}, false
		}
		return faults[source.IntN(len(faults))], true
	}
}

// ClearFaults ends all faults: queued, standing and random ones.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue, s.faults.always, s.faults.random = nil, nil, nil
}

// take returns the fault for the next request to path, and whether there is one.
func (p *faultPlan) take(path string) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	meant := func(f Fault) bool { return strings.Contains(path, f.path) }
	if at := slices.IndexFunc(p.queue, meant); at >= 0 {
		fault := p.queue[at]
		p.queue = slices.Delete(p.queue, at, at+1)
		return fault, true
	}
	if at := slices.IndexFunc(p.always, meant); at >= 0 {
		return p.always[at], true
	}
	if p.random == nil {
		return Fault{}, false
	}
	fault, drawn := p.random()
	return fault, drawn && meant(fault)
}

// Custom answers with a handler, for what no other function here does. name is
// what Request.Fault says.
func Custom(name string, handler http.HandlerFunc) Fault {
	return Fault{name: name, serve: func(x *exchange) { handler(x.w, x.r) }}
}

// APIError answers with the status, which may be 200, and the API's envelope of
// errors, which may be none.
func APIError(status int, errors ...Error) Fault {
	return Fault{name: fmt.Sprintf("API error %d", status), serve: func(x *exchange) {
		fail(status, errors...).write(x.w)
	}}
}

// Raw answers with the status, content type and body as they are given.
func Raw(status int, contentType string, body []byte) Fault {
	return Fault{name: fmt.Sprintf("raw %d", status), serve: func(x *exchange) {
		write(x.w, status, contentType, body)
	}}
}

// Body answers 200 with the bytes as though they were JSON.
func Body(body []byte) Fault { return Raw(http.StatusOK, "application/json", body) }

// Result answers 200 with the JSON text as the result of a successful envelope.
func Result(raw string) Fault {
	return Body(slices.Concat(success([]byte(raw), nil)...))
}

// Empty answers with the status and no body.
func Empty(status int) Fault {
	fault := Raw(status, "application/json", nil)
	fault.name = fmt.Sprintf("empty %d", status)
	return fault
}

// HTML answers with the status and a page as the edge network shows one, with
// 200 as well as with 502 or 520.
func HTML(status int) Fault {
	said := http.StatusText(status)
	if said == "" {
		said = "Web server is returning an unknown error" // 520 to 530 are the edge network's own
	}
	fault := Raw(status, "text/html; charset=UTF-8", fmt.Appendf(nil, htmlPage, status, said))
	fault.name = fmt.Sprintf("HTML %d", status)
	return fault
}

const htmlPage = `<!DOCTYPE html>
<html lang="en-US">
<head><title>api.example.com | %[1]d: %[2]s</title><meta charset="UTF-8"><script>document.documentElement.className = "js";</script></head>
<body><h1>Error %[1]d: %[2]s</h1><p>The web server reported an error.</p></body>
</html>
`

// RateLimit answers 429 with the API's error and, unless it is "", the
// Retry-After header as it is given: seconds, an HTTP date, or nonsense.
func RateLimit(retryAfter string) Fault {
	return Fault{name: "rate limit", serve: func(x *exchange) {
		if retryAfter != "" {
			x.w.Header().Set("Retry-After", retryAfter)
		}
		x.w.Header().Set("Ratelimit", `"default";r=0;t=300`)
		x.w.Header().Set("Ratelimit-Policy", `"default";q=1200;w=300`)
		fail(http.StatusTooManyRequests, Error{
			Code:    971,
			Message: "Please wait and consider throttling your request speed",
		}).write(x.w)
	}}
}

// RedirectTo answers with the status, such as 302 or 308, and the location.
func RedirectTo(location string, status int) Fault {
	return Fault{name: fmt.Sprintf("redirect %d", status), serve: func(x *exchange) {
		x.w.Header().Set("Location", location)
		write(x.w, status, "text/html", nil)
	}}
}

// Hang never answers. It ends when the client goes away or the server closes.
func Hang() Fault { return Fault{name: "hang", serve: (*exchange).hang} }

func (x *exchange) hang() {
	<-x.r.Context().Done()
	abort()
}

// Reset answers nothing and resets the connection (TCP RST).
func Reset() Fault {
	return Fault{name: "reset", serve: func(x *exchange) {
		conn := x.hijack()
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}}
}

// CloseWithoutAnswer answers nothing and closes the connection in good order.
func CloseWithoutAnswer() Fault {
	return Fault{name: "close", serve: func(x *exchange) { _ = x.hijack().Close() }}
}

func (x *exchange) hijack() net.Conn {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		abort() // HTTP/1 hands over every connection that the server hasn't closed
	}
	return conn
}

// CutOff answers as usual, with the Content-Length of the whole body, but
// closes the connection after n bytes of it. A negative n leaves out the last
// -n bytes.
func CutOff(n int) Fault {
	return Fault{name: "cut off", serve: func(x *exchange) {
		x.begin(x.usual(), n, true)
		abort()
	}}
}

// CutOffChunked is CutOff with a chunked body, of which the client doesn't know
// the length.
func CutOffChunked(n int) Fault {
	return Fault{name: "cut off, chunked", serve: func(x *exchange) {
		x.begin(x.usual(), n, false)
		abort()
	}}
}

// Stall begins the usual answer, with its whole Content-Length, and hangs after
// n bytes of the body.
func Stall(n int) Fault {
	return Fault{name: "stall", serve: func(x *exchange) {
		x.begin(x.usual(), n, true)
		x.hang()
	}}
}

// Trailing answers as usual, with garbage after the last byte of the JSON.
func Trailing(garbage string) Fault {
	return Fault{name: "trailing", serve: func(x *exchange) {
		usual := x.usual()
		usual.Body.WriteString(garbage)
		x.begin(usual, usual.Body.Len(), true)
	}}
}

// begin sends the head of an answer and n bytes of its body at once, and ends the
// answer when the client has gone. Without the length, the body is chunked.
func (x *exchange) begin(answer *httptest.ResponseRecorder, n int, withLength bool) {
	length := answer.Body.Len()
	maps.Copy(x.w.Header(), answer.Header())
	x.w.Header().Del("Content-Length")
	if withLength {
		x.w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	x.w.WriteHeader(answer.Code)
	if n < 0 {
		n += length
	}
	_, err := x.w.Write(answer.Body.Bytes()[:min(max(n, 0), length)])
	if err != nil || http.NewResponseController(x.w).Flush() != nil {
		abort()
	}
}

// usual returns what the server would have answered.
func (x *exchange) usual() *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	x.server.answer(answer, x.r)
	return answer
}
