package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// DefaultBaseURL is where Cloudflare serves version 4 of its API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// DefaultMaxRetries is how often a request that may succeed the next time is
// sent again.
const DefaultMaxRetries = 4

// Config is what a [Client] is made of.
type Config struct {
	// BaseURL is the API's address; empty means DefaultBaseURL. See [ValidateBaseURL].
	BaseURL string
	// Credentials are sent with every request.
	Credentials Credentials
	// UserAgent is sent with every request.
	UserAgent string
	// MaxRetries is how often a request is sent again. 0 means never.
	MaxRetries int
	// MinWait and MaxWait bound the wait before a retry where the API does not
	// say how long to wait. 0 means one second, and thirty.
	MinWait, MaxWait time.Duration
	// Logger is told of every request (debug) and every wait (warn). Nil means no log.
	Logger *slog.Logger
}

// Client reads from Cloudflare's API. It sends nothing but GET. It is safe for
// concurrent use, and one client should be shared: it keeps connections open.
type Client struct {
	baseURL   string
	authorize func(http.Header) // of the credentials, which a struct would show when it is printed
	userAgent string
	sanitizer sanitizer
	http      *http.Client
	transport *http.Transport
	retries   retries
	logger    *slog.Logger
}

// New returns a client, or an error that says what is wrong with the
// configuration. It sends nothing.
func New(config Config) (*Client, error) {
	if config.BaseURL == "" {
		config.BaseURL = DefaultBaseURL
	}
	if err := ValidateBaseURL(config.BaseURL); err != nil {
		return nil, err
	}
	if err := config.Credentials.validate(); err != nil {
		return nil, err
	}
	if config.MaxRetries < 0 {
		return nil, errors.New("the number of retries is negative")
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	transport := newTransport()
	return &Client{
		baseURL:   strings.TrimRight(config.BaseURL, "/"),
		authorize: config.Credentials.authorize,
		userAgent: config.UserAgent,
		sanitizer: newSanitizer(config.Credentials),
		http:      newHTTPClient(transport),
		transport: transport,
		retries:   newRetries(config),
		logger:    config.Logger,
	}, nil
}

// CloseIdleConnections closes the connections that no request is using.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// ValidateBaseURL returns an error that says what is wrong with the address of
// an API, if anything is. Credentials are sent there, so it must be https;
// http is for tests, and for the loopback interface alone.
func ValidateBaseURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// url.Parse's error repeats the text, which may hold a password.
		return errors.New("it is not a URL")
	case u.Host == "" || u.Hostname() == "":
		return errors.New("it has no host; a full URL such as " + DefaultBaseURL + " is needed")
	case u.User != nil:
		return errors.New("it holds a user name or password, which belong into the credentials")
	case strings.ContainsAny(text, "?#"): // url.Parse forgets a "#" with nothing after it
		return errors.New("it has a query or a fragment, which the paths of the API can't be added to")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("it is http, which would show the credentials to the network; https is needed (http only for the loopback interface)")
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("its scheme is %q; https is needed", u.Scheme)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// target is what a request is about.
type target struct {
	object    Object
	accountID string
	path      string // below the account, with a leading slash
}

// url returns the target's address. Path parts are escaped: an id that holds a
// slash can't reach another endpoint.
func (c *Client) url(t target, query url.Values) string {
	address := c.baseURL + "/accounts/" + escapePart(t.accountID) + t.path
	if t.object.ID != "" {
		address += "/" + escapePart(t.object.ID)
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// escapePart escapes one part of a path. PathEscape leaves "." and ".." as they
// are, which servers and proxies resolve.
func escapePart(part string) string {
	if strings.Trim(part, ".") == "" {
		return strings.ReplaceAll(part, ".", "%2E")
	}
	return url.PathEscape(part)
}

// get reads one object.
func get[T any](ctx context.Context, c *Client, t target) (*T, error) {
	if t.object.ID == "" {
		return nil, &Error{Object: t.object, AccountID: t.accountID, Err: errors.New("the id is empty")}
	}
	var result T
	if _, err := c.read(ctx, t, nil, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

// read sends the request, again if need be, and reads the answer's result into
// result. All errors are of type *Error.
func (c *Client) read(ctx context.Context, t target, query url.Values, result any) (resultInfo, error) {
	if t.accountID == "" {
		return resultInfo{}, &Error{Object: t.object, Err: errors.New("the account id is empty")}
	}
	call := newCall(ctx, c)
	info, err := call.do(ctx, c.url(t, query), result)
	if err == nil {
		return info, nil
	}
	last := call.last
	return info, &Error{
		Object:    t.object,
		AccountID: t.accountID,
		Status:    last.status,
		Errors:    c.sanitizer.errors(last.errors),
		RayID:     last.rayID,
		Attempts:  call.attempts,
		Err:       c.cause(ctx, call, err),
	}
}

// cause returns what an Error carries beside the API's own words: nothing if
// those are all there is to say.
func (c *Client) cause(ctx context.Context, call *call, err error) error {
	var (
		body     *BodyError
		wrong    *DecodeError
		redirect *RedirectError
		timeout  *TimeoutError
	)
	switch {
	case errors.As(err, &timeout):
		return timeout
	// Not errors.Is(err, …): net/http's own time limits call themselves that, too.
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &TimeoutError{Budget: call.budget}
	case ctx.Err() != nil:
		return context.Canceled
	case errors.Is(err, errRefused):
		return nil
	case errors.As(err, &body):
		body.ContentType = c.sanitizer.text(body.ContentType)
		return body
	case errors.As(err, &wrong):
		wrong.Path = c.sanitizer.text(wrong.Path)
		return wrong
	case errors.As(err, &redirect):
		redirect.Host = c.sanitizer.text(redirect.Host)
		return redirect
	}
	return &NetworkError{c.sanitizer.text(withoutURL(err).Error()), err}
}

// NetworkError is an error of the network, or an answer that was cut off, in
// words that are fit to be shown.
type NetworkError struct {
	text string
	err  error
}

// NewNetworkError returns err as a NetworkError with err's own words.
func NewNetworkError(err error) *NetworkError { return &NetworkError{err.Error(), err} }

// Error returns the words.
func (e *NetworkError) Error() string { return e.text }

// Unwrap returns the error as net/http gave it.
func (e *NetworkError) Unwrap() error { return e.err }

// withoutURL takes off net/http's "Get URL:", which an Error says better.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

func pageQuery(page, perPage int, search string) url.Values {
	query := url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}}
	if search != "" {
		query.Set("search", search)
	}
	return query
}
