package strictjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// walker goes through the JSON text next to the types it should fill, and
// remembers the line of every value.
type walker struct {
	File
	data []byte
	dec  *json.Decoder
	at   int // bytes counted so far
	line int // line of data[at]
}

func newWalker(data []byte) *walker {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	return &walker{File: File{lines: make(map[string]int)}, data: data, dec: dec, line: 1}
}

// count moves the line counter forward to offset.
func (w *walker) count(offset int64) {
	for end := min(int(offset), len(w.data)); w.at < end; w.at++ {
		if w.data[w.at] == '\n' {
			w.line++
		}
	}
}

// next reads one token of text that is known to be valid JSON.
func (w *walker) next() json.Token {
	tok, err := w.dec.Token()
	if err != nil {
		return nil
	}
	w.count(w.dec.InputOffset())
	return tok
}

// wrong notes a mistake of the form.
func (w *walker) wrong(path, format string, args ...any) {
	w.shape = append(w.shape, w.problem(path, format, args...))
}

// value reads one value and compares it with the type it is meant for.
func (w *walker) value(path string, t reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	tok := w.next()
	w.lines[path] = w.line
	if read, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		w.text(path, tok, read)
		return
	}
	var found reflect.Kind
	switch tok := tok.(type) {
	case json.Delim:
		w.composite(path, tok, t)
		return
	case string:
		found = reflect.String
	case bool:
		found = reflect.Bool
	case json.Number:
		found = numberKind(tok, t.Kind())
	}
	want := t.Kind()
	if want == reflect.Int64 {
		want = reflect.Int
	}
	if found != want {
		w.wrong(path, "must be %s", kindName(t.Kind()))
	}
}

// text reads a value that reads itself from text.
func (w *walker) text(path string, tok json.Token, read encoding.TextUnmarshaler) {
	switch tok := tok.(type) {
	case string:
		if err := read.UnmarshalText([]byte(tok)); err != nil {
			w.wrong(path, "%v", err)
		}
		return
	case json.Delim:
		w.skip(1)
	}
	w.wrong(path, "must be %s", kindName(reflect.String))
}

// numberKind is the kind of a number in the text: float64 only where one is
// wanted, because 1.5 of anything else is a mistake.
func numberKind(n json.Number, want reflect.Kind) reflect.Kind {
	if want == reflect.Float64 {
		if _, err := n.Float64(); err == nil {
			return reflect.Float64
		}
	}
	if _, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return reflect.Int
	}
	return reflect.Invalid
}

func (w *walker) composite(path string, open json.Delim, t reflect.Type) {
	switch {
	case open == '{' && t.Kind() == reflect.Struct:
		w.object(path, t)
	case open == '{' && t.Kind() == reflect.Map:
		w.mapping(path, t)
	case open == '[' && t.Kind() == reflect.Slice:
		for i := 0; w.dec.More(); i++ {
			w.value(path+"["+strconv.Itoa(i)+"]", t.Elem())
		}
		w.next()
	default:
		w.wrong(path, "must be %s", kindName(t.Kind()))
		w.skip(1)
	}
}

// skip reads on until depth open brackets are closed.
func (w *walker) skip(depth int) {
	for depth > 0 {
		switch w.next() {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'), nil:
			depth--
		}
	}
}

func (w *walker) object(path string, t reflect.Type) {
	seen := make(map[string]bool)
	for w.dec.More() {
		key, _ := w.next().(string)
		below := strings.TrimPrefix(path+"."+key, ".")
		w.lines[below] = w.line
		field, ok := fieldNamed(t, key)
		switch {
		case !ok:
			w.wrong(below, "unknown field; known are %s", strings.Join(fieldNames(t), ", "))
			w.any()
		case seen[key]:
			w.wrong(below, "this field is given twice")
			w.any()
		default:
			w.value(below, field.Type)
		}
		seen[key] = true
	}
	w.next()
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if !t.Field(i).IsExported() {
			continue // not of the file
		}
		if options != "omitempty" && options != "omitzero" && !seen[name] {
			w.wrong(strings.TrimPrefix(path+"."+name, "."), "this field is missing")
		}
	}
}

// mapping reads an object whose keys are free.
func (w *walker) mapping(path string, t reflect.Type) {
	seen := make(map[string]bool)
	for w.dec.More() {
		key, _ := w.next().(string)
		below := Key(path, key)
		w.lines[below] = w.line
		if seen[key] {
			w.wrong(below, "this field is given twice")
			w.any()
		} else {
			w.value(below, t.Elem())
		}
		seen[key] = true
	}
	w.next()
}

// Key is the path of one value of a map.
func Key(path, key string) string { return path + "[" + strconv.Quote(key) + "]" }

// any reads a value of whatever type and ignores it.
func (w *walker) any() {
	switch w.next() {
	case json.Delim('{'), json.Delim('['):
		w.skip(1)
	}
}

func fieldNamed(t reflect.Type, key string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == key && t.Field(i).IsExported() {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}

func kindName(k reflect.Kind) string {
	switch k {
	case reflect.Struct, reflect.Map:
		return "an object { }"
	case reflect.Slice:
		return "a list [ ]"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return `text in quotes ""`
	case reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}
