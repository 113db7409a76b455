package event

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// The functions of this file walk over JSON that valid has accepted, so
// they check nothing. Values are looked at in place: most of a batch is never
// decoded, only found.

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd returns the end of the string that begins at b[i].
func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// value returns the end of the value that begins at b[i], how many objects and
// arrays are nested in it, 0 for a plain value, and how many members all its
// objects have together.
func value(b []byte, i int) (end, depth, names int) {
	switch b[i] {
	case '"':
		return stringEnd(b, i), 0, 0
	case '{', '[':
		return container(b, i)
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case ' ', '\n', '\t', '\r', ',', ']', '}':
			return i, 0, 0
		}
	}
	return i, 0, 0
}

func container(b []byte, i int) (end, depth, names int) {
	for open := 0; ; i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			open++
			depth = max(depth, open)
		case '}', ']':
			if open--; open == 0 {
				return i + 1, depth, names
			}
		case ':':
			names++
		}
	}
}

// members yields the raw keys, quotes included, and values of an object.
func members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, val []byte) bool) {
		for i := skipSpace(obj, 1); obj[i] != '}'; i = next(obj, i) {
			end := stringEnd(obj, i)
			start := skipSpace(obj, skipSpace(obj, end)+1)
			key := obj[i:end]
			i, _, _ = value(obj, start)
			if !yield(key, obj[start:i]) {
				return
			}
		}
	}
}

// elements yields the raw values of an array.
func elements(arr []byte) iter.Seq[[]byte] {
	return func(yield func(val []byte) bool) {
		for i := skipSpace(arr, 1); arr[i] != ']'; i = next(arr, i) {
			start := i
			i, _, _ = value(arr, start)
			if !yield(arr[start:i]) {
				return
			}
		}
	}
}

// next steps from the end of a value over a comma to what follows it.
func next(b []byte, i int) int {
	i = skipSpace(b, i)
	if b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	return i
}

// unquote decodes a string. What is not UTF-8 becomes U+FFFD.
func unquote(raw []byte) string {
	if clean(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // cannot fail: raw is a valid string
	return s
}

// canonical appends the one spelling that all spellings of a value share: no
// space, keys sorted, the last of equal keys, strings with the fewest escapes.
// Numbers stay as written. NUL becomes U+FFFD, since no database keeps it.
func canonical(dst, raw []byte) []byte {
	switch raw[0] {
	case '"':
		return quote(dst, raw)
	case '[':
		dst = append(dst, '[')
		for val := range elements(raw) {
			dst = append(canonical(dst, val), ',')
		}
		return closing(dst, ']')
	case '{':
		return canonicalObject(dst, raw)
	}
	return append(dst, raw...)
}

func canonicalObject(dst, raw []byte) []byte {
	type member struct{ key, val []byte }
	list := make([]member, 0, 16)
	for key, val := range members(raw) {
		if !clean(key) {
			key = quote(nil, key)
		}
		list = append(list, member{key, val})
	}
	slices.SortStableFunc(list, func(a, b member) int { return bytes.Compare(a.key, b.key) })
	dst = append(dst, '{')
	for i, m := range list {
		if i+1 < len(list) && bytes.Equal(m.key, list[i+1].key) {
			continue
		}
		dst = append(append(dst, m.key...), ':')
		dst = append(canonical(dst, m.val), ',')
	}
	return closing(dst, '}')
}

// closing ends a list: in the place of its last comma, if it has one.
func closing(dst []byte, end byte) []byte {
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, end)
}

// clean reports whether a string is spelled as canonical spells it.
func clean(raw []byte) bool { return bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) }

func quote(dst, raw []byte) []byte {
	if clean(raw) {
		return append(dst, raw...)
	}
	dst = append(dst, '"')
	for _, r := range strings.ReplaceAll(unquote(raw), "\x00", "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', "01"[r>>4], "0123456789abcdef"[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// Fields yields the names of the properties and their raw JSON, none when the
// properties are no JSON object. A raw value is for Text, ItemsOf or strconv.
func (e *Event) Fields() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, raw []byte) bool) {
		start := skipSpace(e.Properties, 0)
		if start >= len(e.Properties) || e.Properties[start] != '{' || !valid(e.Properties) {
			return
		}
		named(e.Properties[start:], yield)
	}
}

// Fields is that of an Event; Decode has checked the properties already.
func (in *Incoming) Fields() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, raw []byte) bool) { named(in.Properties, yield) }
}

func named(obj []byte, yield func(name, raw []byte) bool) {
	for key, val := range members(obj) {
		name := key[1 : len(key)-1]
		if !clean(key) {
			name = []byte(unquote(key))
		}
		if !yield(name, val) {
			return
		}
	}
}

// Text reads a raw value that is a text.
func Text(raw []byte) (text string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	return unquote(raw), true
}

// ItemsOf yields the raw values of a raw value that is a list.
func ItemsOf(raw []byte) iter.Seq[[]byte] {
	if raw[0] != '[' {
		return func(func([]byte) bool) {}
	}
	return elements(raw)
}
