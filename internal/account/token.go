package account

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/store"
)

// prefix makes our tokens recognisable, e.g. for scanners that look for
// secrets in repositories.
const prefix = "isp_"

// CreateToken makes an API token for a program. The plain text is returned
// once; the store keeps its SHA-256, which is enough for 32 random bytes. It
// returns *Invalid for a name that is empty or longer than 100 characters.
func (s *Service) CreateToken(ctx context.Context, name string) (plain string, err error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 100 {
		return "", &Invalid{"name", "Please name the token with 1 to 100 characters, for example after the program that uses it."}
	}
	plain = prefix + secret()
	t := store.Token{ID: uuid.NewString(), Name: name, Hash: digest(plain), CreatedAt: s.now()}
	if err := s.store.CreateToken(ctx, t); err != nil {
		return "", fmt.Errorf("create token %q: %w", name, err)
	}
	if err := s.audit(ctx, "system", "token_created", "token:"+t.ID); err != nil {
		return "", err
	}
	return plain, nil
}

// Authorize reports who a bearer token belongs to: "bootstrap token" for the
// one from the environment, else "token:" and its id. When the store cannot
// be asked, nobody is let in.
func (s *Service) Authorize(ctx context.Context, bearer string) (actor string, ok bool) {
	sum := digest(bearer)
	if s.bootstrap != nil && subtle.ConstantTimeCompare(sum, s.bootstrap) == 1 {
		return "bootstrap token", true
	}
	if !strings.HasPrefix(bearer, prefix) {
		return "", false
	}
	t, err := s.store.TokenByHash(ctx, sum)
	if err != nil {
		return "", false
	}
	return "token:" + t.ID, true
}
