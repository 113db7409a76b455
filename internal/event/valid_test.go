package event

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// spellings are JSON and what comes close to it.
func spellings() []string {
	return []string{
		"", " ", "{", "}", "[", "[]", "{}", "[,]", "[1,]", "[1 2]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1 "b":2}`,
		"0", "-", "-0", "00", "01", "1.", ".5", "1.5e", "1e+", "1E-7", "1e5.", "+1", "--1", "truE", "true ", "nul", "nulll", "false",
		`"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12aF"`, `"\u12ag"`, "\"\x1f\"", "\"\x7f\xff\"", ` [ 1 , { "a" : [ ] } ] `, "[1]x", "\ufeff[]", "\v[]",
		strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, s := range spellings() {
		if got, want := valid([]byte(s)), json.Valid([]byte(s)); got != want {
			t.Errorf("valid(%.40q) = %v, json.Valid says %v", s, got, want)
		}
	}
}

// TestValidOfEveryNeighbour cuts a document everywhere and puts every byte in every
// place.
func TestValidOfEveryNeighbour(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"a\"\\\/\b\f\n\r\t\u0aF9é":[-1.5e+07,0,true,false,null,{}], "" : "x"}`)
	if !json.Valid(doc) {
		t.Fatal("the document of the test is none")
	}
	check := func(b []byte) {
		t.Helper()
		if got, want := valid(b), json.Valid(b); got != want {
			t.Errorf("valid(%q) = %v, json.Valid says %v", b, got, want)
		}
	}
	for i := range doc {
		check(doc[:i:i]) // with nothing behind it
		for c := range 256 {
			near := bytes.Clone(doc)
			near[i] = byte(c)
			check(near)
		}
	}
}

// FuzzValid holds valid to the standard library.
func FuzzValid(f *testing.F) {
	for _, s := range spellings() {
		if len(s) < 1000 {
			f.Add([]byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := valid(b), json.Valid(b); got != want {
			t.Errorf("valid(%q) = %v, json.Valid says %v", b, got, want)
		}
	})
}

func BenchmarkValid(b *testing.B) {
	body := []byte(`{"events":[` + strings.Repeat(`{"id":"0190a3c4-8f6b-7d2e-9a1b-2c3d4e5f6a7b","name":"landing_view","properties":{"source":"search","n":12.5}},`, 99) + `null]}`)
	for name, check := range map[string]func([]byte) bool{"ours": valid, "standard": json.Valid} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !check(body) {
					b.Fatal("not valid")
				}
			}
		})
	}
}
