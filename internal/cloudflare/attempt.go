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
	// Eighty servers of ninety-two tools (the documented limit and the most that
	// was seen) with 5 KB of JSON each are 37 MB, and a message from a provider
	// to Terraform, to which the state adds the attributes' names, may have 256.
	MaxBodySize = 64 << 20
	// maxErrorBodySize is the same for an answer that is an error.
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

// newTransport returns what requests are sent with. It is used by itself: an
// http.Client would add redirects.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = idleConnections
	transport.MaxIdleConnsPerHost = idleConnections
	transport.Proxy = func(request *http.Request) (*url.URL, error) {
		if request.URL.Scheme != "https" {
			return nil, nil // a proxy would read the credentials
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
	// Said here, net/http leaves it to us to unpack the body, and a stall can be
	// told from a body that unpacks to little.
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
	// errUnsuccessful is the error of an attempt to which the API answered no in
	// its own words, which are in attempt.errors.
	errUnsuccessful = errors.New("the API answered no")
	// errCutOff is the error of one whose body ended before its end.
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

// causeOf returns why the context ended, if it has, and else err.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// again reports whether what happened may be different the next time.
func (a attempt) again() bool {
	switch {
	case a.status == http.StatusOK:
		return errors.Is(a.err, errCutOff)
	case a.status != 0: // a "no" stays one, even if its body was cut off
		return shouldRetry(a.status)
	}
	// Of the errors of the network, one is not mended by asking again: that of a
	// certificate which nobody vouches for.
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](a.err)
	return !untrusted
}

// decodeAnswer reads a body that came with status, as decodeEnvelope does. What
// kind of body it is, withBody adds to the error.
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

// withBody adds to an error what the body was, if that is what the error is about.
func withBody(err error, header http.Header, size int) error {
	if err == nil || errors.Is(err, errUnsuccessful) || errors.Is(err, errCutOff) {
		return err
	}
	return bodyError(err, header, size)
}

// isUnframed reports whether the answer's end was the end of its connection, so
// that nothing but its content can tell whether it is whole.
func isUnframed(response *http.Response) bool {
	return response.ContentLength < 0 && len(response.TransferEncoding) == 0 && response.ProtoMajor == 1
}

// watchedBody is a body that winds up a timer whenever something comes.
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

// readBody reads a body to its end or to the limit, and returns what it read
// before an error as well.
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
