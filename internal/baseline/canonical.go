package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mcp-portals/terraform-provider-mcp/internal/wirejson"
)

// schema is the SHA-256 of the content of a JSON Schema, in hexadecimal digits.
type schema string

// newSchema returns what is kept of a JSON Schema: its hash, and the names of its
// properties, sorted.
func (c *canonicaliser) newSchema(text *wirejson.Object) (schema, []string) {
	if text == nil {
		return "", nil
	}
	content := c.canonical(string(*text))
	sum := sha256.Sum256(content)
	return schema(hex.EncodeToString(sum[:])), properties(content)
}

// canonicaliser makes two JSON texts of the same content the same: without white
// space, with the keys of objects sorted, each text in its one spelling, and
// numbers as they were. A key that stands twice stays so, in the same order.
//
// jsontext can do it, too (ReorderRawObjects). This takes a third of the time,
// which on a large portal was most of what its baseline took, because it keeps
// its memory from one text to the next.
type canonicaliser struct {
	out, unsorted []byte
	members       [][2]int // of the objects that are open: where each begins and ends in out
}

// canonical returns the text, which is JSON without white space, in its one form.
// It is overwritten by the next call.
func (c *canonicaliser) canonical(text string) []byte {
	c.out = c.out[:0]
	c.value(text)
	return c.out
}

// value appends the value with which text begins, and returns what stands after it.
func (c *canonicaliser) value(text string) string {
	switch text[0] {
	case '{':
		return c.object(text[1:])
	case '[':
		c.out, text = append(c.out, '['), text[1:]
		for text[0] != ']' {
			if text = c.value(text); text[0] == ',' {
				c.out, text = append(c.out, ','), text[1:]
			}
		}
		c.out = append(c.out, ']')
		return text[1:]
	case '"':
		return c.string(text)
	}
	end := strings.IndexAny(text, ",]}")
	if end < 0 {
		end = len(text)
	}
	c.out = append(c.out, text[:end]...)
	return text[end:]
}

// object appends the object of which text is what follows on its brace.
func (c *canonicaliser) object(text string) string {
	c.out = append(c.out, '{')
	start, outer := len(c.out), len(c.members)
	sorted := true
	for text[0] != '}' {
		if len(c.out) > start {
			c.out, text = append(c.out, ','), text[1:]
		}
		begin := len(c.out)
		text = c.string(text)
		if n := len(c.members); n > outer && bytes.Compare(key(c.out[c.members[n-1][0]:]), c.out[begin:]) > 0 {
			sorted = false
		}
		c.out = append(c.out, ':')
		text = c.value(text[1:])
		c.members = append(c.members, [2]int{begin, len(c.out)})
	}
	if !sorted {
		c.sort(start, c.members[outer:])
	}
	c.members = c.members[:outer]
	c.out = append(c.out, '}')
	return text[1:]
}

// sort puts the members that stand from start on in the order of their keys.
func (c *canonicaliser) sort(start int, members [][2]int) {
	c.unsorted = append(c.unsorted[:0], c.out[start:]...)
	slices.SortStableFunc(members, func(a, b [2]int) int {
		return bytes.Compare(key(c.unsorted[a[0]-start:]), key(c.unsorted[b[0]-start:]))
	})
	c.out = c.out[:start]
	for i, m := range members {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, c.unsorted[m[0]-start:m[1]-start]...)
	}
}

// key returns the string with which an object's member begins.
func key(member []byte) []byte { return member[:endOfString(member, 0)] }

// string appends the JSON string with which text begins, in its one spelling. Half
// of a surrogate pair becomes U+FFFD, as it does for whoever reads it.
func (c *canonicaliser) string(text string) string {
	end := endOfString(text, 0)
	if raw := text[:end]; strings.IndexByte(raw, '\\') < 0 {
		c.out = append(c.out, raw...)
	} else {
		unquoted, _ := jsontext.AppendUnquote(nil, raw)
		c.out, _ = jsontext.AppendQuote(c.out, unquoted)
	}
	return text[end:]
}

// endOfString returns where the JSON string ends that begins at start.
func endOfString[T string | []byte](text T, start int) int {
	for i := start + 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// endOfValue returns where the JSON value without white space ends that begins at
// start.
func endOfValue(text []byte, start int) int {
	depth := 0
	for i := start; ; i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',', ':':
			continue
		}
		if next := text[i+1]; depth == 0 && (next == ',' || isClosing(next)) {
			return i + 1
		}
	}
}

// properties returns the names of a schema's properties, sorted.
func properties(schema []byte) []string {
	var names []string
	for keyword, value := range members(schema) {
		if string(keyword) != `"properties"` || value[0] != '{' {
			continue
		}
		for quoted := range members(value) {
			name, _ := jsontext.AppendUnquote(nil, quoted) // canonical has made it valid
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// members returns the keys and values of an object without white space.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for i := 1; object[i] != '}'; {
			if object[i] == ',' {
				i++
			}
			end := endOfString(object, i)
			after := endOfValue(object, end+1)
			if !yield(object[i:end], object[end+1:after]) {
				return
			}
			i = after
		}
	}
}
