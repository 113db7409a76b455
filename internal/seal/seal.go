// Package seal encrypts personal data at rest with keys derived from the
// operator's ENCRYPTION_KEY, and authenticates tokens with the same secret
// (DOMAIN 8.3, 8.4). Every sealed text is bound to the place it belongs to and
// names the key that made it, so that keys can be rotated without touching
// data. It stretches no weak passwords, keeps no state and never falls back to
// plain text. Start with NewKeyring, then Keyring.Seal.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// MinSecret is the smallest accepted length of a secret in bytes: 128 bits
// when it is raw, and short enough that only a typed word is refused.
const MinSecret = 16

// ErrNoSecret means that a keyring was asked for without any secret.
var ErrNoSecret = errors.New("no encryption secret")

// ErrUnknownKey means that the data was sealed with a key that is not in the
// ring. The data is intact; the operator has to bring back the older secret.
var ErrUnknownKey = errors.New("sealed with an unknown key")

// ErrDamaged means that the data is not a sealed text, was altered, or belongs
// to another context.
var ErrDamaged = errors.New("sealed data is damaged or out of place")

// The layout of a sealed text is format (1 byte), key id, nonce, ciphertext
// with tag. The header is authenticated together with the context.
const (
	format    = 1
	keyIDSize = 4
	header    = 1 + keyIDSize
	overhead  = 12 + 16 // nonce and tag of AES-GCM
)

// salt separates our derived keys from those of any other program that is
// given the same secret.
const salt = "introspect/seal/v1"

// Keyring holds the keys derived from one or more secrets, newest first. It is
// immutable and safe for concurrent use.
type Keyring struct {
	keys []key
}

type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
	prk  []byte // pseudorandom key, from which each purpose is expanded
}

// NewKeyring derives the keys of the secrets, newest first: the first seals,
// all of them open. A secret needs MinSecret bytes and is used as it is, so it
// must be random, such as `openssl rand -base64 32` makes it. Empty strings
// after the first are skipped, which lets an unset variable mean "none".
func NewKeyring(secrets ...string) (*Keyring, error) {
	if len(secrets) == 0 || secrets[0] == "" {
		return nil, ErrNoSecret
	}
	k := &Keyring{}
	for i, secret := range secrets {
		if secret == "" {
			continue
		}
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("encryption secret %d has %d bytes, at least %d are needed", i+1, len(secret), MinSecret)
		}
		derived, err := derive(secret)
		if err != nil {
			return nil, fmt.Errorf("derive key %d: %w", i+1, err)
		}
		k.keys = append(k.keys, derived)
	}
	return k, nil
}

func derive(secret string) (key, error) {
	prk, err := hkdf.Extract(sha256.New, []byte(secret), []byte(salt))
	if err != nil {
		return key{}, err
	}
	id, err := hkdf.Expand(sha256.New, prk, "key id", keyIDSize)
	if err != nil {
		return key{}, err
	}
	raw, err := hkdf.Expand(sha256.New, prk, "aes-256-gcm", 32)
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, err
	}
	return key{id: [keyIDSize]byte(id), aead: aead, prk: prk}, nil
}

// Seal encrypts plain with the newest key. The context says where the result
// belongs, for example a row and a column; only Open with the same context
// reads it, so that nobody can swap sealed values between rows.
func (k *Keyring) Seal(plain []byte, context string) ([]byte, error) {
	if k == nil || len(k.keys) == 0 {
		return nil, ErrNoSecret
	}
	newest := k.keys[0]
	out := make([]byte, header, header+overhead+len(plain))
	out[0] = format
	copy(out[1:], newest.id[:])
	return newest.aead.Seal(out, nil, plain, bind(out[:header], context)), nil //nolint:gosec // this AEAD makes its own random nonce
}

// Open decrypts what Seal made. The error is ErrUnknownKey when the ring lacks
// the key, and ErrDamaged for anything else that does not fit.
func (k *Keyring) Open(sealed []byte, context string) ([]byte, error) {
	if k == nil || len(k.keys) == 0 {
		return nil, ErrNoSecret
	}
	if len(sealed) < header+overhead || sealed[0] != format {
		return nil, fmt.Errorf("open %s: %w", context, ErrDamaged)
	}
	for _, candidate := range k.keys {
		if [keyIDSize]byte(sealed[1:header]) != candidate.id {
			continue
		}
		plain, err := candidate.aead.Open(nil, nil, sealed[header:], bind(sealed[:header], context))
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", context, ErrDamaged)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("open %s, key %x: %w", context, sealed[1:header], ErrUnknownKey)
}

// Current reports whether sealed was made with the newest key. What is not
// current is due for resealing after a rotation.
func (k *Keyring) Current(sealed []byte) bool {
	return k != nil && len(k.keys) > 0 && len(sealed) >= header && sealed[0] == format &&
		[keyIDSize]byte(sealed[1:header]) == k.keys[0].id
}

// ID names the newest key in hexadecimal. It tells nothing about the secret.
func (k *Keyring) ID() string {
	if k == nil || len(k.keys) == 0 {
		return ""
	}
	return hex.EncodeToString(k.keys[0].id[:])
}

// MAC is the HMAC-SHA256 of data under the newest secret, with a key of its
// own for each purpose. It is empty for an empty ring.
func (k *Keyring) MAC(purpose string, data []byte) []byte {
	if k == nil || len(k.keys) == 0 {
		return nil
	}
	return k.keys[0].mac(purpose, data)
}

// MACs are the MACs of data under every secret of the ring, the newest first,
// for looking up what may have been written before a rotation.
func (k *Keyring) MACs(purpose string, data []byte) [][]byte {
	if k == nil {
		return nil
	}
	out := make([][]byte, len(k.keys))
	for i, one := range k.keys {
		out[i] = one.mac(purpose, data)
	}
	return out
}

// Verify reports in constant time whether mac is the MAC of data under any
// secret of the ring, so that tokens outlive a rotation.
func (k *Keyring) Verify(purpose string, data, mac []byte) bool {
	if k == nil {
		return false
	}
	ok := false
	for _, candidate := range k.keys {
		if hmac.Equal(mac, candidate.mac(purpose, data)) {
			ok = true
		}
	}
	return ok
}

func (k key) mac(purpose string, data []byte) []byte {
	raw, err := hkdf.Expand(sha256.New, k.prk, "hmac "+purpose, sha256.Size)
	if err != nil {
		panic(fmt.Sprintf("derive 32 bytes: %v", err)) // only a length above 8160 can fail
	}
	h := hmac.New(sha256.New, raw)
	h.Write(data)
	return h.Sum(nil)
}

// bind is the additional data that GCM authenticates: the header has a fixed
// length, so header and context cannot be shifted into each other.
func bind(head []byte, context string) []byte {
	return append(append(make([]byte, 0, len(head)+len(context)), head...), context...)
}
