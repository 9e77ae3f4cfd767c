package portalapi

import (
	"net/http"
	"regexp"
	"strings"
)

// The credentials that every server accepts. They open nothing but this
// stand-in.
const (
	// Token is an API token, 40 characters long like the API's older ones.
	Token = "FAKE-portalapi-token-that-opens-nothing0"
	// Email belongs to Key.
	Email = "admin@example.com"
	// Key is a global API key; it counts only together with Email.
	Key = "fa4e0000fa4e0000fa4e0000fa4e0000fa4e0"
)

// The API refuses what cannot be a credential before it looks it up. It
// publishes no rule; what is here refuses what is obviously none and leaves
// every form of token seen so far (40, 52 and 53 characters) alone.
var (
	tokenForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{40,255}$`)
	keyForm   = regexp.MustCompile(`^[A-Za-z0-9_-]{32,255}$`)
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

// credentials says who may read. It does not change once the server runs.
type credentials struct {
	tokens map[string]bool // false: known, but without the permission
	keys   map[string]string
}

func defaultCredentials() credentials {
	return credentials{
		tokens: map[string]bool{Token: true},
		keys:   map[string]string{Key: Email},
	}
}

// WithToken accepts token as well, whatever its form.
func WithToken(token string) Option {
	return func(s *Server) { s.credentials.tokens[token] = true }
}

// WithPowerlessToken knows token as valid but without the permission MCP
// Portals Read: it gets 403 and code 10000, just as an unknown one does.
func WithPowerlessToken(token string) Option {
	return func(s *Server) { s.credentials.tokens[token] = false }
}

// WithKey accepts the global API key together with its e-mail address as well,
// whatever their form.
func WithKey(email, key string) Option {
	return func(s *Server) { s.credentials.keys[key] = email }
}

// check returns nil when the headers may read, otherwise the API's answer. The
// Authorization header, where there is one, decides alone.
func (c credentials) check(header http.Header) *failure {
	if authorization := header.Get("Authorization"); authorization != "" {
		return c.checkToken(authorization)
	}
	email, key := header.Get("X-Auth-Email"), header.Get("X-Auth-Key")
	if email == "" || key == "" {
		return fail(http.StatusBadRequest, Error{
			Code:    9106,
			Message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
		})
	}
	return c.checkKey(email, key)
}

func (c credentials) checkToken(authorization string) *failure {
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	if permitted, known := c.tokens[token]; bearer && known {
		if !permitted {
			return authenticationError()
		}
		return nil
	}
	if !bearer || !tokenForm.MatchString(token) {
		return malformed(6111, "Invalid format for Authorization header")
	}
	return authenticationError()
}

func (c credentials) checkKey(email, key string) *failure {
	if owner, known := c.keys[key]; known && owner == email {
		return nil
	}
	if !emailForm.MatchString(email) {
		return malformed(6102, "Invalid format for X-Auth-Email header")
	}
	if !keyForm.MatchString(key) {
		return malformed(6103, "Invalid format for X-Auth-Key header")
	}
	return authenticationError()
}

func malformed(code int, message string) *failure {
	return fail(http.StatusBadRequest, Error{
		Code:    6003,
		Message: "Invalid request headers",
		Chain:   []Error{{Code: code, Message: message}},
	})
}

func authenticationError() *failure {
	return fail(http.StatusForbidden, Error{Code: 10000, Message: "Authentication error"})
}
