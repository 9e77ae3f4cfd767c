package cloudflare

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// MaxBodySize is how many bytes of an answer are read, decompressed: 64 MiB.
	// Eighty servers (the documented limit) of ninety-two tools (the most that was
	// seen) with 5 KB of JSON each are 37 MB. The state is larger, since it repeats the
	// attributes' names, and a message from a provider to Terraform may have 256 MiB.
	MaxBodySize = 64 << 20
	// maxErrorBodySize is how many bytes are read of an answer that is an error.
	maxErrorBodySize = 1 << 20
	// headerTimeout is how long one attempt waits for an answer to begin.
	// Cloudflare's edge itself gives up on an origin after 100 seconds.
	headerTimeout = 2 * time.Minute
	// stallTimeout is how long one attempt waits for the next bytes of a body.
	stallTimeout = 30 * time.Second
	// idleConnections is how many connections are kept for the next request.
	// Terraform reads ten data sources at a time by default; net/http keeps two.
	idleConnections = 64
)

// newTransport returns what requests are sent with. It is used without an
// http.Client, which would follow redirects.
//
// A request over plain http, which is for tests on the loopback interface, goes
// through no proxy: a proxy would read the credentials, and net/http leaves proxies
// out only for some spellings of that interface.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = idleConnections
	transport.MaxIdleConnsPerHost = idleConnections
	transport.Proxy = func(request *http.Request) (*url.URL, error) {
		if request.URL.Scheme != "https" {
			return nil, nil
		}
		return http.ProxyFromEnvironment(request)
	}
	return transport
}

// newRequest returns the request for an address of the API.
func (c *Client) newRequest(ctx context.Context, address string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	// Because this header is set here, net/http leaves the unpacking to readBody. So
	// watchedBody sees the packed bytes, and takes no body for stalled that unpacks to
	// little.
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("User-Agent", c.userAgent)
	c.authorize(request.Header)
	return request, nil
}

// attempt is what came of sending a request once.
type attempt struct {
	status int // 0 if there was no answer
	header http.Header
	errors []APIError
	info   resultInfo
	err    error
}

var (
	// errUnsuccessful is the error of an attempt to which the API answered no. What it
	// said stands in attempt.errors.
	errUnsuccessful = errors.New("the API answered no")
	// errCutOff is the error of an attempt whose body was not read to its end.
	errCutOff = errors.New("the answer was cut off")
)

// attempt sends the request once and reads the answer's result into result.
func (c *Client) attempt(request *http.Request, result any) attempt {
	ctx, cancel := context.WithCancelCause(request.Context())
	defer cancel(nil)
	silence := time.AfterFunc(headerTimeout, func() { cancel(fmt.Errorf("no answer began within %s", headerTimeout)) })
	defer silence.Stop()
	response, err := c.transport.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return attempt{err: causeOf(ctx, err)}
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or given up on
	a := attempt{status: response.StatusCode, header: response.Header}
	if a.status/100 == 3 { // whatever its body is
		a.err = &RedirectError{Host: redirectHost(response)}
		return a
	}

	silence.Stop()
	silence = time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing more came for %s", stallTimeout)) })
	defer silence.Stop()
	response.Body = watchedBody{response.Body, silence}
	body, err := readBody(response)
	a.info.size = len(body)
	if err != nil {
		a.err = err
		if _, ok := errors.AsType[*BodyError](err); !ok {
			a.err = fmt.Errorf("%w after %d bytes: %w", errCutOff, len(body), causeOf(ctx, err))
		}
		return a
	}
	if a.status != http.StatusOK {
		result = nil
	}
	env, err := decodeAnswer(ctx, body, a.status, result)
	a.errors, a.info = env.errors, env.info
	a.info.size = len(body)
	if isUnframed(response) && (isTruncated(err) || len(body) == 0) {
		err = errCutOff
	}
	a.err = withBody(err, response.Header, len(body))
	return a
}

// causeOf returns why the context ended or, if it has not, err.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// again reports whether another attempt may end differently.
func (a attempt) again() bool {
	switch {
	case a.status == http.StatusOK:
		return errors.Is(a.err, errCutOff)
	case a.status != 0: // a "no" stays one, even if its body was cut off
		return shouldRetry(a.status)
	}
	// Errors of the network pass, but for one: a certificate that nobody vouches for.
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](a.err)
	return !untrusted
}

// decodeAnswer reads the body of an answer with that status. An answer that is no
// success is an error. The errors do not say yet what kind of body it was: see withBody.
func decodeAnswer(ctx context.Context, body []byte, status int, result any) (envelope, error) {
	if err := checkText(body); err != nil {
		return envelope{}, err
	}
	env, err := decodeEnvelope(ctx, body, result)
	switch {
	case err != nil:
		return env, err
	case status != http.StatusOK || !env.success || len(env.errors) > 0:
		return env, errUnsuccessful
	case !env.hasResult:
		return env, &BodyError{Reason: `says "success" but has no "result"`}
	}
	return env, nil
}

// withBody adds the body's type and size to an error that is about the body.
func withBody(err error, header http.Header, size int) error {
	if err == nil || errors.Is(err, errUnsuccessful) || errors.Is(err, errCutOff) {
		return err
	}
	return bodyError(err, header, size)
}

// isUnframed reports whether the answer ended with its connection. Nothing but its
// content tells then whether it is whole.
func isUnframed(response *http.Response) bool {
	return response.ContentLength < 0 && len(response.TransferEncoding) == 0 && response.ProtoMajor == 1
}

// watchedBody is a body that starts a timer anew whenever something comes.
type watchedBody struct {
	io.ReadCloser
	silence *time.Timer
}

// Read reads from the body.
func (b watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.silence.Reset(stallTimeout)
	}
	return n, err
}

// readBody reads a body to its end, or to the limit. If it fails on the way, it
// returns what it has read, with the error.
func readBody(response *http.Response) ([]byte, error) {
	limit := int64(MaxBodySize)
	if response.StatusCode != http.StatusOK {
		limit = maxErrorBodySize
	}
	var (
		body   io.Reader = response.Body
		buffer bytes.Buffer
	)
	if strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unpacked
	} else if length := response.ContentLength; 0 < length && length <= limit {
		buffer.Grow(int(length) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(io.LimitReader(body, limit+1))
	if int64(buffer.Len()) > limit {
		return nil, bodyError(&BodyError{Reason: fmt.Sprintf("is larger than %d MiB", limit>>20), Limit: true, tooLarge: true}, response.Header, buffer.Len())
	}
	return buffer.Bytes(), err
}

// redirectHost returns the host that a redirect led to. The rest of the address
// is left out: it may carry what was never meant for a log.
func redirectHost(response *http.Response) string {
	location, err := response.Location()
	if err != nil {
		return ""
	}
	return location.Host
}
