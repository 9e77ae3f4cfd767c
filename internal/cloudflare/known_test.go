package cloudflare

import "testing"

// An empty list says that there is nothing only if the server has synchronised.
func TestToolsKnown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ tools, prompts bool }{
		`{}`:                                           {false, false},
		`{"tools":null,"prompts":[]}`:                  {false, false},
		`{"tools":[],"prompts":[]}`:                    {false, false}, // nothing says that it has synchronised
		`{"tools":[{}]}`:                               {true, false},
		`{"prompts":[{}]}`:                             {false, true},
		`{"tools":[{}],"prompts":[]}`:                  {true, true},
		`{"tools":[],"prompts":[{}]}`:                  {true, true},
		`{"tools":[{}],"prompts":null}`:                {true, false},
		`{"status":"ready"}`:                           {false, false},
		`{"status":"ready","tools":[]}`:                {true, false},
		`{"status":"active","prompts":[]}`:             {false, true},
		`{"status":"error","tools":[]}`:                {false, false}, // recorded so
		`{"status":"stale","prompts":[]}`:              {false, false},
		`{"status":"waiting","tools":[]}`:              {false, false},
		`{"status":"paused","tools":[]}`:               {false, false}, // no known status
		`{"status":"READY","tools":[]}`:                {false, false},
		`{"status":"error","tools":[{}]}`:              {true, false},
		`{"status":"error","tools":[],"prompts":[{}]}`: {true, true},
		`{"status":"error","tools":[],"last_successful_sync":"2026-03-11T16:06:01Z"}`: {false, false},
		`{"status":null,"tools":[],"last_successful_sync":"2026-03-11T16:06:01Z"}`:    {true, false},
		`{"status":"","tools":[],"last_successful_sync":"2026-03-11T16:06:01Z"}`:      {true, false},
		`{"status":"","tools":[],"last_successful_sync":""}`:                          {false, false},
	} {
		s := decodeAs[Server](t, text)
		if tools, prompts := s.ToolsKnown(), s.PromptsKnown(); tools != want.tools || prompts != want.prompts {
			t.Errorf("%s: tools known %t, prompts known %t", text, tools, prompts)
		}
	}
}
