package cloudflare

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// Credentials is what a [Client] shows the API: an API token, or the older
// pair of a global API key and the e-mail address of its user. The token wins
// where both are set.
//
// It prints and marshals as "[redacted]", whatever the verb, so that a careless
// log line gives nothing away.
type Credentials struct {
	// Token is an API token, sent as a bearer token. It needs the permission
	// "MCP Portals Read".
	Token string
	// Key is a global API key, sent as X-Auth-Key. It needs Email.
	Key string
	// Email is the address of the user that Key belongs to, sent as X-Auth-Email.
	Email string
}

const redacted = "[redacted]"

// String returns a fixed text in place of the secrets.
func (Credentials) String() string { return redacted }

// Format writes a fixed text in place of the secrets: fmt asks no String method
// for %#v, nor for a verb that does not suit, such as %d.
func (Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns a fixed text in place of the secrets, for encoding/json,
// which log/slog uses for what it finds inside of other values.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns a fixed text in place of the secrets, for log/slog.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// Secrets returns the values that must never be shown: the token and the key,
// without empty ones.
func (c Credentials) Secrets() []string {
	var secrets []string
	for _, secret := range []string{c.Token, c.Key} {
		if secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

// validate returns an error, free of the secrets themselves, if the
// credentials are incomplete or cannot stand in a header. There is no rule for
// lengths and prefixes: Cloudflare has changed both.
func (c Credentials) validate() error {
	switch {
	case c.Token == "" && c.Key == "" && c.Email == "":
		return errors.New("no credentials: an API token, or an API key with its e-mail address, is needed")
	case c.Token != "":
		if !ValidHeaderText(c.Token) {
			return errors.New("the API token holds a blank, a line break or a character outside ASCII")
		}
	case c.Key == "":
		return errors.New("the e-mail address needs its API key")
	case c.Email == "":
		return errors.New("the API key needs its e-mail address")
	case !ValidHeaderText(c.Key):
		return errors.New("the API key holds a blank, a line break or a character outside ASCII")
	case !ValidHeaderText(c.Email):
		return errors.New("the e-mail address holds a blank, a line break or a character outside ASCII")
	}
	return nil
}

// authorize sets the headers that the reference page names under "Security".
func (c Credentials) authorize(h http.Header) {
	if c.Token != "" {
		h.Set("Authorization", "Bearer "+c.Token)
		return
	}
	h.Set("X-Auth-Email", c.Email)
	h.Set("X-Auth-Key", c.Key)
}

// ValidHeaderText reports whether s can be sent in a header as it is:
// printable ASCII without blanks. A token read from a file often ends in a line
// break, and net/http's own error for that says nothing that helps.
func ValidHeaderText(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
