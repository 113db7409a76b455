// Package strictjson reads JSON files that people edit. It compares the text
// with the Go type that it fills: unknown, repeated, missing and wrongly typed
// fields are mistakes, and every mistake names its line.
//
// It knows nothing about what the values mean; a caller adds such mistakes
// with File.Wrong, so that one error lists them all. Start with Decode.
package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	Line int    // 1-based line of the file
	Path string // e.g. "features[3].priceCents"; empty when the file is not JSON
	Text string // what is wrong and what would be right
}

// Problems is every mistake found in a file, in the order of the file.
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

// File is a decoded file that knows the line of every value.
type File struct {
	lines map[string]int // path to line
	shape Problems       // mistakes of the form
	more  Problems       // mistakes that the caller found
}

// Decode fills into, a pointer to a struct, from data. Fields with omitempty or
// omitzero are optional, all others are required. A type that is an
// encoding.TextUnmarshaler is read from text, and its error is a mistake. The error is of type Problems and
// means that data is not JSON at all; mistakes of the form are kept in the
// file and reported by File.Err, and what could be read is in into.
func Decode(data []byte, into any) (*File, error) {
	w := newWalker(data)
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, w.syntax(err)
	}
	w.value("", reflect.TypeOf(into).Elem())
	if err := json.Unmarshal(data, into); err != nil && len(w.shape) == 0 {
		return nil, Problems{{Line: 1, Text: err.Error()}}
	}
	return &w.File, nil
}

// Wrong notes a mistake at the value of path. A value that is not in the file
// gets the line of the nearest value around it.
func (f *File) Wrong(path, format string, args ...any) {
	f.more = append(f.more, f.problem(path, format, args...))
}

// Err is nil or all Problems by line. A noted mistake about a value whose form
// is wrong already is left out, because it would only repeat that.
func (f *File) Err() error {
	out := slices.Clone(f.shape)
	for _, p := range f.more {
		if !slices.ContainsFunc(f.shape, func(s Problem) bool { return within(p.Path, s.Path) }) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return a.Line - b.Line })
	return out
}

func (f *File) problem(path, format string, args ...any) Problem {
	line, near := f.lines[path], path
	for line == 0 && near != "" {
		near = near[:max(strings.LastIndexAny(near, ".["), 0)]
		line = f.lines[near]
	}
	return Problem{Line: max(line, 1), Path: path, Text: fmt.Sprintf(format, args...)}
}

// within reports whether path is outer or lies inside it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

// syntax turns an error of encoding/json into a problem with a line.
func (w *walker) syntax(err error) Problems {
	offset := int64(len(w.data))
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = bad.Offset
	}
	w.count(offset)
	return Problems{{Line: w.line, Text: "this is not valid JSON: " + err.Error()}}
}
