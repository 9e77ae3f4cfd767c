package cloudflare

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// judged decodes body as an attempt's answer and returns what came of it.
func judged(body string, status int, result any) (envelope, error) {
	env, err := decodeAnswer(context.Background(), []byte(body), status, result)
	return env, withBody(err, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, len(body))
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	wrongBody := func(reason string) error { return &BodyError{Reason: reason} }
	beyondLimit := func(reason string) error { return &BodyError{Reason: reason, Limit: true} }
	said := []APIError{{Code: 7002, Message: "Not Found"}}
	for name, tt := range map[string]struct {
		body   string
		status int
		errors []APIError
		err    error // Size and ContentType of a BodyError are filled in
	}{
		"success": {`{"success":true,"errors":[],"messages":[],"result":{"id":"a","servers":[]}}`, 200, nil, nil},
		"success with unknown keys, white space and a message": {
			" {\n\"result\" : {\"id\":\"a\",\"servers\":null} , \"x\" : [ 1 ] , \"messages\" : [ { } ] , \"success\" : true } \r\n", 200, nil, nil,
		},
		"errors null":                          {`{"success":true,"errors":null,"result":{"id":"a","servers":[]}}`, 200, nil, nil},
		"errors absent":                        {`{"success":true,"result":{"id":"a","servers":[]}}`, 200, nil, nil},
		"escaped keys":                         {`{"\u0073uccess":true,"resul\u0074":{"id":"a","servers":[]}}`, 200, nil, nil},
		"200 with success false":               {`{"success":false,"errors":[{"code":7002,"message":"Not Found"}],"result":null}`, 200, said, errUnsuccessful},
		"200, false, no errors":                {`{"success":false}`, 200, nil, errUnsuccessful},
		"403":                                  {`{"success":false,"errors":[{"code":7002,"message":"Not Found"}]}`, 403, said, errUnsuccessful},
		"403 that says success":                {`{"success":true,"errors":[],"result":{"id":"a","servers":[]}}`, 403, nil, errUnsuccessful},
		"500 without success":                  {`{"errors":[{"code":7002,"message":"Not Found"}]}`, 500, said, wrongBody(`is JSON, but without the "success" of Cloudflare's API`)},
		"success missing":                      {`{"result":{"id":"a","servers":[]}}`, 200, nil, wrongBody(`is JSON, but without the "success" of Cloudflare's API`)},
		"success null":                         {`{"success":null,"result":{"id":"a","servers":[]}}`, 200, nil, wrongBody(`is JSON, but without the "success" of Cloudflare's API`)},
		"success in quotes":                    {`{"success":"true","result":{"id":"a","servers":[]}}`, 200, nil, wrongBody(`has a "success" that is neither true nor false`)},
		"success in capitals":                  {`{"Success":true,"result":{"id":"a","servers":[]}}`, 200, nil, wrongBody(`is JSON, but without the "success" of Cloudflare's API`)},
		"result missing":                       {`{"success":true,"errors":[]}`, 200, nil, wrongBody(`says "success" but has no "result"`)},
		"result null":                          {`{"success":true,"result":null}`, 200, nil, wrongBody(`says "success" but has no "result"`)},
		"a portal without servers":             {`{"success":true,"result":{"id":"a"}}`, 200, nil, new(wrong("servers", "a list", "nothing"))},
		"a portal without a name":              {`{"success":true,"result":{"id":"","name":"","hostname":"","servers":[]}}`, 200, nil, new(wrong("result", "an object with an id, a name and a hostname", "one without any of them"))},
		"result of the wrong kind":             {`{"success":true,"result":"x"}`, 200, nil, new(wrong("result", "an object", "a string"))},
		"success twice":                        {`{"success":false,"result":{"id":"a","servers":[]},"success":true}`, 200, nil, wrongBody("says two things: a key of its envelope stands twice")},
		"success twice, one escaped":           {`{"success":true,"result":{"id":"a","servers":[]},"succes\u0073":0}`, 200, nil, wrongBody("says two things: a key of its envelope stands twice")},
		"errors twice":                         {`{"success":true,"errors":[{"code":7002,"message":"Not Found"}],"errors":[],"result":{"id":"a","servers":[]}}`, 200, said, wrongBody("says two things: a key of its envelope stands twice")},
		"success a number":                     {`{"success":1,"result":{"id":"a","servers":[]}}`, 200, nil, wrongBody(`has a "success" that is neither true nor false`)},
		"success, and errors that are no list": {`{"success":true,"errors":{"code":7002,"message":"Not Found"},"result":{"id":"a","servers":[]}}`, 200, said, errUnsuccessful},
		"success, and an error that is a text": {`{"success":true,"errors":"Not Found","result":{"id":"a","servers":[]}}`, 200, []APIError{{Message: "Not Found"}}, errUnsuccessful},
		"result twice":                         {`{"success":true,"result":{"id":"a","name":"n"},"result":{"id":"b"}}`, 200, nil, wrongBody("says two things: a key of its envelope stands twice")},
		"result_info twice":                    {`{"success":true,"result_info":{"total_count":1},"result":{"id":"a","servers":[]},"result_info":{"total_count":2}}`, 200, nil, wrongBody("says two things: a key of its envelope stands twice")},
		"messages twice":                       {`{"success":true,"messages":[],"result":{"id":"a","servers":[]},"messages":[]}`, 200, nil, nil},
		"an object, not an envelope":           {`{}`, 200, nil, wrongBody(`is JSON, but without the "success" of Cloudflare's API`)},
		"a list":                               {`[]`, 200, nil, wrongBody("is JSON, but not in the form of Cloudflare's API")},
		"a text":                               {`"no"`, 200, nil, wrongBody("is JSON, but not in the form of Cloudflare's API")},
		"null":                                 {`null`, 200, nil, wrongBody("is JSON, but not in the form of Cloudflare's API")},
		"trailing JSON":                        {`{"success":true,"result":{"id":"a","servers":[]}}{}`, 200, nil, wrongBody("goes on after the end of its JSON")},
		"trailing garbage":                     {`{"success":true,"result":{"id":"a","servers":[]}} x`, 200, nil, wrongBody("goes on after the end of its JSON")},
		"trailing NUL":                         {"{\"success\":true,\"result\":{}}\x00", 200, nil, wrongBody("goes on after the end of its JSON")},
		"HTML":                                 {"<!DOCTYPE html><html><body>x</body></html>", 200, nil, wrongBody("is an HTML page, not JSON")},
		"HTML after blank lines":               {"\r\n\n <html>", 502, nil, wrongBody("is an HTML page, not JSON")},
		"empty":                                {"", 200, nil, wrongBody("is empty")},
		"white space":                          {" \r\n\t", 503, nil, wrongBody("is empty")},
		"plain text":                           {"error code: 1015", 429, nil, wrongBody("is not valid JSON (byte 0)")},
		"byte order mark":                      {"\ufeff{\"success\":true,\"result\":{}}", 200, nil, wrongBody("is not valid JSON (byte 0)")},
		"invalid UTF-8":                        {"{\"success\":true,\"result\":{\"name\":\"\xff\"}}", 200, nil, wrongBody("is not valid UTF-8")},
		"UTF-16":                               {"\xff\xfe{\x00}\x00", 200, nil, wrongBody("is not valid UTF-8")},
		"truncated in a key":                   {`{"succ`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated after a key":                {`{"success"`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated in the result":              {`{"success":true,"result":{"servers":[{"id":"a"},`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated in a list":                  {`{"success":true,"result":{"servers":[`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated in a literal":               {`{"success":tru`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated at the last brace":          {`{"success":true,"result":{"id":"a","servers":[]}`, 200, nil, wrongBody("ends in the middle of its JSON")},
		"truncated in the errors":              {`{"success":false,"errors":[{"code":7002,"message":"Not F`, 403, nil, wrongBody("ends in the middle of its JSON")},
		"truncated after the errors":           {`{"errors":[{"code":7002,"message":"Not Found"}],"succ`, 403, said, wrongBody("ends in the middle of its JSON")},
		"single quotes":                        {`{'success':true}`, 200, nil, wrongBody("is not valid JSON (byte 1)")},
		"a trailing comma":                     {`{"success":true,}`, 200, nil, wrongBody("is not valid JSON (byte 15)")},
		"a comma in a result's list":           {`{"success":true,"result":{"servers":[{},]}}`, 200, nil, wrongBody("is not valid JSON (byte 39)")},
		"NaN":                                  {`{"success":true,"result":{"x":NaN}}`, 200, nil, wrongBody("is not valid JSON (byte 30)")},
		"a bare control character":             {"{\"success\":true,\"result\":{\"x\":\"a\nb\"}}", 200, nil, wrongBody("is not valid JSON (byte 32)")},
		"API errors before a result of the wrong shape": {
			`{"success":false,"errors":[{"code":7002,"message":"Not Found"}],"result":[]}`, 200, said, errUnsuccessful,
		},
		"API errors after a result of the wrong shape": {
			`{"result":[],"errors":[{"code":7002,"message":"Not Found"}],"success":false}`, 200, said, errUnsuccessful,
		},
		"API errors after a result with a wrong field": {
			`{"result":{"servers":[{"tools":1}],"id":2},"success":false,"errors":[{"code":7002,"message":"Not Found"}]}`, 200, said, errUnsuccessful,
		},
		"success, and errors all the same": {
			`{"result":{"id":"a","servers":[]},"success":true,"errors":[{"code":7002,"message":"Not Found"}]}`, 200, said, errUnsuccessful,
		},
		"a wrong field, and errors": {
			`{"result":{"id":2},"success":true,"errors":[{"code":7002,"message":"Not Found"}]}`, 200, said, errUnsuccessful,
		},
		"a wrong field, then garbage":    {`{"success":true,"result":{"id":2},!}`, 200, nil, wrongBody("is not valid JSON (byte 34)")},
		"a wrong field of an error":      {`{"success":false,"result":{"id":2}}`, 404, nil, errUnsuccessful},
		"200,000 brackets":               {`{"success":true,"result":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`, 200, nil, beyondLimit("nests its JSON deeper than 10000 levels")},
		"200,000 brackets and no more":   {strings.Repeat("[", 200_000), 200, nil, beyondLimit("nests its JSON deeper than 10000 levels")},
		"200,000 brackets in the errors": {`{"success":false,"errors":` + strings.Repeat("[", 200_000) + `}`, 403, nil, beyondLimit("nests its JSON deeper than 10000 levels")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var portal Portal
			env, err := judged(tt.body, tt.status, &portal)
			if body, ok := errors.AsType[*BodyError](tt.err); ok {
				body.Size, body.ContentType = len(tt.body), "application/json"
			}
			if !reflect.DeepEqual(err, tt.err) {
				t.Errorf("got error %#v, want %#v", err, tt.err)
			}
			if diff := cmp.Diff(tt.errors, env.errors); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnvelopeErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		errors string
		want   []APIError
	}{
		"whole": {
			`[{"code":6003,"message":"Invalid request headers","documentation_url":"https://d.example","source":{"pointer":"/a/0"},
			   "error_chain":[{"code":6111,"message":"Invalid format","error_chain":[{"code":1,"message":"deeper"}]}],"x":1}]`,
			[]APIError{{
				Code: 6003, Message: "Invalid request headers", DocumentationURL: "https://d.example", Pointer: "/a/0",
				Chain: []APIError{{Code: 6111, Message: "Invalid format", Chain: []APIError{{Code: 1, Message: "deeper"}}}},
			}},
		},
		"in order":                   {`[{"code":2,"message":"b"},{"code":1,"message":"a"}]`, []APIError{{Code: 2, Message: "b"}, {Code: 1, Message: "a"}}},
		"empty object":               {`[{}]`, []APIError{{}}},
		"all null":                   {`[{"code":null,"message":null,"source":null,"error_chain":null}]`, []APIError{{}}},
		"code in quotes":             {`[{"code":"10000","message":"a"}]`, []APIError{{Code: 10000, Message: "a"}}},
		"code not a number":          {`[{"code":"none","message":"a"}]`, []APIError{{Message: "a"}}},
		"code negative":              {`[{"code":-1,"message":"a"},{"code":"-1","message":"b"}]`, []APIError{{Message: "a"}, {Message: "b"}}},
		"code a fraction":            {`[{"code":1.5,"message":"a"}]`, []APIError{{Message: "a"}}},
		"code beyond an int":         {`[{"code":99999999999999999999,"message":"a"},{"code":"99999999999999999999","message":"b"}]`, []APIError{{Message: "a"}, {Message: "b"}}},
		"code an object":             {`[{"code":{},"message":"a"}]`, []APIError{{Message: "a"}}},
		"texts":                      {`["first","se\u0063ond"]`, []APIError{{Message: "first"}, {Message: "second"}}},
		"half a surrogate":           {`["cut \ud83d",{"code":1,"message":"cut \ud83d"}]`, []APIError{{Message: "cut \uFFFD"}, {Code: 1, Message: "cut \uFFFD"}}},
		"other kinds":                {`[null,7,true,[1, 2]]`, []APIError{{Message: "null"}, {Message: "7"}, {Message: "true"}, {Message: "[1, 2]"}}},
		"a mix":                      {`[{"code":1,"message":"a"},"b",{"code":3,"message":"c"}]`, []APIError{{Code: 1, Message: "a"}, {Message: "b"}, {Code: 3, Message: "c"}}},
		"a key twice":                {`[{"code":1,"code":2},{"code":3,"message":"c"}]`, []APIError{{Message: `{"code":1,"code":2}`}, {Code: 3, Message: "c"}}},
		"message not a text":         {`[{"code":1,"message":{"en": "a"}}]`, []APIError{{Code: 1, Message: `{"en":"a"}`}}},
		"escapes in what is no text": {`[{"code":1,"message":["SECRET\u0074ok \ud83d\ude80 \/ \\u0041"]},["SECRET\u0074ok"]]`, []APIError{{Code: 1, Message: `["SECRETtok 🚀 / \\u0041"]`}, {Message: `["SECRETtok"]`}}},
		"chain not a list":           {`[{"code":1,"message":"a","error_chain":"b"}]`, []APIError{{Code: 1, Message: "a"}}},
		"chain of texts":             {`[{"code":1,"message":"a","error_chain":["b"]}]`, []APIError{{Code: 1, Message: "a"}}},
		"source not an object":       {`[{"code":1,"source":"/a"}]`, []APIError{{Code: 1}}},
		"pointer not a text":         {`[{"code":1,"source":{"pointer":1}}]`, []APIError{{Code: 1}}},
		"not a list: an object":      {`{"code":1,"message":"a"}`, []APIError{{Code: 1, Message: "a"}}},
		"not a list: a text":         {`"a"`, []APIError{{Message: "a"}}},
		"not a list: a number":       {`0`, []APIError{{Message: "0"}}},
		"not a list: an empty one":   {`[]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, err := judged(`{"success":false,"errors":`+tt.errors+`}`, http.StatusForbidden, new(Portal))
			if !errors.Is(err, errUnsuccessful) {
				t.Errorf("got error %v, want %v", err, errUnsuccessful)
			}
			if diff := cmp.Diff(tt.want, env.errors); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResultInfo(t *testing.T) {
	t.Parallel()
	for info, want := range map[string]resultInfo{
		`{"count":1,"page":2,"per_page":20,"total_count":57,"total_pages":3}`: {totalCount: 57, totalPages: 3},
		`{"total_count":57}`:                                   {totalCount: 57, totalPages: -1},
		`{"total_count":0,"total_pages":null}`:                 {totalCount: 0, totalPages: -1},
		`{"total_count":"57","total_pages":-1,"per_page":1e1}`: {totalCount: -1, totalPages: -1},
		`{}`:   {totalCount: -1, totalPages: -1},
		`null`: {totalCount: -1, totalPages: -1},
		`[57]`: {totalCount: -1, totalPages: -1},
	} {
		env, err := judged(`{"success":true,"result":[],"result_info":`+info+`}`, http.StatusOK, new([]Portal))
		if err != nil || env.info != want {
			t.Errorf("%s: got %v, %v, want %v", info, env.info, err, want)
		}
	}
}

// An API that is hostile can write as many errors as fit into an answer. They
// are told to a person, so a few are enough.
//
//nolint:paralleltest // it measures the memory of the process
func TestTooManyErrors(t *testing.T) {
	if RaceDetector {
		t.Skip("measures memory")
	}
	repeat := func(text string, size int) string {
		return `{"success":false,"errors":[` + strings.Repeat(text, size/len(text)) + `{}]}`
	}
	chain := func(depth int) string {
		return `{"success":false,"errors":[` + strings.Repeat(`{"code":1,"error_chain":[`, depth) + strings.Repeat(`]}`, depth) + `]}`
	}
	for name, body := range map[string]string{
		"objects": repeat(`{},`, MaxBodySize/2),
		"numbers": repeat(`1,`, MaxBodySize/2),
		"chains":  repeat(`{"error_chain":[{},{},{},{},{},{},{},{}]},`, MaxBodySize/4),
		"deep":    chain(4_000),
		"deep and long": `{"success":false,"errors":[` + strings.Repeat(`{"code":1,"message":"`+strings.Repeat("x", 1<<14)+`","error_chain":[`, 1_000) +
			strings.Repeat(`]}`, 1_000) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var text string
			allocated, err := allocates(func() error {
				env, err := judged(body, http.StatusOK, new(Portal))
				text = (&Error{Errors: newSanitizer(Credentials{Token: "x"}).errors(env.errors)}).Error()
				return err
			})
			if !errors.Is(err, errUnsuccessful) {
				t.Errorf("got error %v, want %v", err, errUnsuccessful)
			}
			if allocated > 2*MaxBodySize {
				t.Errorf("%d MiB were allocated", allocated>>20)
			}
			if len(text) > 16<<10 {
				t.Errorf("the error's text has %d bytes", len(text))
			}
		})
	}
}
