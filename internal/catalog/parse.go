package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Problem is one mistake in a catalog file.
type Problem struct {
	Line int    // 1-based line of the file
	Path string // e.g. "features[3].priceCents"; empty when the file is not JSON
	Text string // what is wrong and what would be right
}

// Problems is every mistake found in a catalog file, in the order of the file.
type Problems []Problem

// Error lists the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = fmt.Sprintf("line %d: ", one.Line)
		if one.Path != "" {
			lines[i] += one.Path + ": "
		}
		lines[i] += one.Text
	}
	return strings.Join(lines, "\n")
}

// Parse reads a catalog file: JSON in the form of the built-in one. Unknown,
// repeated and missing fields are mistakes, and so is everything that would
// make a price or a recommendation wrong. The error is of type Problems and
// holds all mistakes at once, because a person edits this file.
func Parse(data []byte) (*Catalog, error) {
	f := newFile(data)
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, f.syntax(err)
	}
	f.value("", reflect.TypeFor[Catalog]())

	var c Catalog
	if err := json.Unmarshal(data, &c); err != nil && len(f.problems) == 0 {
		return nil, Problems{{Line: 1, Text: err.Error()}}
	}
	shape := f.problems
	check := checker{Catalog: &c, file: f}
	check.all()
	if len(f.problems) > 0 {
		return nil, f.sorted(len(shape))
	}
	return &c, nil
}

// file walks through the JSON text next to the types it should fill, and
// remembers the line of every value.
type file struct {
	data     []byte
	dec      *json.Decoder
	lines    map[string]int // path to line
	at       int            // bytes counted so far
	line     int            // line of data[at]
	problems Problems
}

func newFile(data []byte) *file {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	return &file{data: data, dec: dec, lines: make(map[string]int), line: 1}
}

// syntax turns an error of encoding/json into a problem with a line.
func (f *file) syntax(err error) Problems {
	offset := int64(len(f.data))
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = bad.Offset
	}
	f.count(offset)
	return Problems{{Line: f.line, Text: "this is not valid JSON: " + err.Error()}}
}

// count moves the line counter forward to offset.
func (f *file) count(offset int64) {
	for end := min(int(offset), len(f.data)); f.at < end; f.at++ {
		if f.data[f.at] == '\n' {
			f.line++
		}
	}
}

// next reads one token of text that is known to be valid JSON.
func (f *file) next() json.Token {
	tok, err := f.dec.Token()
	if err != nil {
		return nil
	}
	f.count(f.dec.InputOffset())
	return tok
}

// wrong notes a problem at the value of path, or of the nearest value around it.
func (f *file) wrong(path, format string, args ...any) {
	line, near := f.lines[path], path
	for line == 0 && near != "" {
		near = near[:max(strings.LastIndexAny(near, ".["), 0)]
		line = f.lines[near]
	}
	f.problems = append(f.problems, Problem{Line: max(line, 1), Path: path, Text: fmt.Sprintf(format, args...)})
}

// sorted orders the problems by line. The first shape of them are about the
// form; a later one about the same value would only repeat it.
func (f *file) sorted(shape int) Problems {
	out := slices.Clone(f.problems[:shape])
	for _, p := range f.problems[shape:] {
		if !slices.ContainsFunc(f.problems[:shape], func(s Problem) bool { return within(p.Path, s.Path) }) {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return a.Line - b.Line })
	return out
}

// within reports whether path is outer or lies inside it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

// value reads one value and compares it with the type it is meant for.
func (f *file) value(path string, t reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	tok := f.next()
	f.lines[path] = f.line
	var found reflect.Kind
	switch tok := tok.(type) {
	case json.Delim:
		f.composite(path, tok, t)
		return
	case string:
		found = reflect.String
	case bool:
		found = reflect.Bool
	case json.Number:
		if _, err := strconv.ParseInt(tok.String(), 10, 64); err == nil {
			found = reflect.Int
		}
	}
	want := t.Kind()
	if want == reflect.Int64 {
		want = reflect.Int
	}
	if found != want {
		f.wrong(path, "must be %s", kindName(t.Kind()))
	}
}

func (f *file) composite(path string, open json.Delim, t reflect.Type) {
	switch {
	case open == '{' && t.Kind() == reflect.Struct:
		f.object(path, t)
	case open == '[' && t.Kind() == reflect.Slice:
		for i := 0; f.dec.More(); i++ {
			f.value(path+"["+strconv.Itoa(i)+"]", t.Elem())
		}
		f.next()
	default:
		f.wrong(path, "must be %s", kindName(t.Kind()))
		f.skip(1)
	}
}

// skip reads on until depth open brackets are closed.
func (f *file) skip(depth int) {
	for depth > 0 {
		switch f.next() {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'), nil:
			depth--
		}
	}
}

func (f *file) object(path string, t reflect.Type) {
	seen := make(map[string]bool)
	for f.dec.More() {
		key, _ := f.next().(string)
		below := strings.TrimPrefix(path+"."+key, ".")
		f.lines[below] = f.line
		field, ok := fieldNamed(t, key)
		switch {
		case !ok:
			f.wrong(below, "unknown field; known are %s", strings.Join(fieldNames(t), ", "))
			f.any()
		case seen[key]:
			f.wrong(below, "this field is given twice")
			f.any()
		default:
			f.value(below, field.Type)
		}
		seen[key] = true
	}
	f.next()
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if options != "omitempty" && !seen[name] {
			f.wrong(strings.TrimPrefix(path+"."+name, "."), "this field is missing")
		}
	}
}

// any reads a value of whatever type and ignores it.
func (f *file) any() {
	switch f.next() {
	case json.Delim('{'), json.Delim('['):
		f.skip(1)
	}
}

func fieldNamed(t reflect.Type, key string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name == key {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}

func kindName(k reflect.Kind) string {
	switch k {
	case reflect.Struct:
		return "an object { }"
	case reflect.Slice:
		return "a list [ ]"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return `text in quotes ""`
	default:
		return "a whole number"
	}
}
