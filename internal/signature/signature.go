// Package signature signs and verifies webhooks by the Standard Webhooks scheme
// (v1, HMAC-SHA256 over id, time and body), which Svix and so Resend use, too.
// It knows no header names and no HTTP; the wires and doors bring both. Start
// with Parse, Secret.Sign and Secret.Verify.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"strconv"
	"strings"
	"time"
)

// Tolerance is how far a signed time may lie from ours. Older messages could be
// recorded ones, sent again by somebody else.
const Tolerance = 5 * time.Minute

// prefix marks a secret, so that scanners find one that leaked.
const prefix = "whsec_"

// What Verify refuses.
var (
	ErrStale  = errors.New("signed time is more than 5 minutes from ours: the message may be a recorded one; check both clocks")
	ErrForged = errors.New("no signature fits: the message is not from whom it claims or was changed; check the secret on both sides")
)

// Secret is a shared key. It is kept in a function, so that no way of printing a
// Secret shows it. The zero Secret verifies nothing.
type Secret struct{ mac func() hash.Hash }

// Parse reads a secret of the form whsec_ and base64 of 24 to 64 bytes. The
// error does not repeat it.
func Parse(s string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, prefix))
	if err != nil || len(key) < 24 || len(key) > 64 {
		return Secret{}, errors.New("read webhook secret: want whsec_ and base64 of 24 to 64 bytes; copy it again from where it was made")
	}
	return Secret{mac: func() hash.Hash { return hmac.New(sha256.New, key) }}, nil
}

// Sign returns the signature of a message, such as "v1,g0hM9S…". The id must
// have no dot, because the dot separates the signed parts; at counts in whole
// seconds.
func (s Secret) Sign(id string, at time.Time, body []byte) string {
	return "v1," + base64.StdEncoding.EncodeToString(s.sum(id, strconv.FormatInt(at.Unix(), 10), body))
}

// Verify says whether one of the signatures, separated by spaces, is ours for
// the message and whether its time is within Tolerance of now. Comparing takes
// the same time wherever a signature differs.
func (s Secret) Verify(id, timestamp, signatures string, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || id == "" || s.mac == nil {
		return ErrForged
	}
	want := s.sum(id, timestamp, body)
	fits := false
	for one := range strings.FieldsSeq(signatures) {
		got, ok := strings.CutPrefix(one, "v1,")
		if !ok {
			continue // another version of the scheme, such as v1a
		}
		sum, err := base64.StdEncoding.DecodeString(got)
		fits = err == nil && hmac.Equal(sum, want) || fits
	}
	if !fits {
		return ErrForged
	}
	// Compared in seconds: a time far off would overflow a Duration.
	if most := int64(Tolerance / time.Second); seconds < now.Unix()-most || seconds > now.Unix()+most {
		return ErrStale
	}
	return nil
}

func (s Secret) sum(id, timestamp string, body []byte) []byte {
	if s.mac == nil {
		s.mac = func() hash.Hash { return hmac.New(sha256.New, nil) }
	}
	mac := s.mac()
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
