// Package wirejson reads JSON into structs without losing any of it.
//
// A wire type is a struct whose fields have the tags of encoding/json and the
// types *string, *bool, *[Number], *[Object], *[Value], []string, [][Value], a
// pointer to a wire type, or a slice of one; wire types may be embedded. Its field of type
// [Extra] takes whatever the other fields don't: fields that it doesn't know,
// and values that they cannot hold as they are. Names match to the letter, and
// null is the same as absent.
//
// The tag `wirejson` has what encoding/json has no word for:
//
//   - "open", on Extra: a known field with a value of an unexpected type is no
//     error but stands in Extra;
//   - "sparse", on a list of wire types: what is no object in it is left out, and
//     the list as it was received stands in Extra;
//   - "absent=NAME", on a bool: it is true if the field NAME was absent, rather
//     than null.
//
// Terraform cannot hold every text. It normalises text, keys of maps as well, to
// Unicode's form NFC, and has no place for half of a surrogate pair. Two keys of one
// object could become one, and chance would choose which of their values stays; a
// tool whose name was cut in the middle of an emoji would have no name, and no guard
// would see it. So such a text stands in its field as near as can be, with U+FFFD for
// the half of a pair, and in Extra as it was received, in JSON's escapes, which
// nothing changes.
//
// The package knows nothing of Cloudflare, and nothing of Terraform but these limits.
//
// # Why not encoding/json
//
// The tokens come from jsontext (github.com/go-json-experiment/json, which mirrors
// encoding/json/v2 for versions of Go that don't have it). encoding/json itself
// matches names without regard to case, takes the last of two equal keys, drops what
// it doesn't know, and says of a wrong type only roughly where it was. Its version 2
// does better, but some things it cannot do, or only with an unmarshaller for each
// type, which is more code than this package:
//
//   - go on after a known field of a wrong type in an open object, and keep its
//     value: it ends with an error;
//   - refuse equal keys in an object that is read field by field, and allow them in
//     a schema, which is kept as text: its option is for both;
//   - keep half of a surrogate pair: it refuses the text, or replaces the half
//     without a word;
//   - tell what was absent from what was null;
//   - stop where an answer is made of more than any genuine one, or when the time for
//     reading is over.
package wirejson

import (
	"fmt"
	"math/big"
	"strings"
)

// Extra is what stood in an object beyond what its wire type holds: from the
// field's name to its value as JSON text, compact, with keys in the order and
// numbers in the form received. Nil if there is nothing.
//
// A name that Terraform would change, or that holds a backslash, is spelled as
// JSON spells it between quotes: no two names become one.
type Extra map[string]string

// Object is the text of a JSON object, compact, with keys in the order and
// numbers in the form received.
type Object string

// Value is the text of a JSON value of any kind, compact, with keys in the order
// and numbers in the form received: for what is kept whole because its shape is
// nobody's promise. A field of type *Value is nil for null, as every field is;
// an element of a []Value may be null.
type Value string

// Number is a JSON number as received: at most maxNumberLength characters, and
// without an exponent.
type Number string

// maxNumberLength is how long a number may be that is held: the digits of 2^64 and
// a sign fit in, and no status, code or count is longer. A longer number, or one with
// an exponent, goes to Extra, because numbers are written out for Terraform, and the
// six bytes of 1e3000 would become three thousand.
const maxNumberLength = 21

// numberPrecision is the number of bits with which Terraform holds numbers.
const numberPrecision = 512

// holds reports whether n is short.
func (n Number) holds() bool {
	return len(n) <= maxNumberLength && !strings.ContainsAny(string(n), "eE")
}

// Float returns the number with the precision that Terraform has: 512 bits.
func (n Number) Float() *big.Float {
	f, _, err := big.ParseFloat(string(n), 10, numberPrecision, big.ToNearestEven)
	if err != nil {
		panic("wirejson: a Number that is not a number: " + string(n))
	}
	return f
}

// DecodeError says which value is not what its wire type promises.
type DecodeError struct {
	// Path leads to the value, such as servers[3].default_disabled; empty for the
	// value that was to be read itself.
	Path string
	// Expected and Found name the types, such as "a boolean" and "a string".
	Expected, Found string
}

// Error returns path, expected type and found type.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s", e.Path, e.Expected, e.Found)
}

// Within puts a step, such as the name of a field, before the path of a
// DecodeError; other errors pass.
func Within(step string, err error) error {
	wrong, ok := asDecodeError(err)
	if !ok {
		return err
	}
	if wrong.Path != "" && wrong.Path[0] != '[' {
		step += "."
	}
	wrong.Path = step + wrong.Path
	return wrong
}
