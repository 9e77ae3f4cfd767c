package cloudflare

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// envelope is what every answer of the API is wrapped in. Only "success" and
// "errors" are dependable.
type envelope struct {
	success    bool
	hasSuccess bool
	hasResult  bool
	errors     []APIError
	info       resultInfo
}

// resultInfo is what a list needs to know of a page: the size of its body, the number
// of fields that were read from it (see [wirejson.MaxFields]), and the two counts of the
// envelope's "result_info", which are -1 if it leaves them out.
type resultInfo struct{ size, fields, totalCount, totalPages int }

// The wire types of the envelope are open: an answer that is already an error
// must not fail for an odd shape.
type (
	wireError struct {
		Code             *wirejson.Number `json:"code"`
		Message          *string          `json:"message"`
		DocumentationURL *string          `json:"documentation_url"`
		Source           *wireSource      `json:"source"`
		Chain            []wireError      `json:"error_chain"`
		Extra            wirejson.Extra   `wirejson:"open"`
	}
	wireSource struct {
		Pointer *string        `json:"pointer"`
		Extra   wirejson.Extra `wirejson:"open"`
	}
	wireInfo struct {
		TotalCount *wirejson.Number `json:"total_count"`
		TotalPages *wirejson.Number `json:"total_pages"`
		Extra      wirejson.Extra   `wirejson:"open"`
	}
)

// decodeEnvelope reads a body. If result is not nil, it points to a wire type or
// to a slice of one that "result" is read into. The errors are a *BodyError, a
// *DecodeError for what is in "result", or an error of [jsontext].
func decodeEnvelope(ctx context.Context, body []byte, result any) (envelope, error) {
	env, err := readEnvelope(ctx, body, result)
	var wrong *DecodeError
	if result == nil || !errors.As(err, &wrong) {
		return env, err
	}
	// What the API says about itself comes before the shape of its result.
	said, bodyErr := readEnvelope(ctx, body, nil)
	if bodyErr != nil || !said.success || len(said.errors) > 0 {
		return said, bodyErr
	}
	return said, wrong
}

func readEnvelope(ctx context.Context, body []byte, result any) (envelope, error) {
	env := envelope{info: resultInfo{totalCount: -1, totalPages: -1}}
	d := wirejson.NewDecoder(ctx, body)
	if d.PeekKind() != '{' {
		if err := d.SkipValue(); err != nil {
			return env, err
		}
		return env, &BodyError{Reason: "is JSON, but not in the form of Cloudflare's API"}
	}
	if _, err := d.ReadToken(); err != nil {
		return env, err
	}
	seen := map[string]bool{}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return env, err
		}
		name := token.String()
		switch name {
		case "success", "errors", "result", "result_info":
			if seen[name] {
				// Which of the two the API meant, nobody can tell.
				return env, &BodyError{Reason: "says two things: a key of its envelope stands twice"}
			}
			seen[name] = true
		}
		if err := env.read(d, name, result); err != nil {
			return env, err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return env, err
	}
	switch _, err := d.ReadToken(); {
	case err == nil || !errors.Is(err, io.EOF):
		return env, &BodyError{Reason: "goes on after the end of its JSON"}
	case !env.hasSuccess:
		return env, &BodyError{Reason: `is JSON, but without the "success" of Cloudflare's API`}
	}
	return env, nil
}

// read reads the value of one key of the envelope.
func (env *envelope) read(d *wirejson.Decoder, name string, result any) error {
	kind := d.PeekKind()
	switch {
	case name == "success" && (kind == 't' || kind == 'f'):
		env.success, env.hasSuccess = kind == 't', true
	case name == "success" && kind != 'n' && kind != 0:
		return &BodyError{Reason: `has a "success" that is neither true nor false`}
	case name == "errors" && kind != 'n' && kind != 0:
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		env.errors = decodeErrors(raw)
		return nil
	case name == "result_info" && kind == '{':
		var info wireInfo
		if err := d.Decode(&info); err != nil {
			return err
		}
		env.info.totalCount, env.info.totalPages = count(info.TotalCount), count(info.TotalPages)
		return nil
	case name == "result" && kind != 'n':
		env.hasResult = true
		if result != nil {
			err := decodeResult(d, result)
			env.info.fields = d.Fields()
			return err
		}
	}
	return d.SkipValue()
}

// checker is a pointer to a wire type that checks what was read into it. An object
// that names nothing must not be read as an empty portal, which a guard would take for
// a safe one. Elements of a list are not checked.
type checker interface{ check() error }

// decodeResult reads the next value into the wire type, or the slice of one, that
// target points to. The path of an error begins with "result" if that is a list, and
// with the name of a field if it is an object.
func decodeResult(d *wirejson.Decoder, target any) error {
	err := d.Decode(target)
	if object, ok := target.(checker); ok && err == nil {
		return object.check()
	}
	var wrong *DecodeError
	if errors.As(err, &wrong) && (wrong.Path == "" || reflect.TypeOf(target).Elem().Kind() == reflect.Slice) {
		return wirejson.Within("result", err)
	}
	return err
}

const (
	// maxErrors is how many of the API's errors are kept, those of chains as well. One
	// or two were seen.
	maxErrors = 20
	// maxErrorSize is how many bytes an error may have that is read field by field.
	// Reading chains within chains takes time with the square of their length.
	maxErrorSize = 4 << 10
	// maxErrorText is how many bytes of any other error are looked at. That is far more
	// than is shown, so that no secret is cut in two before it is redacted.
	maxErrorText = 64 << 10
)

// decodeErrors reads what it can of the envelope's errors. An entry that is not an
// object does not keep the others from being read. What is no list is read as an entry.
func decodeErrors(raw jsontext.Value) []APIError {
	if raw.Kind() != '[' {
		left := 1
		return []APIError{decodeError(raw).apiError(&left)}
	}
	var list []APIError
	d := wirejson.NewDecoder(context.Background(), raw)
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	for left := maxErrors; left > 0 && d.PeekKind() != ']'; {
		element, err := d.ReadValue()
		if err != nil {
			return list
		}
		list = append(list, decodeError(element).apiError(&left))
	}
	return list
}

// decodeError reads an entry of the envelope's errors. If it is not in the form of
// one, its text becomes the message.
func decodeError(raw jsontext.Value) wireError {
	var e wireError
	if len(raw) <= maxErrorSize && raw.Kind() == '{' && wirejson.NewDecoder(context.Background(), raw).Decode(&e) == nil {
		return e
	}
	return wireError{Message: new(textOf(raw[:min(len(raw), maxErrorText)]))}
}

// textOf returns what a JSON value says, so that a secret in it can be found: a text
// without its quotes and escapes, and anything else with those escapes resolved that
// [escape] matches.
func textOf(raw jsontext.Value) string {
	if raw.Kind() == '"' {
		text, _ := jsontext.AppendUnquote(nil, raw)
		return string(text)
	}
	return escape.ReplaceAllStringFunc(string(raw), func(code string) string {
		if code == `\\` {
			return code
		}
		text, _ := jsontext.AppendUnquote(nil, `"`+code+`"`)
		return string(text)
	})
}

// escape matches JSON's escapes for characters that need none. It also matches an
// escaped backslash, so as not to take the second for the beginning of an escape.
var escape = regexp.MustCompile(`\\\\|(\\u[0-9a-fA-F]{4})+|\\/`)

// apiError returns the error with its chain, of which it keeps as many entries as
// left says. It lowers left by the number of errors that it returns.
func (w wireError) apiError(left *int) APIError {
	*left--
	e := APIError{
		Code:             max(count(w.Code), 0),
		Message:          deref(w.Message),
		DocumentationURL: deref(w.DocumentationURL),
	}
	if code, ok := w.Extra["code"]; ok { // a code in quotes
		n := wirejson.Number(strings.Trim(code, `"`))
		e.Code = max(count(&n), 0)
	}
	if message, ok := w.Extra["message"]; ok && w.Message == nil { // not a text
		e.Message = textOf(jsontext.Value(message))
	}
	if w.Source != nil {
		e.Pointer = deref(w.Source.Pointer)
	}
	for _, link := range w.Chain {
		if *left <= 0 {
			break
		}
		e.Chain = append(e.Chain, link.apiError(left))
	}
	return e
}

// count returns a number as a count, -1 if it is absent or cannot be one.
func count(n *wirejson.Number) int {
	if n == nil {
		return -1
	}
	count, err := strconv.Atoi(string(*n))
	if err != nil || count < 0 {
		return -1
	}
	return count
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// checkText returns a BodyError for a body that is plainly no JSON. A person then reads
// "an HTML page", and not of a syntax error at the first byte.
func checkText(body []byte) error {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return &BodyError{Reason: "is empty"}
	case trimmed[0] == '<':
		return &BodyError{Reason: "is an HTML page, not JSON"}
	case !utf8.Valid(body):
		return &BodyError{Reason: "is not valid UTF-8"}
	}
	return nil
}

// bodyError completes an error of decodeEnvelope. An error of the syntax becomes a
// BodyError, and every BodyError gets the type and the size of the body.
func bodyError(err error, header http.Header, size int) error {
	var wrong *DecodeError
	if err == nil || errors.As(err, &wrong) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var body *BodyError
	if !errors.As(err, &body) {
		body = &BodyError{
			Reason: syntaxReason(err),
			Limit:  errors.Is(err, wirejson.ErrTooMany) || errors.Is(err, errMaxDepth()),
			// A list may do with fewer objects on a page.
			tooLarge: errors.Is(err, wirejson.ErrTooMany),
		}
	}
	body.ContentType, _, _ = mime.ParseMediaType(header.Get("Content-Type"))
	body.Size = size
	return body
}

// maxDepth is how deep jsontext lets JSON nest.
const maxDepth = 10_000

// errMaxDepth is jsontext's error for JSON that nests deeper. It has no exported name.
var errMaxDepth = sync.OnceValue(func() error {
	return errors.Unwrap(jsontext.NewDecoder(strings.NewReader(strings.Repeat("[", maxDepth+1))).SkipValue())
})

func syntaxReason(err error) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, wirejson.ErrTooMany):
		return wirejson.ErrTooMany.Error()
	case isTruncated(err):
		return "ends in the middle of its JSON"
	case errors.Is(err, errMaxDepth()):
		return "nests its JSON deeper than " + strconv.Itoa(maxDepth) + " levels"
	case errors.As(err, &syntax):
		return "is not valid JSON (byte " + strconv.FormatInt(syntax.ByteOffset, 10) + ")"
	}
	return "is not valid JSON"
}

func isTruncated(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}
