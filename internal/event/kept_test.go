package event

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func keptList(evs ...Kept) []byte {
	list := []byte{'['}
	for i := range evs {
		list = AppendKept(list, evs[i].Marks, Tail(&evs[i].Event))
	}
	return append(list, ']')
}

func readAll(t *testing.T, list []byte) []Kept {
	t.Helper()
	var out []Kept
	if err := ReadKept("s", list, func(k Kept) bool { out = append(out, k); return true }); err != nil {
		t.Fatalf("read %s: %v", list, err)
	}
	return out
}

func TestKept(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 2, 9, 0, 0, 123_456_000, time.UTC)
	want := []Kept{
		{Event: Event{ID: "a", Name: NameLandingView, SessionID: "s", At: at, Properties: json.RawMessage(`{"source":"news"}`)}, Marks: Marks{Counted: true}},
		{Event: Event{ID: `q"\`, Name: "ünamed\u2028", SessionID: "s", At: at.Add(-100 * 365 * 24 * time.Hour), Properties: json.RawMessage(`{}`), Seq: 7, UserID: "u <1>", Bot: "headless"}, Marks: Marks{Outside: true, Clocked: true}},
		{Event: Event{ID: "c", Name: "x", SessionID: "s", At: at, Properties: json.RawMessage("no\nJSON"), UserID: "u"}},
	}
	list := keptList(want...)
	if !json.Valid(list) {
		t.Errorf("the list is no JSON: %s", list)
	}
	if diff := cmp.Diff(want, readAll(t, list)); diff != "" {
		t.Errorf("kept events (-want +got):\n%s", diff)
	}
	if got := string(keptList(want[0])); got != `[[2,1793610000123456,"a","landing_view",{"source":"news"}]]` {
		t.Errorf("spelled %s", got)
	}
}

func TestReadKeptRefuses(t *testing.T) {
	t.Parallel()
	good := string(keptList(Kept{Event: Event{ID: "a", Name: "b", Properties: json.RawMessage(`{}`)}}))
	for _, bad := range []string{"", "{}", "null", `["a"]`, `[[1]]`, strings.Replace(good, `"a"`, `1`, 1), strings.Replace(good, `[[0`, `[["x"`, 1), good[1:]} {
		if err := ReadKept("s", []byte(bad), func(Kept) bool { return true }); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// FuzzKept keeps events of any content and reads them again.
func FuzzKept(f *testing.F) {
	f.Add("id", "name", `{"a":1}`, "user", "bot", int64(3), int64(1_793_610_000_123_456), byte(3))
	f.Add("", "\u2028", `"text"`, "\x00", `"`, int64(-1), int64(-1), byte(4))
	f.Fuzz(func(t *testing.T, id, name, properties, user, bot string, seq, at int64, bits byte) {
		for _, s := range []*string{&id, &name, &properties, &user, &bot} {
			*s = strings.ToValidUTF8(*s, "")
		}
		const century = 100 * 365 * 24 * 3600 * 1_000_000
		want := Kept{Event: Event{ID: ID(id), Name: Name(name), SessionID: "s", At: time.UnixMicro(at % century).UTC(), Properties: json.RawMessage(properties), UserID: user, Bot: bot, Seq: seq}, Marks: Marks{Outside: bits&1 != 0, Counted: bits&2 != 0, Clocked: bits&4 != 0}}
		got := readAll(t, keptList(want, want))
		if len(got) != 2 || !cmp.Equal(got[0], got[1]) {
			t.Fatalf("two are %d: %v", len(got), got)
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("kept event (-want +got):\n%s", diff)
		}
	})
}
