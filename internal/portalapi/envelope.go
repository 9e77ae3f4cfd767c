package portalapi

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Error is one entry of an answer's errors, in the API's v4 envelope.
type Error struct {
	// Code is the API's own code, such as 10000.
	Code int `json:"code"`
	// Message is the API's text for it.
	Message string `json:"message"`
	// DocumentationURL is left out of the answer when "".
	DocumentationURL string `json:"documentation_url,omitempty"`
	// Pointer is the JSON pointer to the value at fault; left out when "".
	Pointer Pointer `json:"source,omitempty"`
	// Chain holds the errors behind this one; left out when empty.
	Chain []Error `json:"error_chain,omitempty"`
}

// Pointer is a JSON pointer, which the API wraps into an object of its own.
type Pointer string

// MarshalJSON returns that object.
func (p Pointer) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"pointer": string(p)})
}

// failure is an answer that is an error.
type failure struct {
	status int
	errors []Error
}

func fail(status int, errors ...Error) *failure { return &failure{status, errors} }

// body returns the envelope of a failed answer. The result is null, as the API
// has it.
func (f *failure) body() []byte {
	if f.errors == nil {
		f.errors = []Error{}
	}
	list, err := json.Marshal(f.errors)
	if err != nil {
		panic(fmt.Sprintf("portalapi: marshal errors: %v", err)) // ints and strings cannot fail
	}
	return fmt.Appendf(nil, `{"success":false,"errors":%s,"messages":[],"result":null}`, list)
}

func (f *failure) write(w http.ResponseWriter) {
	write(w, f.status, "application/json", f.body())
}

// success returns the envelope of result in pieces, so that a large result is
// not copied. The result's bytes stand in it as they are.
func success(result, resultInfo []byte) [][]byte {
	parts := [][]byte{[]byte(`{"success":true,"errors":[],"messages":[],"result":`), result}
	if resultInfo != nil {
		parts = append(parts, []byte(`,"result_info":`), resultInfo)
	}
	return append(parts, []byte(`}`))
}

// write sends the parts as one body with its length. An error of the connection
// is the client's to notice.
func write(w http.ResponseWriter, status int, contentType string, parts ...[]byte) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// writeSuccess sends a successful answer, compressed where both sides want it.
func (s *Server) writeSuccess(w http.ResponseWriter, r *http.Request, result, resultInfo []byte) {
	parts := success(result, resultInfo)
	if !s.compress || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		write(w, http.StatusOK, "application/json", parts...)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Vary", "Accept-Encoding")
	zip := gzip.NewWriter(w)
	defer func() { _ = zip.Close() }()
	for _, part := range parts {
		if _, err := zip.Write(part); err != nil {
			return
		}
	}
}
