package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash is OWASP's minimum for argon2id: 19 MiB, two
// passes, one lane.
const (
	costMemory = 19 * 1024 // KiB
	costPasses = 2
	costLanes  = 1
	saltSize   = 16
	hashSize   = 32
)

// The longest password is bounded because hashing reads all of it.
const (
	minPassword = 12   // characters
	maxPassword = 1024 // bytes
)

// nobody is a hash of the usual cost that no password has. Checking against
// it makes an unknown address take as long as a known one.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

var errHash = errors.New("stored password hash is not readable")

// checkPassword applies the rules for new passwords. Length is the only rule
// about form; NIST SP 800-63B advises against prescribing kinds of characters.
func checkPassword(password, email string) error {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return &Invalid{"password", "Please use at least 12 characters. Several unrelated words are easy to remember."}
	case len(password) > maxPassword:
		return &Invalid{"password", "Please use at most 1,024 characters."}
	case strings.EqualFold(strings.TrimSpace(password), email):
		return &Invalid{"password", "Please choose something other than your e-mail address."}
	}
	return nil
}

// hash makes the PHC string of a new password.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	c := cost{memory: costMemory, passes: costPasses, lanes: costLanes}
	sum, err := s.derive(ctx, password, salt, c, hashSize)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.memory, c.passes, c.lanes, enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// verify reports whether password has the PHC string phc.
func (s *Service) verify(ctx context.Context, phc, password string) (bool, error) {
	c, salt, want, err := parse(phc)
	if err != nil {
		return false, err
	}
	if len(password) > maxPassword {
		password = "" // takes the same time and is never right
	}
	got, err := s.derive(ctx, password, salt, c, uint32(len(want))) //nolint:gosec // parse bounds the length
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// derive waits for one of the few places at the hashers.
func (s *Service) derive(ctx context.Context, password string, salt []byte, c cost, size uint32) ([]byte, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, size), nil
}

// cost is what a hash was made with; it travels in the PHC string, so that
// the constants above can be raised later.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

func parse(phc string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || n != 3 {
		return cost{}, nil, nil, errHash
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return cost{}, nil, nil, errHash
	}
	sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return cost{}, nil, nil, errHash
	}
	// A damaged row must not make the process take gigabytes or panic.
	if c.memory > 1<<20 || c.passes < 1 || c.passes > 64 || c.lanes < 1 || len(sum) < 16 || len(sum) > 128 {
		return cost{}, nil, nil, errHash
	}
	return c, salt, sum, nil
}
