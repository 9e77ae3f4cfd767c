package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the one type of error that reading returns. It says what was read,
// what the API's last answer was, and, in Err, why that did not do.
type Error struct {
	// Object is what was to be read.
	Object Object
	// AccountID is the account in which it was looked for.
	AccountID string
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Errors is what the API said, in its order: empty if the last answer was
	// not an envelope of the API.
	Errors []APIError
	// RayID is the cf-ray header of the last answer, by which Cloudflare's
	// support finds a request. Empty if there was none.
	RayID string
	// Attempts is the number of requests that were sent.
	Attempts int
	// Err is the cause where the API's own words are not all there is to say:
	// a [*BodyError], [*DecodeError], [*MismatchError], [*RedirectError],
	// [*TimeoutError], [*NotFoundError], [*ListError], [*NetworkError], or
	// [context.Canceled]. Nil if the API said no.
	Err error
}

// Object names what was read.
type Object struct {
	// Kind is "MCP portal", "MCP portals", "MCP server" or "MCP servers", or one
	// of the constants for Access, such as [KindApplications].
	Kind string
	// ID is the object's id; empty for lists, and where Hostname is given.
	ID string
	// Hostname is the host name that the object was looked up by, if it was.
	Hostname string
}

// String returns the kind, and the quoted id or host name if there is one.
func (o Object) String() string {
	switch {
	case o.ID != "":
		return fmt.Sprintf("%s %q", o.Kind, o.ID)
	case o.Hostname != "":
		return fmt.Sprintf("%s with hostname %q", o.Kind, o.Hostname)
	}
	return o.Kind
}

// APIError is an entry of the envelope's "errors".
type APIError struct {
	// Code is Cloudflare's number for the error, such as 10000; 0 if there was none.
	Code int
	// Message is the API's text, word for word, but for secrets and control characters.
	Message string
	// DocumentationURL is where the API says the error is explained.
	DocumentationURL string
	// Pointer is the JSON pointer to what is at fault in a request ("source.pointer").
	Pointer string
	// Chain is what the API says lies behind the error ("error_chain").
	Chain []APIError
}

// String returns the code and the message, then those of the chain.
func (e APIError) String() string {
	var b strings.Builder
	if e.Code != 0 {
		fmt.Fprintf(&b, "%d: ", e.Code)
	}
	if e.Message == "" {
		b.WriteString("(no message)")
	}
	b.WriteString(e.Message)
	if e.Pointer != "" {
		fmt.Fprintf(&b, " (at %s)", e.Pointer)
	}
	for _, link := range e.Chain {
		fmt.Fprintf(&b, " ← %s", link)
	}
	return b.String()
}

// HasCode reports whether the API gave code, in the errors or in their chains.
func (e *Error) HasCode(code int) bool { return hasCode(e.Errors, code) }

func hasCode(list []APIError, code int) bool {
	for _, e := range list {
		if e.Code == code || hasCode(e.Chain, code) {
			return true
		}
	}
	return false
}

// StatusText returns the last answer's status with its name, such as
// "403 Forbidden"; empty if there was no answer.
func (e *Error) StatusText() string {
	if e.Status == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
}

// OK reports whether the last answer had the status 200. What was wrong with it
// then stands in Errors or in Err.
func (e *Error) OK() bool { return e.Status == http.StatusOK }

// AccessDenied reports whether the last answer had the status 401 or 403: the
// credentials are wrong, or they may not read the object.
func (e *Error) AccessDenied() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// NotFound reports whether the last answer had the status 404: there is no such
// object.
func (e *Error) NotFound() bool { return e.Status == http.StatusNotFound }

// RateLimited reports whether the last answer had the status 429: there were too
// many requests.
func (e *Error) RateLimited() bool { return e.Status == http.StatusTooManyRequests }

// APITrouble reports whether the last answer had the status 408, or 500 and above:
// the API, or the network before it, could not do what was asked.
func (e *Error) APITrouble() bool {
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusRequestTimeout
}

// Error returns all of it in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "reading %s of account %q", e.Object, e.AccountID)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %s", e.Err)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	for _, apiError := range e.Errors {
		fmt.Fprintf(&b, ": %s", apiError)
	}
	if e.RayID != "" {
		fmt.Fprintf(&b, " (cf-ray %s)", e.RayID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// BodyError says why a body cannot be an answer of the API. It never carries the body.
type BodyError struct {
	// Reason completes the sentence "the answer …".
	Reason string
	// ContentType is the answer's media type, without parameters; empty if it had none.
	ContentType string
	// Size is the number of bytes that were read, decompressed.
	Size int
	// Limit is set if the answer may be a genuine one, but is beyond what is
	// read: more bytes, more objects, or deeper nesting.
	Limit bool
	// tooLarge is set if it was more bytes.
	tooLarge bool
}

// Error returns the reason with what is known of the body.
func (e *BodyError) Error() string {
	contentType := e.ContentType
	if contentType == "" {
		contentType = "no content type"
	}
	return fmt.Sprintf("the answer %s (%s, %d bytes)", e.Reason, contentType, e.Size)
}

// RedirectError says that the API's answer led elsewhere. Redirects are never
// followed, since a request carries credentials.
type RedirectError struct {
	// Host is where the answer led, without path and query; empty if it did not say.
	Host string
}

// Error names the host.
func (e *RedirectError) Error() string {
	if e.Host == "" {
		return "a redirect without a destination was refused"
	}
	return fmt.Sprintf("a redirect to %s was refused", e.Host)
}

// NetworkError is an error of the network, or an answer that was cut off.
type NetworkError struct {
	// Text says what happened, fit to be shown; empty if nobody said.
	Text string
	// Err is the error as net/http gave it.
	Err error
}

// Error returns the text.
func (e *NetworkError) Error() string {
	if e.Text == "" {
		return "no reason was given"
	}
	return e.Text
}

// Unwrap returns the error as net/http gave it.
func (e *NetworkError) Unwrap() error { return e.Err }

// MismatchError says that an answer is about something else than was asked for.
type MismatchError struct {
	// What is "id" or "hostname".
	What string
	// Asked is what was asked for, and Got what the answer says it is about;
	// empty if it says nothing.
	Asked, Got string
}

// Error names both.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("the %s %q was asked for, and the answer has the %s %q", e.What, e.Asked, e.What, e.Got)
}

// TimeoutError says that the time for reading ran out. It unwraps to
// [context.DeadlineExceeded].
type TimeoutError struct {
	// Budget is how much time there was.
	Budget time.Duration
	// Wait is how long the API had asked to wait, if that alone was longer than
	// the time left; 0 otherwise.
	Wait time.Duration
}

// Error names the budget, and the wait if that was the trouble.
func (e *TimeoutError) Error() string {
	if e.Wait > 0 {
		return fmt.Sprintf("the next attempt would have to wait %s, and the time for reading (%s) ends before", e.Wait, e.Budget)
	}
	return fmt.Sprintf("the time for reading (%s) ran out", e.Budget)
}

// Unwrap returns [context.DeadlineExceeded].
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// NotFoundError says that no object matched what a person looked for by
// something other than its id.
type NotFoundError struct {
	// Matches is the number of objects that matched: 0, or 2 and more.
	Matches int
	// Closest is what exists and looks like it, best first.
	Closest []string
}

// Error names the number of matches.
func (e *NotFoundError) Error() string {
	if e.Matches == 0 {
		return "nothing matches"
	}
	return fmt.Sprintf("%d match, where exactly one is needed", e.Matches)
}

// ListError says that a list cannot be read whole: it changed whenever it was
// read, or the API does not keep to its own counts and pages.
type ListError struct {
	// Passes is how often the list was read.
	Passes int
	// Reason says what was wrong with it the last time.
	Reason string
}

// Error names both.
func (e *ListError) Error() string {
	return fmt.Sprintf("the list was read %d times, and could not be read whole: %s", e.Passes, e.Reason)
}

// about returns err as an *Error about the object that a person asked for. If err is
// an *Error already, it is about that object now.
func about(object Object, accountID string, err error) *Error {
	e := &Error{AccountID: accountID, Err: err}
	if inner, ok := errors.AsType[*Error](err); ok {
		*e = *inner
	}
	e.Object = object
	return e
}
