package cloudflare

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// read sends a request, and reads the answer's result into result. It sends the
// request again, since reading changes nothing, as long as the next answer may be
// another one, the retries last, and the wait before the next attempt ends before the
// context does. A wait that would outlast the context is not begun: the person is told
// at once. All errors are of type *Error.
//
// The libraries that do such things judge an answer by its head. Here the body is read
// to its end first: it may be cut off, or be no answer of the API.
func (c *Client) read(ctx context.Context, t target, query url.Values, result any) (resultInfo, error) {
	e := &Error{Object: c.sanitizer.object(t.object), AccountID: c.sanitizer.clean(t.accountID)}
	if e.Err = t.check(); e.Err != nil {
		return resultInfo{}, e
	}
	request, err := c.newRequest(ctx, c.url(t, query))
	if err != nil {
		e.Err = err
		return resultInfo{}, e
	}
	budget := budgetOf(ctx)
	for e.Attempts = 1; ; e.Attempts++ {
		start := time.Now()
		a := c.attempt(request, result)
		c.logAttempt(request, a, e.Attempts, time.Since(start))
		if a.err == nil {
			return a.info, nil
		}
		if a.status != 0 {
			e.Status, e.RayID, e.Errors = a.status, c.rayID(a), c.sanitizer.errors(a.errors)
		}
		if ctx.Err() == nil && e.Attempts <= c.retries.max && a.again() {
			wait := c.retries.wait(a.header, e.Attempts)
			if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
				e.Err = &TimeoutError{Budget: budget, Wait: wait.Round(time.Millisecond)}
				return resultInfo{}, e
			}
			c.logWait(ctx, a, e.Attempts, wait)
			if sleep(ctx, wait) {
				continue
			}
		}
		e.Err = c.cause(ctx, a.err, budget)
		return resultInfo{}, e
	}
}

// sleep waits, and reports whether the wait came to its end before the context did.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// cause returns what the field Err of an Error is: the reason of a failure, fit to be
// shown, or nil if the API's own words say it all.
func (c *Client) cause(ctx context.Context, err error, budget time.Duration) error {
	var (
		body     *BodyError
		wrong    *DecodeError
		redirect *RedirectError
	)
	switch {
	// Of the context, not of err: other time limits call themselves that, too.
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &TimeoutError{Budget: budget}
	case ctx.Err() != nil:
		return context.Canceled
	case errors.Is(err, errUnsuccessful):
		return nil
	case errors.As(err, &body):
		body.ContentType = c.sanitizer.clean(body.ContentType)
		return body
	case errors.As(err, &wrong):
		wrong.Path = c.sanitizer.clean(wrong.Path)
		return wrong
	case errors.As(err, &redirect):
		redirect.Host = c.sanitizer.clean(redirect.Host)
		return redirect
	}
	return &NetworkError{c.sanitizer.clean(err.Error()), err}
}

// Ended returns the [Error] of an object whose reading went on after the API's last
// answer, and was ended by a context that [WithTimeout] made.
func Ended(ctx context.Context, accountID string, o Object) *Error {
	e := &Error{Object: o, AccountID: accountID, Err: context.Canceled}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Err = &TimeoutError{Budget: budgetOf(ctx)}
	}
	return e
}

type budgetKey struct{}

// WithTimeout is [context.WithTimeout]. It also remembers the timeout, so that the
// [TimeoutError] of a read of several requests says how much time all of them had.
func WithTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > timeout {
		ctx = context.WithValue(ctx, budgetKey{}, timeout)
	}
	return context.WithTimeout(ctx, timeout)
}

// budgetOf returns how much time a context had when [WithTimeout] made it. Of another
// context it returns the time that is left, and 0 if there is no deadline.
func budgetOf(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	if budget, ok := ctx.Value(budgetKey{}).(time.Duration); ok {
		return budget
	}
	return time.Until(deadline).Round(time.Millisecond)
}

// shouldRetry reports whether a request that was answered with this status is sent
// again: there were too many requests, or there was trouble at Cloudflare's edge or
// behind it (520 to 530 are Cloudflare's own).
func shouldRetry(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return 520 <= status && status <= 530
}

// retries says how often, and after what wait, a request is sent again.
type retries struct {
	max              int
	minWait, maxWait time.Duration
}

func newRetries(config Config) retries {
	r := retries{config.MaxRetries, config.MinWait, config.MaxWait}
	if r.minWait == 0 {
		r.minWait = time.Second
	}
	if r.maxWait == 0 {
		r.maxWait = 30 * time.Second
	}
	return r
}

// wait returns how long to wait after an attempt; the first has the number 1. The wait
// doubles with each attempt, up to maxWait. It is never shorter than the API asks for,
// which may be the five minutes for which Cloudflare blocks; and if the API asks for
// nothing (Retry-After: 0), the usual wait stays, so that the retries are not spent in
// an instant. A part is left to chance, so that readers that were stopped together
// do not come back together.
func (r retries) wait(header http.Header, attempt int) time.Duration {
	wait := r.maxWait
	if shift := attempt - 1; shift < 32 && r.minWait<<shift < r.maxWait {
		wait = r.minWait << shift
	}
	wait = wait/2 + rand.N(wait/2+1)
	if asked, ok := retryAfter(header.Get("Retry-After"), time.Now()); ok {
		wait = max(wait, asked+rand.N(min(asked/10, time.Second)+1))
	}
	return wait
}

// longestWait is a century and a half. If a wait were longer, adding to it could make
// it negative.
const longestWait = math.MaxInt64 / 2 * time.Nanosecond

// retryAfter returns the wait that a Retry-After header asks for: whole seconds,
// or a date (RFC 9110, section 10.2.3).
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(header, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second, true
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), longestWait), true
}

// rayID returns the answer's cf-ray header, fit to be shown.
func (c *Client) rayID(a attempt) string { return c.sanitizer.clean(a.header.Get("Cf-Ray")) }

func (c *Client) logAttempt(request *http.Request, a attempt, n int, took time.Duration) {
	attributes := []slog.Attr{
		slog.String("method", request.Method),
		// A credential that was entered as the id of an account stands in the path.
		slog.String("path", c.sanitizer.clean(request.URL.EscapedPath())),
		slog.Int64("duration_ms", took.Milliseconds()),
		slog.Int("attempt", n),
	}
	if a.status != 0 {
		attributes = append(attributes,
			slog.Int("status", a.status), slog.String("cf_ray", c.rayID(a)), slog.Int("bytes", a.info.size))
	}
	if a.err != nil && !errors.Is(a.err, errUnsuccessful) {
		attributes = append(attributes, slog.String("error", c.sanitizer.clean(a.err.Error())))
	}
	c.logger.LogAttrs(request.Context(), slog.LevelDebug, "request to Cloudflare's API", attributes...)
}

func (c *Client) logWait(ctx context.Context, a attempt, n int, wait time.Duration) {
	attributes := []slog.Attr{
		slog.String("wait", wait.Round(time.Millisecond).String()),
		slog.Int("attempt", n),
	}
	reason := "no answer"
	if a.status != 0 {
		reason = "HTTP " + strconv.Itoa(a.status)
		attributes = append(attributes, slog.String("cf_ray", c.rayID(a)))
	}
	if !errors.Is(a.err, errUnsuccessful) {
		reason += ": " + c.sanitizer.clean(a.err.Error())
	}
	attributes = append(attributes, slog.String("reason", reason))
	c.logger.LogAttrs(ctx, slog.LevelWarn, "waiting before the next attempt to read from Cloudflare's API", attributes...)
}
