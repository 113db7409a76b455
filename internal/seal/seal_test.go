package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/seal"
)

const (
	oldSecret = "the secret of last year, 32 bytes"
	newSecret = "the secret of this year, 32 bytes"
)

func ring(tb testing.TB, secrets ...string) *seal.Keyring {
	tb.Helper()
	k, err := seal.NewKeyring(secrets...)
	if err != nil {
		tb.Fatalf("NewKeyring(%d secrets): %v", len(secrets), err)
	}
	return k
}

func sealed(tb testing.TB, k *seal.Keyring, plain, context string) []byte {
	tb.Helper()
	out, err := k.Seal([]byte(plain), context)
	if err != nil {
		tb.Fatalf("Seal(%q, %q): %v", plain, context, err)
	}
	return out
}

func TestNewKeyring(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		secrets []string
		want    string // part of the error, empty for none
	}{
		{name: "no secret at all is refused", want: "no encryption secret"},
		{name: "an empty first secret is refused", secrets: []string{"", oldSecret}, want: "no encryption secret"},
		{name: "fifteen bytes are too short", secrets: []string{strings.Repeat("x", 15)}, want: "15 bytes, at least 16"},
		{name: "sixteen bytes are enough", secrets: []string{strings.Repeat("x", 16)}},
		{name: "a short old secret is refused with its place", secrets: []string{newSecret, "short"}, want: "secret 2"},
		{name: "an unset old secret is skipped", secrets: []string{newSecret, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := seal.NewKeyring(tt.secrets...)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("NewKeyring(%q) err = %v, want %q", tt.secrets, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), newSecret) {
				t.Errorf("NewKeyring(...) err = %v, which shows a secret", err)
			}
		})
	}
}

func TestOpenReadsWhatSealMade(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	for _, plain := range []string{"", "a", "Maria Ortega <maria@example.com>", strings.Repeat("long ", 20_000)} {
		box := sealed(t, k, plain, "session/1/person")
		got, err := k.Open(box, "session/1/person")
		if err != nil || string(got) != plain {
			t.Errorf("Open(Seal(%.20q)) = %.20q, %v, want the plain text", plain, got, err)
		}
		if len(plain) > 8 && bytes.Contains(box, []byte(plain[:8])) {
			t.Errorf("Seal(%.20q) shows its plain text", plain)
		}
	}
}

func TestSealNeverRepeatsItself(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	seen := make(map[string]bool)
	for range 1000 {
		box := string(sealed(t, k, "same", "same"))
		if seen[box] {
			t.Fatal("Seal made the same bytes twice, so a nonce was reused")
		}
		seen[box] = true
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	box := sealed(t, k, "Maria Ortega", "session/1/person")
	tests := []struct {
		name    string
		sealed  []byte
		context string
		want    error
	}{
		{name: "the row of somebody else", sealed: box, context: "session/2/person", want: seal.ErrDamaged},
		{name: "another column of the same row", sealed: box, context: "session/1/state", want: seal.ErrDamaged},
		{name: "no context", sealed: box, want: seal.ErrDamaged},
		{name: "an empty text", context: "session/1/person", want: seal.ErrDamaged},
		{name: "a text cut short by one byte", sealed: box[:len(box)-1], context: "session/1/person", want: seal.ErrDamaged},
		{name: "a header alone", sealed: box[:5], context: "session/1/person", want: seal.ErrDamaged},
		{name: "plain text", sealed: []byte("plain text that was never sealed at all"), context: "session/1/person", want: seal.ErrDamaged},
		{name: "a text of another key", sealed: sealed(t, ring(t, oldSecret), "x", "session/1/person"), context: "session/1/person", want: seal.ErrUnknownKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := k.Open(tt.sealed, tt.context)
			if !errors.Is(err, tt.want) || got != nil {
				t.Errorf("Open(%s) = %q, %v, want nil, %v", tt.name, got, err, tt.want)
			}
		})
	}
}

func TestEveryByteOfASealedTextIsAuthenticated(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	box := sealed(t, k, "Maria Ortega", "place")
	for i := range box {
		for bit := range 8 {
			forged := bytes.Clone(box)
			forged[i] ^= 1 << bit
			if got, err := k.Open(forged, "place"); err == nil {
				t.Fatalf("Open(text with bit %d of byte %d turned) = %q, want an error", bit, i, got)
			}
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before, both, after := ring(t, oldSecret), ring(t, newSecret, oldSecret), ring(t, newSecret)
	old := sealed(t, before, "written last year", "place")

	if got, err := both.Open(old, "place"); err != nil || string(got) != "written last year" {
		t.Errorf("Open(old text) with both secrets = %q, %v, want the text", got, err)
	}
	if both.Current(old) {
		t.Error("Current(old text) = true with a newer secret, want false")
	}
	fresh := sealed(t, both, "written this year", "place")
	if !both.Current(fresh) || !after.Current(fresh) || before.Current(fresh) {
		t.Error("a ring with two secrets does not seal with the first")
	}
	if _, err := after.Open(old, "place"); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("Open(old text) without the old secret err = %v, want ErrUnknownKey", err)
	}
	if before.ID() == after.ID() || both.ID() != after.ID() {
		t.Errorf("ID() = %q, %q, %q for old, both, new; want the newest key's", before.ID(), both.ID(), after.ID())
	}
}

// An old secret that is not set does not hide the one after it.
func TestASecretAfterAnUnsetOne(t *testing.T) {
	t.Parallel()
	box := sealed(t, ring(t, oldSecret), "Maria Ortega", "place")
	if got, err := ring(t, newSecret, "", oldSecret).Open(box, "place"); err != nil || string(got) != "Maria Ortega" {
		t.Errorf("Open with the secret in third place = %q, %v, want the text", got, err)
	}
}

// TestFormatStays opens what the first version of this package wrote. A change
// that breaks it would lock operators out of their data.
func TestFormatStays(t *testing.T) {
	t.Parallel()
	const (
		box = "01599e1e67a3c3aeb8dcafa8759cee8a5c3c3cea0f1d881044500366c88e451879b948579bf62dbee1f3cc5a04"
		mac = "de62bb8ee5feb130b294a67d9b73d1fc53df653297eed6ff68f9e908a91348bd"
	)
	k := ring(t, oldSecret)
	old, err := hex.DecodeString(box)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(old, "place"); err != nil || string(got) != "Maria Ortega" {
		t.Errorf("Open(first format) = %q, %v, want the text", got, err)
	}
	if got := hex.EncodeToString(k.MAC("session token", []byte("data"))); got != mac {
		t.Errorf("MAC = %s, want %s", got, mac)
	}
	if got := k.ID(); got != "599e1e67" {
		t.Errorf("ID = %s, want 599e1e67", got)
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	before, both := ring(t, oldSecret), ring(t, newSecret, oldSecret)
	mac := before.MAC("session token", []byte("data"))
	tests := []struct {
		name    string
		purpose string
		data    string
		mac     []byte
		want    bool
	}{
		{name: "a code of the old secret still counts", purpose: "session token", data: "data", mac: mac, want: true},
		{name: "a code of the new secret counts", purpose: "session token", data: "data", mac: both.MAC("session token", []byte("data")), want: true},
		{name: "another purpose has another key", purpose: "magic link", data: "data", mac: mac},
		{name: "other data do not fit", purpose: "session token", data: "Data", mac: mac},
		{name: "a shortened code does not fit", purpose: "session token", data: "data", mac: mac[:16]},
		{name: "no code does not fit", purpose: "session token", data: "data"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := both.Verify(tt.purpose, []byte(tt.data), tt.mac); got != tt.want {
				t.Errorf("Verify(%q, %q) = %v, want %v", tt.purpose, tt.data, got, tt.want)
			}
		})
	}
	if len(mac) != 32 || !bytes.Equal(mac, before.MAC("session token", []byte("data"))) {
		t.Errorf("MAC has %d bytes or changes between calls, want 32 stable bytes", len(mac))
	}
	if bytes.Equal(mac, both.MAC("session token", []byte("data"))) {
		t.Error("two secrets make the same MAC")
	}
}

func TestMACsOfEveryKey(t *testing.T) {
	t.Parallel()
	former, now := strings.Repeat("former secret ", 3), strings.Repeat("newest secret ", 3)
	both := ring(t, now, former).MACs("lookup", []byte("a"))
	want := [][]byte{ring(t, now).MAC("lookup", []byte("a")), ring(t, former).MAC("lookup", []byte("a"))}
	if !slices.EqualFunc(both, want, bytes.Equal) {
		t.Errorf("MACs = %x, want that of the newest key and then the former: %x", both, want)
	}
	if got := (*seal.Keyring)(nil).MACs("lookup", nil); got != nil {
		t.Errorf("MACs without keys = %x, want none", got)
	}
}

func TestAnEmptyRingFailsClosed(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]*seal.Keyring{"nil": nil, "zero": {}} {
		if _, err := k.Seal([]byte("x"), "c"); !errors.Is(err, seal.ErrNoSecret) {
			t.Errorf("%s ring: Seal err = %v, want ErrNoSecret", name, err)
		}
		if _, err := k.Open([]byte("x"), "c"); !errors.Is(err, seal.ErrNoSecret) {
			t.Errorf("%s ring: Open err = %v, want ErrNoSecret", name, err)
		}
		if k.MAC("p", nil) != nil || k.Verify("p", nil, nil) || k.ID() != "" || k.Current([]byte{1, 0, 0, 0, 0}) {
			t.Errorf("%s ring answers as if it had a key", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := ring(f, newSecret, oldSecret)
	f.Add(sealed(f, k, "Maria Ortega", "place"), "place")
	f.Add([]byte{}, "")
	f.Add([]byte{1, 2, 3, 4, 5}, "place")
	f.Fuzz(func(t *testing.T, box []byte, context string) {
		plain, err := k.Open(box, context)
		if err != nil {
			if plain != nil {
				t.Errorf("Open returned %q together with %v", plain, err)
			}
			return
		}
		again := sealed(t, k, string(plain), context)
		if got, err := k.Open(again, context); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("Open(Seal(Open(x))) = %q, %v, want %q", got, err, plain)
		}
	})
}
