package portalapi

import (
	"net/http"
	"regexp"
	"slices"
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

// Permission is what a token may read.
type Permission string

// The permissions that the routes ask for, as the dashboard calls them.
const (
	PortalsRead    Permission = "MCP Portals Read"
	AccessAppsRead Permission = "Access: Apps and Policies Read"
	AccessOrgsRead Permission = "Access: Organizations, Identity Providers, and Groups Read"
)

// WithToken accepts token as well, whatever its form. It may read what the
// permissions allow, and everything where there are none.
func WithToken(token string, permissions ...Permission) Option {
	return func(s *Server) {
		if s.tokens == nil {
			s.tokens = map[string][]Permission{}
		}
		s.tokens[token] = permissions
	}
}

// refuse returns nil when the headers may read what needs the permission,
// otherwise the API's answer. The Authorization header, where there is one,
// decides alone.
func (s *Server) refuse(header http.Header, needed Permission) *failure {
	email, key := header.Get("X-Auth-Email"), header.Get("X-Auth-Key")
	authorization := header.Get("Authorization")
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	permissions, known := s.tokens[token]
	switch {
	case bearer && (token == Token || known && (permissions == nil || slices.Contains(permissions, needed))):
		return nil
	case authorization != "" && (!bearer || !known && !tokenForm.MatchString(token)):
		return malformed(6111, "Invalid format for Authorization header")
	case authorization != "":
		return authenticationError()
	case email == "" || key == "":
		return fail(http.StatusBadRequest, Error{
			Code:    9106,
			Message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
		})
	case email == Email && key == Key:
		return nil
	case !emailForm.MatchString(email):
		return malformed(6102, "Invalid format for X-Auth-Email header")
	case !keyForm.MatchString(key):
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
