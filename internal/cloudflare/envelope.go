package cloudflare

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
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

// resultInfo is what a list needs to know of a page: the size of its body, and
// what the envelope's "result_info" says, -1 for what it leaves out.
type resultInfo struct{ size, totalCount, totalPages int }

// The wire types of the envelope are open: an answer that is already an error
// must not fail for an odd shape.
type (
	wireError struct {
		Code             *Number     `json:"code"`
		Message          *string     `json:"message"`
		DocumentationURL *string     `json:"documentation_url"`
		Source           *wireSource `json:"source"`
		Chain            []wireError `json:"error_chain"`
		Extra            Extra       `json:",open"`
	}
	wireSource struct {
		Pointer *string `json:"pointer"`
		Extra   Extra   `json:",open"`
	}
	wireInfo struct {
		TotalCount *Number `json:"total_count"`
		TotalPages *Number `json:"total_pages"`
		Extra      Extra   `json:",open"`
	}
)

func newDecoder(body []byte) *decoder {
	return &decoder{Decoder: jsontext.NewDecoder(bytes.NewBuffer(body),
		// Schemas of tools may hold a key twice; they are kept as text. An object
		// that is read field by field refuses it, see [decoder.object].
		jsontext.AllowDuplicateNames(true),
		// checkText has refused bytes that are not UTF-8. What is left are halves
		// of surrogate pairs, and one emoji that was cut in two must not keep a
		// portal from being read.
		jsontext.AllowInvalidUTF8(true),
	)}
}

// decodeEnvelope reads a body. If result is not nil, it points to a wire type or
// to a slice of one that "result" is read into. The errors are a *BodyError, a
// *DecodeError for what is in "result", or an error of [jsontext].
func decodeEnvelope(body []byte, result any) (envelope, error) {
	env, err := readEnvelope(body, result)
	var wrong *DecodeError
	if result == nil || !errors.As(err, &wrong) {
		return env, err
	}
	// What the API says about itself comes before the shape of its result.
	said, bodyErr := readEnvelope(body, nil)
	if bodyErr != nil || !said.success || len(said.errors) > 0 {
		return said, bodyErr
	}
	return said, wrong
}

func readEnvelope(body []byte, result any) (envelope, error) {
	env := envelope{info: resultInfo{totalCount: -1, totalPages: -1}}
	d := newDecoder(body)
	if d.PeekKind() != '{' {
		if err := d.SkipValue(); err != nil {
			return env, err
		}
		return env, &BodyError{Reason: "is JSON, but not in the form of Cloudflare's API"}
	}
	if _, err := d.ReadToken(); err != nil {
		return env, err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err == nil {
			err = env.read(d, name.String(), result)
		}
		if err != nil {
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
func (env *envelope) read(d *decoder, name string, result any) error {
	kind := d.PeekKind()
	switch {
	case name == "success" && (kind == 't' || kind == 'f'):
		env.success, env.hasSuccess = kind == 't', true
	case name == "errors" && kind == '[':
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		env.errors = decodeErrors(raw)
		return nil
	case name == "result_info" && kind == '{':
		var info wireInfo
		if err := d.object(reflect.ValueOf(&info).Elem()); err != nil {
			return err
		}
		env.info = resultInfo{totalCount: info.TotalCount.count(), totalPages: info.TotalPages.count()}
		return nil
	case name == "result" && env.hasResult:
		return &DecodeError{Path: name, Expected: "one value", Found: "the key twice"}
	case name == "result" && kind != 'n':
		env.hasResult = true
		if result != nil {
			return d.result(result)
		}
	}
	return d.SkipValue()
}

// result reads the next value into the wire type, or the slice of one, that
// target points to. A path in a list begins with "result", one in an object
// with the object's field.
func (d *decoder) result(target any) error {
	v := reflect.ValueOf(target).Elem()
	v.SetZero() // an attempt that was cut off may have left something
	err := d.value(v)
	var wrong *DecodeError
	if errors.As(err, &wrong) && (wrong.Path == "" || v.Kind() == reflect.Slice) {
		return within("result", err)
	}
	return err
}

const (
	// maxErrors is how many of the API's errors are told, those of chains as
	// well. It was seen with one or two.
	maxErrors = 20
	// maxErrorSize is how long an error may be to be read field by field. Chains
	// within chains take the square of their length.
	maxErrorSize = 64 << 10
)

// decodeErrors reads what it can of the envelope's errors: an entry that is not
// an object takes the others' words with it no further than itself.
func decodeErrors(raw jsontext.Value) []APIError {
	var list []APIError
	d := newDecoder(raw)
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

// decodeError reads an entry of the envelope's errors. Where it has not the
// form of one, its text is the message.
func decodeError(raw jsontext.Value) wireError {
	var e wireError
	text, isText := "", false
	switch {
	case len(raw) > maxErrorSize:
		raw = raw[:maxErrorSize]
	case raw.Kind() == '"':
		text, isText = unquote(raw)
	case raw.Kind() == '{':
		if newDecoder(raw).object(reflect.ValueOf(&e).Elem()) == nil {
			return e
		}
	}
	if !isText {
		text = string(raw)
	}
	e.Message = &text
	return e
}

// apiError returns the error with as much of its chain as left allows, from
// which it takes what it returns.
func (w wireError) apiError(left *int) APIError {
	*left--
	e := APIError{
		Code:             max(w.Code.count(), 0),
		Message:          deref(w.Message),
		DocumentationURL: deref(w.DocumentationURL),
	}
	if code, ok := w.Extra["code"]; ok { // a code in quotes
		n := Number(trimQuotes(code))
		e.Code = max(n.count(), 0)
	}
	if message, ok := w.Extra["message"]; ok { // not a text, or half of a surrogate pair in it
		e.Message = message
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

func trimQuotes(s string) string {
	if len(s) > 1 && s[0] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// count returns a number as a count, -1 if it is absent or can't be one.
func (n *Number) count() int {
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

// checkText returns a BodyError for a body that can't be JSON at a glance, so
// that a person reads "an HTML page" and not a syntax error at its first byte.
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

// bodyError completes an error of decodeEnvelope: one of the syntax becomes a
// BodyError, and each BodyError says what the body was.
func bodyError(err error, header http.Header, size int) error {
	var wrong *DecodeError
	if err == nil || errors.As(err, &wrong) {
		return err
	}
	var body *BodyError
	if !errors.As(err, &body) {
		body = &BodyError{
			Reason: syntaxReason(err),
			Limit:  errors.Is(err, errTooManyValues) || errors.Is(err, errMaxDepth()),
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
	return errors.Unwrap(newDecoder(bytes.Repeat([]byte("["), maxDepth+1)).SkipValue())
})

func syntaxReason(err error) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooManyValues):
		return errTooManyValues.Error()
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
