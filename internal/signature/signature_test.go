package signature_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/signature"
)

// The example of the Standard Webhooks specification.
const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	id        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	timestamp = "1614265330"
	body      = `{"test": 2432232314}`
	signed    = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func at() time.Time { return time.Unix(1614265330, 0) }

func parse(tb testing.TB) signature.Secret {
	tb.Helper()
	s, err := signature.Parse(secret)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestSignLikeTheSpecification(t *testing.T) {
	t.Parallel()
	if got := parse(t).Sign(id, at(), []byte(body)); got != signed {
		t.Errorf("Sign() = %q, want %q", got, signed)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	other := "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, tt := range []struct {
		name                            string
		id, timestamp, signatures, body string
		late                            time.Duration
		want                            error
	}{
		{"the example", id, timestamp, signed, body, 0, nil},
		{"one of several, while secrets rotate", id, timestamp, other + " v1a,xx " + signed, body, 0, nil},
		{"the first of several", id, timestamp, signed + " " + other + " v1,%", body, 0, nil},
		{"five minutes later", id, timestamp, signed, body, 5 * time.Minute, nil},
		{"five minutes earlier", id, timestamp, signed, body, -5 * time.Minute, nil},
		{"a second more", id, timestamp, signed, body, 5*time.Minute + time.Second, signature.ErrStale},
		{"a second less", id, timestamp, signed, body, -5*time.Minute - time.Second, signature.ErrStale},
		{"another body", id, timestamp, signed, body + " ", 0, signature.ErrForged},
		{"another id", id + "x", timestamp, signed, body, 0, signature.ErrForged},
		{"another time", id, "1614265331", signed, body, 0, signature.ErrForged},
		{"no id", "", timestamp, signed, body, 0, signature.ErrForged},
		{"no time", id, "", signed, body, 0, signature.ErrForged},
		{"a time that is none", id, "now", signed, body, 0, signature.ErrForged},
		{"a time beyond 64 bits", id, "99999999999999999999", signed, body, 0, signature.ErrForged},
		{"no signature", id, timestamp, "", body, 0, signature.ErrForged},
		{"another key's", id, timestamp, other, body, 0, signature.ErrForged},
		{"another version only", id, timestamp, strings.Replace(signed, "v1,", "v2,", 1), body, 0, signature.ErrForged},
		{"no version", id, timestamp, strings.TrimPrefix(signed, "v1,"), body, 0, signature.ErrForged},
		{"half a signature", id, timestamp, signed[:20], body, 0, signature.ErrForged},
		{"not base64", id, timestamp, "v1,§", body, 0, signature.ErrForged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := parse(t).Verify(tt.id, tt.timestamp, tt.signatures, []byte(tt.body), at().Add(tt.late))
			if !errors.Is(err, tt.want) {
				t.Errorf("Verify() = %v, want %v", err, tt.want)
			}
		})
	}
}

// Whoever has no secret must not pass with the empty key.
func TestZeroSecretVerifiesNothing(t *testing.T) {
	t.Parallel()
	var none signature.Secret
	if err := none.Verify(id, timestamp, none.Sign(id, at(), []byte(body)), []byte(body), at()); !errors.Is(err, signature.ErrForged) {
		t.Errorf("Verify(zero secret) = %v, want %v", err, signature.ErrForged)
	}
}

// A far time has a true signature and must still be refused without overflow.
func TestFarTimesAreStale(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int64{0, -1 << 62, 1 << 62} {
		far := time.Unix(seconds, 0)
		err := parse(t).Verify(id, strconv.FormatInt(seconds, 10), parse(t).Sign(id, far, nil), nil, at())
		if !errors.Is(err, signature.ErrStale) {
			t.Errorf("Verify(signed at %d) = %v, want %v", seconds, err, signature.ErrStale)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for s, ok := range map[string]bool{
		secret: true, strings.TrimPrefix(secret, "whsec_"): true, long(24): true, long(64): true,
		long(23): false, long(65): false, "": false, "whsec_": false, "whsec_%%%": false, secret + "\n\r ": false,
	} {
		_, err := signature.Parse(s)
		if (err == nil) != ok {
			t.Errorf("Parse(%q) = %v, want ok = %v", s, err, ok)
		}
		if err != nil && len(s) > 10 && strings.Contains(err.Error(), s[6:]) {
			t.Errorf("error %q gives the secret away", err)
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf(verb, parse(t))
		for _, leak := range []string{secret, string(key), strings.Trim(fmt.Sprintf("%d", key[:4]), "[]"), hex.EncodeToString(key[:4]), fmt.Sprintf("%#x, %#x", key[0], key[1])} {
			if strings.Contains(got, leak) {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(id, timestamp, signed, []byte(body))
	f.Add("a.b", "-1", "v1, v1,=", []byte(nil))
	f.Fuzz(func(t *testing.T, id, timestamp, signatures string, body []byte) {
		err := parse(t).Verify(id, timestamp, signatures, body, at())
		if err == nil && !strings.Contains(" "+signatures+" ", "v1,") {
			t.Errorf("Verify(%q, %q, %q, %q) passed", id, timestamp, signatures, body)
		}
	})
}
