package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultBaseURL is where Cloudflare serves version 4 of its API.
const DefaultBaseURL = "https://api.cloudflare.com/client/v4"

// DefaultMaxRetries is how often a request is sent again.
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
	transport http.RoundTripper
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
	return &Client{
		baseURL:   strings.TrimRight(config.BaseURL, "/"),
		authorize: config.Credentials.authorize,
		userAgent: config.UserAgent,
		sanitizer: newSanitizer(config.Credentials),
		transport: newTransport(),
		retries:   newRetries(config),
		logger:    config.Logger,
	}, nil
}

// CloseIdleConnections closes the connections that no request is using.
func (c *Client) CloseIdleConnections() {
	if transport, ok := c.transport.(*http.Transport); ok { // in tests it is not
		transport.CloseIdleConnections()
	}
}

// ValidateBaseURL returns an error that says what is wrong with the address of an
// API, or nil. Credentials are sent there, so it must be https; http is for tests, on
// the loopback interface alone.
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
		return errors.New("it has a query or a fragment, which the paths of the API cannot be added to")
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
	below     string // the object's id, with a leading slash; empty for the object itself
	sizes     []int  // of a list's pages, in place of pageSizes
}

// check returns an error if the account's id, or the object's, is not in the form of
// an id. Ids stand in the path of a request, and one with a slash in it could reach
// another endpoint.
func (t target) check() error {
	if t.accountID == "" {
		return errors.New("the account id is empty")
	}
	if err := ValidateID(t.accountID); err != nil {
		return fmt.Errorf("the account id %w", err)
	}
	if t.object.ID == "" { // a list
		return nil
	}
	if err := validateID(t.object.ID, t.longestID()); err != nil {
		return fmt.Errorf("the id %w", err)
	}
	return nil
}

// longestID returns how long an id may be: those of Access are UUIDs, of 36
// characters.
func (t target) longestID() int {
	switch t.path {
	case portalsPath, serversPath:
		return maxID
	}
	return maxAccessID
}

const (
	maxID       = 32
	maxAccessID = 64
)

// ValidateID returns an error if an id of an account, a portal or a server is not in
// the form of one. The error's text is a predicate, such as "has 40 characters; …":
// put the name of the id before it.
func ValidateID(id string) error { return validateID(id, maxID) }

func validateID(id string, longest int) error {
	if n := utf8.RuneCountInString(id); n < 1 || n > longest {
		return fmt.Errorf("has %d characters; it must have 1 to %d", n, longest)
	}
	for _, r := range id {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
		default:
			return fmt.Errorf("holds the character %q; it may hold A-Za-z0-9_- alone", r)
		}
	}
	return nil
}

// url returns the target's address. Its ids have been checked.
func (c *Client) url(t target, query url.Values) string {
	address := c.baseURL + "/accounts/" + t.accountID + t.path
	if t.object.ID != "" {
		address += "/" + t.object.ID + t.below
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// get reads one object, and checks that it is the one that was asked for: ids
// returns the object's ids, and each that is set must be the target's id.
func get[T any](ctx context.Context, c *Client, t target, ids func(*T) []*string) (*T, resultInfo, error) {
	if t.object.ID == "" {
		return nil, resultInfo{}, &Error{Object: t.object, AccountID: t.accountID, Err: errors.New("the id is empty")}
	}
	var result T
	info, err := c.read(ctx, t, nil, &result)
	if err != nil {
		return nil, info, err
	}
	for _, id := range ids(&result) {
		if got := deref(id); got != "" && got != t.object.ID {
			return nil, info, c.mismatch(t, "id", t.object.ID, got)
		}
	}
	redact(&result)
	return &result, info, nil
}

// mismatch returns the error of an answer about something else than was asked for.
func (c *Client) mismatch(t target, what, asked, got string) error {
	return &Error{
		Object: c.sanitizer.object(t.object), AccountID: t.accountID, Attempts: 1, Status: http.StatusOK,
		Err: &MismatchError{What: what, Asked: asked, Got: c.sanitizer.clean(got)},
	}
}
