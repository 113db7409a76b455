package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"applicreations.com/introspect/internal/seal"
)

const chunk = 64 << 10

func random(n int) []byte {
	out := make([]byte, n)
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func streamed(tb testing.TB, k *seal.Keyring, plain []byte, context string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := k.Writer(&out, context)
	if err != nil {
		tb.Fatalf("Writer: %v", err)
	}
	for rest := plain; len(rest) > 0; {
		n := min(len(rest), 10_007)
		if _, err := w.Write(rest[:n]); err != nil {
			tb.Fatalf("Write: %v", err)
		}
		rest = rest[n:]
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		tb.Fatalf("Close twice: %v", err)
	}
	return out.Bytes()
}

func opened(k *seal.Keyring, sealed []byte, context string) ([]byte, error) {
	r, err := k.Reader(bytes.NewReader(sealed), context)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestStreamRoundTrip(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 5*chunk + 17} {
		plain := random(size)
		sealed := streamed(t, k, plain, "backup")
		got, err := opened(k, sealed, "backup")
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("stream of %d bytes came back as %d bytes, %v", size, len(got), err)
		}
		if bytes.Equal(sealed, streamed(t, k, plain, "backup")) {
			t.Errorf("two streams of the same %d bytes are equal, so they share a key and nonces", size)
		}
	}
}

// TestStreamFormatStays opens a backup of an earlier version: its keys, the places
// of its nonces and the mark of its last part are a promise.
func TestStreamFormatStays(t *testing.T) {
	t.Parallel()
	const old = "02599e1e6771e5634929f9d357142995c6f6ed9cc54af09a71c22f9759ea4fda2a73cc0ee90ecd0e287bbdfeacefce2a797b" +
		"9266b5d076ffbb41003928a6dbbdc11ee666b938767a"
	sealed, err := hex.DecodeString(old)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opened(ring(t, oldSecret), sealed, "backup"); err != nil || string(got) != "Maria Ortega" {
		t.Errorf("a stream of an earlier version came back as %q, %v, want the text", got, err)
	}
}

func TestStreamKeys(t *testing.T) {
	t.Parallel()
	former := ring(t, oldSecret)
	sealed := streamed(t, former, []byte("kept"), "a")
	if got, err := opened(ring(t, newSecret, oldSecret), sealed, "a"); err != nil || string(got) != "kept" {
		t.Errorf("after a rotation the stream reads %q, %v", got, err)
	}
	if _, err := opened(ring(t, newSecret), sealed, "a"); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("without the former key err = %v, want ErrUnknownKey", err)
	}
	if _, err := opened(former, sealed, "b"); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("in another place err = %v, want ErrDamaged", err)
	}
	var none *seal.Keyring
	if _, err := none.Reader(nil, ""); !errors.Is(err, seal.ErrNoSecret) {
		t.Errorf("without a ring Reader err = %v, want ErrNoSecret", err)
	}
	if _, err := none.Writer(nil, ""); !errors.Is(err, seal.ErrNoSecret) {
		t.Errorf("without a ring Writer err = %v, want ErrNoSecret", err)
	}
	if !former.Has(former.ID()) || former.Has(ring(t, newSecret).ID()) || none.Has("") {
		t.Error("Has does not tell which keys are in the ring")
	}
}

// Every byte counts: changed, cut off, added or out of order, it is noticed.
func TestStreamDamage(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	sealed := streamed(t, k, random(2*chunk+5), "backup")
	head := len(sealed) - (2*chunk + 5) - 3*16
	bad := map[string][]byte{
		"no header":       sealed[:head-1],
		"nothing":         nil,
		"only a header":   sealed[:head],
		"one chunk":       sealed[:head+chunk+16],
		"two chunks":      sealed[:head+2*(chunk+16)],
		"last byte gone":  sealed[:len(sealed)-1],
		"one byte more":   append(bytes.Clone(sealed), 0),
		"one chunk twice": append(bytes.Clone(sealed[:head+chunk+16]), sealed[head:]...),
		"first chunk out": append(bytes.Clone(sealed[:head]), sealed[head+chunk+16:]...),
	}
	for name, b := range bad {
		if _, err := opened(k, b, "backup"); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%s: err = %v, want ErrDamaged", name, err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		at := i // the header, and then anywhere
		if i >= head {
			at = r.IntN(len(sealed))
		}
		b := bytes.Clone(sealed)
		b[at] ^= 1 << r.IntN(8)
		if _, err := opened(k, b, "backup"); !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrUnknownKey) {
			t.Errorf("byte %d flipped: err = %v, want ErrDamaged or ErrUnknownKey", at, err)
		}
	}
}

// A disk that fails is not taken for damage, and a stream is never whole after.
func TestStreamErrors(t *testing.T) {
	t.Parallel()
	k := ring(t, newSecret)
	full := errors.New("disk full")
	sealed := streamed(t, k, random(2*chunk), "a")
	r, err := k.Reader(io.MultiReader(bytes.NewReader(sealed[:chunk]), iotest.ErrReader(full)), "a")
	if err != nil {
		t.Fatalf("Reader: %v", err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, full) || errors.Is(err, seal.ErrDamaged) {
		t.Errorf("Read on a broken disk err = %v, want its own", err)
	}
	w, err := k.Writer(&limited{room: chunk, err: full}, "a")
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	if _, err := w.Write(random(3 * chunk)); !errors.Is(err, full) {
		t.Errorf("Write on a full disk err = %v, want its own", err)
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("Close after a full disk err = %v, want the error of the write", err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("Write after Close succeeded")
	}
}

// limited fails after so many bytes.
type limited struct {
	room int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.room -= len(p); l.room < 0 {
		return 0, l.err
	}
	return len(p), nil
}
