package strictjson_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"applicreations.com/introspect/internal/strictjson"
)

type leaf struct {
	Name  string `json:"name"`
	Count int64  `json:"count,omitempty"`
	On    bool   `json:"on,omitempty"`
}

type word string

type tree struct {
	ID     word                `json:"id"`
	Leaves []leaf              `json:"leaves,omitempty"`
	One    *leaf               `json:"one,omitempty"`
	Texts  map[string][]string `json:"texts,omitempty"`
	Cards  map[string][]leaf   `json:"cards,omitempty"`
	Sets   map[word]string     `json:"sets,omitempty"`
	Shares map[string]int      `json:"shares,omitempty"`
	Limit  *float64            `json:"limit,omitempty"`
	Host   netip.Addr          `json:"host,omitzero"`
}

func TestDecodeNamesEveryMistake(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"all is right", `{"id": "x", "leaves": [{"name": "a", "count": 3, "on": true}], "one": {"name": "b"}, "texts": {"": ["t"], "b": []},
			"cards": {"": [{"name": "c"}]}, "sets": {"k": "v"}, "shares": {"a": 1}}`, ""},
		{"an optional field may be left out", `{"id": "x"}`, ""},
		{"a required field may not", `{}`, "line 1: id: this field is missing"},
		{"an unknown field", "{\"id\": \"x\",\n \"idd\": {\"a\": [1, {}]}}", "line 2: idd: unknown field; known are id, leaves, one, texts, cards, sets, shares, limit, host"},
		{"a field in other case", `{"id": "x", "ID": "y"}`, "line 1: ID: unknown field; known are id, leaves, one, texts, cards, sets, shares, limit, host"},
		{"a repeated field", "{\"id\": \"x\",\n\n\"id\": \"y\"}", "line 3: id: this field is given twice"},
		{"a wrong type in a list", "{\"id\": \"x\", \"leaves\": [\n{\"name\": \"a\"},\n{\"name\": 4}]}", `line 3: leaves[1].name: must be text in quotes ""`},
		{"a wrong type behind a pointer", `{"id": "x", "one": []}`, "line 1: one: must be an object { }"},
		{"a fraction", `{"id": "x", "leaves": [{"name": "a", "count": 1.5}]}`, "line 1: leaves[0].count: must be a whole number"},
		{"text for true", `{"id": "x", "leaves": [{"name": "a", "on": "yes"}]}`, "line 1: leaves[0].on: must be true or false"},
		{"a list for a map", `{"id": "x", "texts": ["a"]}`, "line 1: texts: must be an object { }"},
		{"text for a list in a map", "{\"id\": \"x\", \"texts\": {\n\"\": \"a\"}}", `line 2: texts[""]: must be a list [ ]`},
		{"a number in a list in a map", "{\"id\": \"x\", \"texts\": {\"a\": [\"b\",\n7]}}", `line 2: texts["a"][1]: must be text in quotes ""`},
		{"an unknown field in a list in a map", "{\"id\": \"x\", \"cards\": {\"a\": [\n{\"name\": \"b\", \"nam\": 1}]}}", `line 2: cards["a"][0].nam: unknown field; known are name, count, on`},
		{"a key given twice", "{\"id\": \"x\", \"sets\": {\"a\": \"b\",\n\"a\": \"c\"}}", `line 2: sets["a"]: this field is given twice`},
		{"text for a number in a map", `{"id": "x", "shares": {"a": "1"}}`, `line 1: shares["a"]: must be a whole number`},
		{"null for a map", `{"id": "x", "texts": null}`, "line 1: texts: must be an object { }"},
		{"a number with a fraction, and without", `{"id": "x", "limit": 0.05}`, ""},
		{"a whole number for one with a fraction", `{"id": "x", "limit": 5}`, ""},
		{"text for a number with a fraction", `{"id": "x", "limit": "5"}`, "line 1: limit: must be a number"},
		{"a number no computer holds", `{"id": "x", "limit": 1e999}`, "line 1: limit: must be a number"},
		{"text that reads itself", `{"id": "x", "host": "10.0.0.1"}`, ""},
		{"text that cannot be read", "{\"id\": \"x\",\n\"host\": \"up\"}", `line 2: host: ParseAddr("up"): unable to parse IP`},
		{"an object for such text", `{"id": "x", "host": {"a": [1]}}`, `line 1: host: must be text in quotes ""`},
		{"a number for such text", `{"id": "x", "host": 1}`, `line 1: host: must be text in quotes ""`},
		{"several mistakes", "{\n\"leaves\": [{}],\n\"id\": 3}", "line 2: leaves[0].name: this field is missing\nline 3: id: must be text in quotes \"\""},
		{"no JSON", "{\n\"id\": \n}", "line 3: this is not valid JSON: invalid character '}' looking for beginning of value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var into tree
			f, err := strictjson.Decode([]byte(tt.in), &into)
			if err == nil {
				err = f.Err()
			}
			got := ""
			if problems, ok := errors.AsType[strictjson.Problems](err); ok {
				got = problems.Error()
			} else if err != nil {
				t.Fatalf("Decode err = %v of type %T, want Problems", err, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Decode(%s) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestDecodeFillsMaps(t *testing.T) {
	t.Parallel()
	var got tree
	if _, err := strictjson.Decode([]byte(`{"id": "x", "texts": {"": ["a", "b"]}, "sets": {"k": "v"}, "one": {"name": "n"}}`), &got); err != nil {
		t.Fatal(err)
	}
	want := tree{ID: "x", Texts: map[string][]string{"": {"a", "b"}}, Sets: map[word]string{"k": "v"}, One: &leaf{Name: "n"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestWrongNotes(t *testing.T) {
	t.Parallel()
	doc := "{\"id\": \"x\",\n\"leaves\": [\n{\"name\": 3},\n{\"name\": \"b\"}\n],\n\"texts\": {\n\"a.b[c]\": [\n\"t\"]}}"
	var into tree
	f, err := strictjson.Decode([]byte(doc), &into)
	if err != nil {
		t.Fatal(err)
	}
	f.Wrong(strictjson.Key("texts", "a.b[c]")+"[0]", "is %s", "short")
	f.Wrong("leaves[1].count", "is not there") // gets the line of what holds it
	f.Wrong("leaves[0].name", "is empty")      // its form is wrong already
	f.Wrong("leaves[0]", "looks odd")
	want := strings.Join([]string{
		`line 3: leaves[0].name: must be text in quotes ""`,
		`line 3: leaves[0]: looks odd`,
		`line 4: leaves[1].count: is not there`,
		`line 8: texts["a.b[c]"][0]: is short`,
	}, "\n")
	if diff := cmp.Diff(want, f.Err().Error()); diff != "" {
		t.Errorf("Err (-want +got):\n%s", diff)
	}
}

// Whatever the text is, there is no panic, and every line is one of the text.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"id": "x", "texts": {"": ["t"]}}`, `{"texts": {"a": null, "a": [{}]}, "one": null, "shares": []}`, `[[{"a": [}`, "null", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		var into tree
		file, err := strictjson.Decode([]byte(doc), &into)
		if err == nil {
			err = file.Err()
		}
		problems, ok := errors.AsType[strictjson.Problems](err)
		if err != nil && (!ok || len(problems) == 0) {
			t.Fatalf("Decode err = %v, want problems", err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > 1+strings.Count(doc, "\n") {
				t.Errorf("problem %v is outside the text", p)
			}
		}
	})
}
