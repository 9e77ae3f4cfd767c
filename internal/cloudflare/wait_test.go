package cloudflare

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a transport that answers each request with the next of its steps,
// and the last of them for ever, without a network: inside a synctest bubble
// five minutes take no time.
type script struct {
	steps []func(*http.Request) (*http.Response, error)
	times []time.Time // of the requests
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	step := s.steps[min(len(s.times), len(s.steps)-1)]
	s.times = append(s.times, time.Now())
	response, err := step(r)
	if response != nil {
		response.Request = r
	}
	return response, err
}

// gaps returns how long each request came after the one before.
func (s *script) gaps() []time.Duration {
	var gaps []time.Duration
	for i := range len(s.times) - 1 {
		gaps = append(gaps, s.times[i+1].Sub(s.times[i]))
	}
	return gaps
}

func answerWith(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {"ray"}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: h, ProtoMajor: 1, ProtoMinor: 1,
			ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

func limited(retryAfter string) func(*http.Request) (*http.Response, error) {
	return answerWith(429, `{"success":false,"errors":[{"code":971,"message":"slow down"}]}`, "Retry-After", retryAfter)
}

func unavailable() func(*http.Request) (*http.Response, error) {
	return answerWith(503, `{"success":false,"errors":[{"code":1,"message":"over capacity"}]}`)
}

func fine() func(*http.Request) (*http.Response, error) {
	return answerWith(200, `{"success":true,"result":{"id":"eng","servers":[]}}`)
}

func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// stall begins an answer whose rest never comes.
func stall(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	go func() {
		_, _ = w.Write([]byte(`{"success":`))
		<-r.Context().Done()
		_ = w.CloseWithError(r.Context().Err())
	}()
	return &http.Response{StatusCode: 200, Header: http.Header{}, ProtoMajor: 1, ContentLength: 100, Body: body}, nil
}

// scripted returns a client whose requests go to s, and its log.
func scripted(t *testing.T, s *script, maxRetries int) (*Client, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	client, err := New(Config{
		Credentials: Credentials{Token: "FAKE-token"}, MaxRetries: maxRetries,
		Logger: slog.New(slog.NewTextHandler(&log, nil)), // waits, but no requests
	})
	if err != nil {
		t.Fatal(err)
	}
	client.transport = s
	return client, &log
}

func steps(list ...func(*http.Request) (*http.Response, error)) *script { return &script{steps: list} }

// Retry-After is obeyed in full, and a little is added, so that readers that
// were stopped together do not come back together.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header   func() string
		min, max time.Duration
	}{
		"none":               {func() string { return "" }, 500 * time.Millisecond, time.Second},
		"now":                {func() string { return "0" }, 500 * time.Millisecond, time.Second},
		"a second":           {func() string { return "1" }, time.Second, 1100 * time.Millisecond},
		"five minutes":       {func() string { return "300" }, 5 * time.Minute, 5*time.Minute + time.Second},
		"a date":             {func() string { return time.Now().Add(5 * time.Minute).UTC().Format(http.TimeFormat) }, 5 * time.Minute, 5*time.Minute + time.Second},
		"a date of RFC 850":  {func() string { return time.Now().Add(time.Minute).UTC().Format("Monday, 02-Jan-06 15:04:05 GMT") }, time.Minute, time.Minute + time.Second},
		"a date in the past": {func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) }, 500 * time.Millisecond, time.Second},
		"nonsense":           {func() string { return "soon" }, 500 * time.Millisecond, time.Second},
		"a fraction":         {func() string { return "1.5" }, 500 * time.Millisecond, time.Second},
		"negative":           {func() string { return "-300" }, 500 * time.Millisecond, time.Second},
		"a duration":         {func() string { return "300s" }, 500 * time.Millisecond, time.Second},
		"another zone":       {func() string { return "Fri, 31 Dec 1999 23:59:59 CET" }, 500 * time.Millisecond, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := steps(limited(tt.header()), fine())
				client, log := scripted(t, s, 4)
				ctx, cancel := WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				if _, err := client.Portal(ctx, "acc", "eng"); err != nil {
					t.Fatal(err)
				}
				if got := s.gaps()[0]; got < tt.min || got > tt.max {
					t.Errorf("waited %s, want %s to %s", got, tt.min, tt.max)
				}
				if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), `reason="HTTP 429"`) {
					t.Errorf("the log is %s", log)
				}
			})
		})
	}
}

func TestRetryAfterOnEveryStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steps(answerWith(503, "", "Retry-After", "60"), answerWith(520, "<html>", "Retry-After", "90"), limited("120"), fine())
		client, log := scripted(t, s, 3)
		if _, err := client.Portal(t.Context(), "acc", "eng"); err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Duration{time.Minute, 90 * time.Second, 2 * time.Minute} {
			if got := s.gaps()[i]; got < want || got > want+time.Second {
				t.Errorf("wait %d was %s, want %s", i+1, got, want)
			}
		}
		if n := strings.Count(log.String(), "\n"); n != 3 {
			t.Errorf("%d lines for 3 waits:\n%s", n, log)
		}
	})
}

// Where the API does not say how long, each wait is up to twice as long as the
// one before, and half of it is left to chance.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			s := steps(unavailable())
			client, _ := scripted(t, s, 8)
			_, err := client.Portal(t.Context(), "acc", "eng")
			var e *Error
			if !errors.As(err, &e) || e.Attempts != 9 || len(s.times) != 9 {
				t.Fatalf("got %v after %d requests", err, len(s.times))
			}
			for i, seconds := range []int{1, 2, 4, 8, 16, 30, 30, 30} {
				most := time.Duration(seconds) * time.Second
				if got := s.gaps()[i]; got < most/2 || got > most {
					t.Errorf("wait %d was %s, want %s to %s", i+1, got, most/2, most)
				}
			}
		}
	})
}

func TestBackoffNeverOverflows(t *testing.T) {
	t.Parallel()
	r := newRetries(Config{MinWait: time.Nanosecond, MaxWait: time.Hour})
	for attempt := 1; attempt < 200; attempt++ {
		if got := r.wait(nil, attempt); got < 0 || got > time.Hour {
			t.Errorf("attempt %d: %s", attempt, got)
		}
	}
	r = newRetries(Config{MinWait: time.Hour, MaxWait: time.Minute})
	if got := r.wait(nil, 1); got > time.Minute {
		t.Errorf("a wait of %s, at most a minute is allowed", got)
	}
}

// There is no point in waiting for longer than there is time.
func TestWaitLongerThanTimeLeft(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header  string
		minWait time.Duration
	}{
		"seconds":               {"601", 601 * time.Second},
		"many seconds":          {"4294967295", 4294967295 * time.Second},
		"more than 32 bits":     {"99999999999", 10 * time.Minute},
		"more than 64 bits":     {"99999999999999999999999999", 10 * time.Minute},
		"a date":                {"Sun, 02 Jan 2000 00:00:00 GMT", 24 * time.Hour},
		"the last of the dates": {"Fri, 31 Dec 9999 23:59:59 GMT", 100 * 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := steps(limited(tt.header), fine())
				client, _ := scripted(t, s, 4)
				ctx, cancel := WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				start := time.Now()
				_, err := client.Portal(ctx, "acc", "eng")
				var (
					e       *Error
					timeout *TimeoutError
				)
				if !errors.As(err, &e) || !errors.As(err, &timeout) {
					t.Fatalf("got %v", err)
				}
				if waited := time.Since(start); waited != 0 {
					t.Errorf("it took %s to give up", waited)
				}
				if timeout.Budget != 10*time.Minute || timeout.Wait < tt.minWait {
					t.Errorf("got %+v, want a wait of at least %s", timeout, tt.minWait)
				}
				if e.Status != 429 || e.Attempts != 1 || !e.HasCode(971) || e.RayID != "ray" {
					t.Errorf("the last answer is not told: %v", e)
				}
			})
		})
	}
}

// The time counts from the beginning, not from the last answer.
func TestTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steps(limited("300"), limited("300"), fine())
		client, _ := scripted(t, s, 4)
		ctx, cancel := WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		start := time.Now()
		_, err := client.Portal(ctx, "acc", "eng")
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Wait < 5*time.Minute || timeout.Wait > 5*time.Minute+time.Second || timeout.Budget != 10*time.Minute {
			t.Fatalf("got %v", err)
		}
		if waited := time.Since(start); waited < 5*time.Minute || waited > 5*time.Minute+time.Second {
			t.Errorf("it gave up after %s", waited)
		}
		if len(s.times) != 2 {
			t.Errorf("%d requests", len(s.times))
		}
	})
}

// A back-off that cannot end in time is not begun either.
func TestBackoffLongerThanTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steps(unavailable())
		client, _ := scripted(t, s, 100)
		ctx, cancel := WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := client.Portal(ctx, "acc", "eng")
		var (
			e       *Error
			timeout *TimeoutError
		)
		if !errors.As(err, &e) || !errors.As(err, &timeout) || timeout.Wait == 0 {
			t.Fatalf("got %v", err)
		}
		if waited := time.Since(start); waited > time.Minute {
			t.Errorf("it took %s", waited)
		}
		if e.Attempts != len(s.times) || e.Status != 503 || !e.HasCode(1) {
			t.Errorf("got %v after %d attempts, of %d", e, e.Attempts, len(s.times))
		}
	})
}

// Without a deadline there is no end to patience.
func TestNoDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steps(limited("86400"), fine())
		client, _ := scripted(t, s, 1)
		if _, err := client.Portal(t.Context(), "acc", "eng"); err != nil {
			t.Fatal(err)
		}
		if got := s.gaps()[0]; got < 24*time.Hour {
			t.Errorf("waited %s", got)
		}
	})
}

func TestTimeRunsOut(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		script   *script
		attempts int
		status   int
	}{
		"at once":              {steps(hang), 1, 0},
		"after another answer": {steps(limited("1"), hang), 2, 429},
		"in the body":          {steps(limited("1"), stall), 2, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := scripted(t, tt.script, 4)
				ctx, cancel := WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				start := time.Now()
				_, err := client.Portal(ctx, "acc", "eng")
				var (
					e       *Error
					timeout *TimeoutError
				)
				if !errors.As(err, &e) || !errors.As(err, &timeout) {
					t.Fatalf("got %v", err)
				}
				if diff := cmp.Diff(&TimeoutError{Budget: 3 * time.Second}, timeout); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if waited := time.Since(start); waited != 3*time.Second {
					t.Errorf("it ended after %s", waited)
				}
				if e.Attempts != tt.attempts || e.Status != tt.status || e.HasCode(971) != (tt.status == 429) {
					t.Errorf("got %v after %d attempts", e, e.Attempts)
				}
			})
		})
	}
}

// An answer that does not begin, or whose body stalls, is given up and asked for
// again, long before the time for reading ends.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		step    func(*http.Request) (*http.Response, error)
		silence time.Duration
		text    string
	}{
		"no answer":        {hang, headerTimeout, "no answer began within 2m0s"},
		"a body":           {stall, stallTimeout, "the answer was cut off after 11 bytes: nothing more came for 30s"},
		"a body, gzipped":  {stallPacked, stallTimeout, "bytes: nothing more came for 30s"},
		"an error's body":  {withStatus(503, stall), stallTimeout, "the answer was cut off after 11 bytes: nothing more came for 30s"},
		"a limit's own":    {withOwnLimit, time.Minute, "i/o timeout"},
		"a late beginning": {afterwards(headerTimeout-time.Second, stall), headerTimeout - time.Second + stallTimeout, "the answer was cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				s := steps(tt.step, fine())
				client, _ := scripted(t, s, 1)
				if _, err := client.Portal(ctx, "acc", "eng"); err != nil {
					t.Fatal(err)
				}
				if got := s.gaps()[0]; got < tt.silence || got > tt.silence+time.Second {
					t.Errorf("asked again after %s, want %s", got, tt.silence)
				}
				client, _ = scripted(t, steps(tt.step), 1)
				_, err := client.Portal(ctx, "acc", "eng")
				var timeout *TimeoutError
				if err == nil || errors.As(err, &timeout) || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("got %v, want %s", err, tt.text)
				}
			})
		})
	}
}

// A body that keeps coming is read to its end, however slow it is.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	for name, packed := range map[string]bool{"plain": false, "gzipped": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := steps(drip(stallTimeout-time.Second, packed))
				client, _ := scripted(t, s, 0)
				start := time.Now()
				if _, err := client.Portal(t.Context(), "acc", "eng"); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < 10*time.Minute {
					t.Errorf("it took no more than %s", took)
				}
			})
		})
	}
}

// drip sends a portal byte by byte, until the request's context ends.
func drip(interval time.Duration, packed bool) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		content, header := []byte(`{"success":true,"result":{"id":"eng","servers":[]}}`), http.Header{}
		if packed {
			content = gzipped(content)
			header.Set("Content-Encoding", "gzip")
		}
		body, w := io.Pipe()
		go func() {
			for i := range content {
				if !sleep(r.Context(), interval) {
					_ = w.CloseWithError(r.Context().Err())
					return
				}
				_, _ = w.Write(content[i : i+1])
			}
			_ = w.Close()
		}()
		return &http.Response{StatusCode: 200, Header: header, ProtoMajor: 1, ContentLength: int64(len(content)), Body: body}, nil
	}
}

func gzipped(text []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(text) // a Buffer takes everything
	_ = w.Close()
	return packed.Bytes()
}

func stallPacked(r *http.Request) (*http.Response, error) {
	response, err := stall(r)
	response.Header.Set("Content-Encoding", "gzip")
	rest := response.Body
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(gzipped([]byte("{"))[:10]), rest), rest}
	return response, err
}

func withStatus(status int, step func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		response, err := step(r)
		response.StatusCode = status
		return response, err
	}
}

func afterwards(wait time.Duration, step func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		time.Sleep(wait)
		return step(r)
	}
}

// withOwnLimit fails by a time limit that is not the reader's.
func withOwnLimit(*http.Request) (*http.Response, error) {
	time.Sleep(time.Minute)
	return nil, os.ErrDeadlineExceeded
}

// An API that asks for no wait does not get a hundred requests in an instant.
func TestRetryAfterNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := steps(limited("0"), limited("Fri, 31 Dec 1999 23:59:59 GMT"), limited("0"))
		client, _ := scripted(t, s, 100)
		start := time.Now()
		if _, err := client.Portal(t.Context(), "acc", "eng"); err == nil {
			t.Fatal("no error")
		}
		if took := time.Since(start); len(s.times) != 101 || took < 24*time.Minute {
			t.Errorf("%d requests in %s", len(s.times), took)
		}
	})
}

// Cancelling ends a wait, an attempt and the reading of a body at once.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		script *script
		status int
	}{
		"during a wait":     {steps(limited("300")), 429},
		"during an attempt": {steps(hang), 0},
		"during a body":     {steps(stall), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := scripted(t, tt.script, 4)
				ctx, cancel := WithTimeout(t.Context(), 10*time.Minute)
				time.AfterFunc(10*time.Second, cancel)
				start := time.Now()
				_, err := client.Portal(ctx, "acc", "eng")
				if waited := time.Since(start); waited != 10*time.Second {
					t.Errorf("it ended after %s", waited)
				}
				var e *Error
				if !errors.As(err, &e) || e.Err != context.Canceled { //nolint:errorlint // the error itself
					t.Fatalf("got %v", err)
				}
				if e.Status != tt.status || e.Attempts != 1 || e.HasCode(971) != (tt.status == 429) {
					t.Errorf("got %v after %d attempts", e, e.Attempts)
				}
			})
		})
	}
}

// All requests of a list share the time for reading it, and its error names all
// of that time.
func TestBudgetOfAList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page := 0
		s := steps(func(r *http.Request) (*http.Response, error) {
			page++
			if page == 3 {
				return hang(r)
			}
			time.Sleep(time.Second)
			return answerWith(200, fmt.Sprintf(`{"success":true,"result":[{"id":"%d"}],"result_info":{"total_count":9}}`, page))(r)
		})
		client, _ := scripted(t, s, 4)
		ctx, cancel := WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.Portals(ctx, "acc", "")
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Budget != time.Minute {
			t.Errorf("got %v", err)
		}
	})
}

// A deadline that is not from WithTimeout is named by what was left of it.
func TestBudgetOfAnotherDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := scripted(t, steps(hang), 4)
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		_, err := client.Portal(ctx, "acc", "eng")
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Budget != 7*time.Second || timeout.Wait != 0 {
			t.Errorf("got %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		ctx, cancel = WithTimeout(ctx, time.Hour)
		defer cancel()
		_, err = client.Portal(ctx, "acc", "eng")
		if !errors.As(err, &timeout) || timeout.Budget != 7*time.Second {
			t.Errorf("the caller's deadline came first: got %v", err)
		}
	})
}
