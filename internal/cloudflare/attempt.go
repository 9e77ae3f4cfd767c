package cloudflare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
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
	// idleConnections is how many connections are kept for the next request.
	// Terraform reads ten data sources at a time by default; net/http keeps two.
	idleConnections = 64
)

func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = idleConnections
	transport.MaxIdleConnsPerHost = idleConnections
	transport.ResponseHeaderTimeout = headerTimeout
	return transport
}

// newHTTPClient returns a client that follows no redirect.
func newHTTPClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     roundTripper{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// roundTripper hides from retryablehttp that connections could be closed: after
// a failed read, it would close what other reads are about to use.
type roundTripper struct{ transport http.RoundTripper }

// RoundTrip takes a destination away that is no URL: for the client it would be
// an error that repeats it, and for retryablehttp one to try again.
func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if _, err := response.Location(); err != nil {
		response.Header.Del("Location")
	}
	return response, nil
}

// call is one read through all its attempts.
type call struct {
	client   *Client
	start    time.Time
	budget   time.Duration // 0 if there is no deadline
	deadline time.Time
	attempts int
	last     answer
	info     resultInfo
}

// answer is what is told of an attempt.
type answer struct {
	status int
	rayID  string
	errors []APIError
}

func newCall(ctx context.Context, c *Client) *call {
	call := &call{client: c, start: time.Now()}
	if deadline, ok := ctx.Deadline(); ok {
		call.deadline = deadline
		call.budget = time.Until(deadline).Round(time.Millisecond)
		if budget, ok := ctx.Value(budgetKey{}).(time.Duration); ok {
			call.budget = budget
		}
	}
	return call
}

type budgetKey struct{}

// WithTimeout is [context.WithTimeout], and lets the [TimeoutError] of a read
// that takes several requests say how much time there was for all of them.
func WithTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > timeout {
		ctx = context.WithValue(ctx, budgetKey{}, timeout)
	}
	return context.WithTimeout(ctx, timeout)
}

// errRefused is the error of an attempt to which the API answered in its own
// words, which are in call.last.
var errRefused = errors.New("the API refused")

// do sends the request until it succeeds or there is no point in going on.
func (c *call) do(ctx context.Context, address string, result any) (resultInfo, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return resultInfo{}, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.client.userAgent)
	c.client.authorize(request.Header)
	err = c.client.retries.do(c, request, func(response *http.Response) error {
		return c.answer(ctx, response, result)
	})
	return c.info, err
}

// answer reads an attempt's answer, into result if it is one to be glad of.
func (c *call) answer(ctx context.Context, response *http.Response, result any) error {
	c.last = answer{status: response.StatusCode, rayID: c.client.sanitizer.text(response.Header.Get("Cf-Ray"))}
	body, err := readBody(response)
	c.logAnswer(ctx, response, len(body), err)
	if response.StatusCode/100 == 3 { // whatever its body is
		return &RedirectError{Host: redirectHost(response)}
	}
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		result = nil
	}
	env, err := decodeAnswer(ctx, body, response.StatusCode, result)
	c.info, c.last.errors = env.info, env.errors
	c.info.size = len(body)
	if isUnframed(response) && (isTruncated(err) || len(body) == 0) {
		return errCutOff
	}
	return bodyOrRefusal(err, response.Header, len(body))
}

// decodeAnswer reads a body that came with status, as decodeEnvelope does. What
// kind of body it is, bodyOrRefusal adds to the error.
func decodeAnswer(ctx context.Context, body []byte, status int, result any) (envelope, error) {
	if err := checkText(body); err != nil {
		return envelope{}, err
	}
	env, err := decodeEnvelope(ctx, body, result)
	return env, judge(env, status, err)
}

// judge returns what an envelope means together with its status.
func judge(env envelope, status int, err error) error {
	switch {
	case err != nil:
		return err
	case status != http.StatusOK || !env.success || len(env.errors) > 0:
		return errRefused
	case !env.hasResult:
		return &BodyError{Reason: `says "success" but has no "result"`}
	}
	return nil
}

func bodyOrRefusal(err error, header http.Header, size int) error {
	if err == nil || errors.Is(err, errRefused) {
		return err
	}
	return bodyError(err, header, size)
}

// isUnframed reports whether the answer's end was the end of its connection, so
// that nothing but its content can tell whether it is whole.
func isUnframed(response *http.Response) bool {
	return response.ContentLength < 0 && !response.Uncompressed &&
		len(response.TransferEncoding) == 0 && response.ProtoMajor == 1
}

// readBody reads a body to its end or to the limit.
func readBody(response *http.Response) ([]byte, error) {
	limit := int64(MaxBodySize)
	if response.StatusCode != http.StatusOK {
		limit = maxErrorBodySize
	}
	var buffer bytes.Buffer
	if length := response.ContentLength; 0 < length && length <= limit {
		buffer.Grow(int(length) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(io.LimitReader(response.Body, limit+1))
	switch {
	case int64(buffer.Len()) > limit:
		return nil, bodyError(&BodyError{Reason: fmt.Sprintf("is larger than %d MiB", limit>>20), Limit: true, tooLarge: true}, response.Header, buffer.Len())
	case err != nil && response.Request.Context().Err() == nil:
		return nil, fmt.Errorf("%w after %d bytes: %w", errCutOff, buffer.Len(), err)
	case err != nil:
		return nil, err
	}
	return buffer.Bytes(), nil
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

func (c *call) logAnswer(ctx context.Context, response *http.Response, size int, err error) {
	c.log(ctx, response.Request, err,
		slog.Int("status", response.StatusCode), slog.String("cf_ray", c.last.rayID), slog.Int("bytes", size))
}

// logFailure logs an attempt to which there was no answer.
func (c *call) logFailure(ctx context.Context, request *http.Request, err error) {
	c.log(ctx, request, withoutURL(err))
}

func (c *call) log(ctx context.Context, request *http.Request, err error, more ...slog.Attr) {
	attributes := append([]slog.Attr{
		slog.String("method", request.Method),
		slog.String("path", request.URL.EscapedPath()),
		slog.Int64("duration_ms", time.Since(c.start).Milliseconds()),
		slog.Int("attempt", c.attempts),
	}, more...)
	if err != nil {
		attributes = append(attributes, slog.String("error", c.client.sanitizer.text(err.Error())))
	}
	c.client.logger.LogAttrs(ctx, slog.LevelDebug, "request to Cloudflare's API", attributes...)
}
