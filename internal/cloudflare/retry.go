package cloudflare

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

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

// do sends request until read is content with its answer, or there is no point
// in going on. The loop is retryablehttp's; it gets a value of its own per call,
// because its hooks are not told which call they are for.
func (r retries) do(c *call, request *http.Request, read func(*http.Response) error) error {
	var wait time.Duration
	loop := retryablehttp.Client{
		HTTPClient: c.client.http,
		RetryMax:   r.max,
		RequestLogHook: func(_ retryablehttp.Logger, _ *http.Request, attempt int) {
			c.attempts, c.start = attempt+1, time.Now()
		},
		CheckRetry: func(ctx context.Context, response *http.Response, err error) (bool, error) {
			// Every answer is read here, those that will be tried again as well, so
			// that the last one can be told.
			if err == nil {
				err = read(response)
			} else {
				c.logFailure(ctx, request, err)
			}
			if c.attempts > r.max || !r.again(ctx, response, err) {
				return false, err
			}
			wait = r.wait(response, c.attempts)
			if c.budget > 0 && time.Until(c.deadline) < wait {
				return false, &TimeoutError{Budget: c.budget, Wait: wait.Round(time.Millisecond)}
			}
			c.logWait(ctx, response, err, wait)
			return true, nil
		},
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	retryable, err := retryablehttp.FromRequest(request)
	if err != nil {
		return err
	}
	response, err := loop.Do(retryable)
	if response != nil {
		_ = response.Body.Close() // read to its end, or given up on
	}
	return err
}

// again reports whether what happened may be different the next time.
func (r retries) again(ctx context.Context, response *http.Response, err error) bool {
	switch {
	case ctx.Err() != nil || err == nil:
		return false
	case response != nil:
		// A "no" stays one, even if its body was cut off.
		return shouldRetry(response.StatusCode) ||
			response.StatusCode == http.StatusOK && errors.Is(err, errCutOff)
	}
	// No answer. The library knows which errors of the network are for good,
	// such as a certificate that nobody trusts.
	again, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err)
	return again
}

// shouldRetry reports whether an answer with this status may be another one the
// next time: too many requests, or trouble at the edge and the origin (520 to
// 530 are Cloudflare's own).
func shouldRetry(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return 520 <= status && status <= 530
}

// wait returns how long to wait after an attempt, counted from 1: as long as the
// API asks to, or twice as long each time. A part of it is left to chance, so
// that many readers that were stopped together don't come back together.
func (r retries) wait(response *http.Response, attempt int) time.Duration {
	if response != nil {
		if wait, ok := retryAfter(response.Header.Get("Retry-After"), time.Now()); ok {
			return wait + rand.N(min(wait/10, time.Second)+1)
		}
	}
	wait := r.maxWait
	if shift := attempt - 1; shift < 32 && r.minWait<<shift < r.maxWait {
		wait = r.minWait << shift
	}
	return wait/2 + rand.N(wait/2+1)
}

// longestWait is a century and a half: any more, and what is added to a wait
// would make it negative.
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

func (c *call) logWait(ctx context.Context, response *http.Response, err error, wait time.Duration) {
	attributes := []slog.Attr{
		slog.String("wait", wait.Round(time.Millisecond).String()),
		slog.Int("attempt", c.attempts),
	}
	reason := "no answer"
	if response != nil {
		reason = "HTTP " + strconv.Itoa(response.StatusCode)
		attributes = append(attributes, slog.String("cf_ray", c.last.rayID))
	}
	if err != nil && !errors.Is(err, errRefused) {
		reason += ": " + c.client.sanitizer.text(withoutURL(err).Error())
	}
	attributes = append(attributes, slog.String("reason", reason))
	c.client.logger.LogAttrs(ctx, slog.LevelWarn, "waiting before the next attempt to read from Cloudflare's API", attributes...)
}
