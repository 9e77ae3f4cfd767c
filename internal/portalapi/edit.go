package portalapi

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tailscale/hujson"
)

// An edit must leave every byte alone that it isn't about: the order of keys,
// number literals, escapes and white space are what readers are tested on. So
// nothing here goes through Go values. hujson keeps a text as its pieces, white
// space included, and puts the same bytes together again.

// A value that cannot be edited is a panic, to which the handle adds its name.

// edit returns the bytes of a JSON value after a change; nil stands for a value
// that is not there. It does not write to those it is given.
type edit func(raw json.RawMessage) json.RawMessage

// editObject returns the object that raw is, after the change.
func editObject(raw json.RawMessage, change func(*hujson.Object)) json.RawMessage {
	value, err := hujson.Parse(raw)
	if err != nil {
		panic(err)
	}
	object, ok := value.Value.(*hujson.Object)
	if !ok {
		panic(fmt.Sprintf("%.20q is no JSON object", raw))
	}
	change(object)
	return value.Pack()
}

// literal returns the JSON text for the place called name.
func literal(name string, raw json.RawMessage) hujson.Literal {
	if !json.Valid(raw) {
		panic(fmt.Sprintf("value of %q is not JSON: %.40q", name, raw))
	}
	return hujson.Literal(raw)
}

// index returns where the object has the key, -1 for nowhere. Where it stands
// twice, the last counts, as it does for most readers.
func index(object *hujson.Object, key string) int {
	for i, m := range slices.Backward(object.Members) {
		if name, ok := m.Name.Value.(hujson.Literal); ok && name.String() == key {
			return i
		}
	}
	return -1
}

// member returns the value of the object's key, nil for none.
func member(object *hujson.Object, key string) hujson.ValueTrimmed {
	if at := index(object, key); at >= 0 {
		return object.Members[at].Value.Value
	}
	return nil
}

// stringAt returns the string that a value has at the key, "" where it has none.
func stringAt(value hujson.ValueTrimmed, key string) string {
	if object, ok := value.(*hujson.Object); ok {
		if s, ok := member(object, key).(hujson.Literal); ok && s.Kind() == '"' {
			return s.String()
		}
	}
	return ""
}

// set puts value at the object's key; a new key goes to the end.
func set(object *hujson.Object, key string, value hujson.ValueTrimmed) {
	at := index(object, key)
	if at < 0 {
		at = len(object.Members)
		object.Members = append(object.Members, hujson.ObjectMember{Name: hujson.Value{Value: hujson.String(key)}})
	}
	object.Members[at].Value.Value = value
}

// array returns the list at the object's key, a new one where the key is absent
// or null.
func array(object *hujson.Object, key string) *hujson.Array {
	value := member(object, key)
	if value == nil || value.Kind() == 'n' {
		value = &hujson.Array{}
		set(object, key, value)
	}
	list, ok := value.(*hujson.Array)
	if !ok {
		panic(fmt.Sprintf("%q is no list", key))
	}
	return list
}

// removeMember takes the key away; an absent one is left absent. What stood
// between the value and the comma behind it now stands before that comma.
func removeMember(object *hujson.Object, key string) {
	at := index(object, key)
	if at < 0 {
		return
	}
	if at > 0 {
		object.Members[at-1].Value.AfterExtra = object.Members[at].Value.AfterExtra
	}
	object.Members = slices.Delete(object.Members, at, at+1)
}

// removeItem is removeMember for the item of a list.
func removeItem(list *hujson.Array, at int) {
	if at > 0 {
		list.Elements[at-1].AfterExtra = list.Elements[at].AfterExtra
	}
	list.Elements = slices.Delete(list.Elements, at, at+1)
}
