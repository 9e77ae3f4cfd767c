package portalapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// An edit must leave every byte alone that it isn't about: the order of keys,
// number literals, escapes and white space are what readers are tested on. So
// nothing here is decoded and encoded again; values are found and cut in place.

// A value that can't be edited is a panic, to which the handle adds its name.

// edit returns the bytes of a JSON value after a change; nil stands for a value
// that is not there. It does not write to those it is given.
type edit func(raw json.RawMessage) json.RawMessage

// element is a value in an object or an array: raw[start:end].
type element struct {
	key        string // "" in an array
	start, end int
}

// elements finds the values of the object or array that raw is. first is the
// place right behind the opening bracket.
func elements(raw json.RawMessage, bracket json.Delim) (list []element, first int) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	open, err := dec.Token()
	if open != bracket {
		panic(fmt.Sprintf("%.20q is no JSON value that begins with %v", raw, bracket))
	}
	first = int(dec.InputOffset())
	for err == nil && dec.More() {
		var e element
		if bracket == '{' {
			var key json.Token
			key, err = dec.Token()
			e.key, _ = key.(string)
		}
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		e.end = int(dec.InputOffset())
		e.start = e.end - len(value)
		list = append(list, e)
	}
	if err != nil {
		panic(err)
	}
	return list, first
}

// lastNamed returns the index of the member, -1 for none. Where a key stands
// twice, the last counts, as it does for most readers.
func lastNamed(list []element, key string) int {
	for i, e := range slices.Backward(list) {
		if e.key == key {
			return i
		}
	}
	return -1
}

func replace(raw json.RawMessage, start, end int, with ...[]byte) json.RawMessage {
	return slices.Concat(raw[:start], slices.Concat(with...), raw[end:])
}

// member returns the value of an object's key; nil when it is absent or null,
// or when raw is no object.
func member(raw json.RawMessage, key string) json.RawMessage {
	if !json.Valid(raw) || !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return nil
	}
	list, _ := elements(raw, '{')
	at := lastNamed(list, key)
	if at < 0 || string(raw[list[at].start:list[at].end]) == "null" {
		return nil
	}
	return raw[list[at].start:list[at].end]
}

// text returns the string that an object's key has, "" when it has none.
func text(raw json.RawMessage, key string) string {
	var s string
	_ = json.Unmarshal(member(raw, key), &s)
	return s
}

// setMember puts value at the object's key; a new key goes to the end.
func setMember(raw json.RawMessage, key string, value json.RawMessage) json.RawMessage {
	if !json.Valid(value) {
		panic(fmt.Sprintf("value of %q is not JSON: %.40q", key, value))
	}
	list, first := elements(raw, '{')
	if at := lastNamed(list, key); at >= 0 {
		return replace(raw, list[at].start, list[at].end, value)
	}
	return insert(raw, list, first, len(list), slices.Concat(quote(key), []byte(":"), value))
}

// editMember replaces the list at the object's key by what change makes of it.
// change gets an empty one where the key is absent or null.
func editMember(raw json.RawMessage, key string, change edit) json.RawMessage {
	list := member(raw, key)
	if list == nil {
		list = json.RawMessage("[]")
	}
	return setMember(raw, key, change(list))
}

// editItem changes the first element of an array that is wanted. A new one goes
// before the first that comes after it, or to the end.
func editItem(array json.RawMessage, wanted, after func(json.RawMessage) bool, change edit) json.RawMessage {
	all, first := elements(array, '[')
	at := find(array, all, wanted)
	if at < 0 {
		added := change(nil)
		if at = find(array, all, after); at < 0 {
			at = len(all)
		}
		return insert(array, all, first, at, added)
	}
	changed := change(array[all[at].start:all[at].end])
	if changed == nil {
		return cut(array, all, first, at)
	}
	return replace(array, all[at].start, all[at].end, changed)
}

// find returns the index of the first element that is wanted, -1 for none.
func find(array json.RawMessage, of []element, wanted func(json.RawMessage) bool) int {
	return slices.IndexFunc(of, func(e element) bool { return wanted(array[e.start:e.end]) })
}

// removeMember takes the key away; an absent one is left absent.
func removeMember(raw json.RawMessage, key string) json.RawMessage {
	list, first := elements(raw, '{')
	at := lastNamed(list, key)
	if at < 0 {
		return raw
	}
	return cut(raw, list, first, at)
}

// insert puts what is to be the element at index at, key included, into raw. In
// an object at is the number of its members: only the end is free of keys.
func insert(raw json.RawMessage, list []element, first, at int, what []byte) json.RawMessage {
	switch {
	case len(list) == 0:
		return replace(raw, first, first, what)
	case at == len(list):
		end := list[at-1].end
		return replace(raw, end, end, []byte(","), what)
	default:
		start := list[at].start
		return replace(raw, start, start, what, []byte(","))
	}
}

// cut takes the element at index at away, with the comma that parted it.
func cut(raw json.RawMessage, list []element, first, at int) json.RawMessage {
	switch {
	case at > 0:
		return replace(raw, list[at-1].end, list[at].end)
	case len(list) > 1:
		comma := list[0].end + bytes.IndexByte(raw[list[0].end:], ',')
		return replace(raw, first, comma+1)
	default:
		return replace(raw, first, list[0].end)
	}
}
