package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/store"
)

// SetupLink makes the one-time token with which the first admin is created,
// while there is no user. It is valid until it is used, until SetupLink is
// called again or until the process ends; only its hash is kept, in memory.
func (s *Service) SetupLink(ctx context.Context) (token string, needed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.store.UserCount(ctx)
	if err != nil {
		return "", false, fmt.Errorf("count users: %w", err)
	}
	if n > 0 {
		s.setup = nil
		return "", false, nil
	}
	token = secret()
	s.setup = digest(token)
	return token, true, nil
}

// SetupOpen reports whether CreateFirst would take the token now.
func (s *Service) SetupOpen(ctx context.Context, token string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opens(token) {
		return false, nil
	}
	n, err := s.store.UserCount(ctx)
	if err != nil {
		return false, fmt.Errorf("count users: %w", err)
	}
	return n == 0, nil
}

// CreateFirst makes the first admin. It returns ErrSetup for a token that
// does not open the setup, and *Invalid for a refused field, after which the
// token can be used again.
func (s *Service) CreateFirst(ctx context.Context, setupToken, email, name, password string) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opens(setupToken) {
		return User{}, ErrSetup
	}
	u := User{ID: uuid.NewString(), Email: canonical(email), Name: strings.TrimSpace(name)}
	for _, err := range []error{checkName(u.Name), checkEmail(u.Email), checkPassword(password, u.Email)} {
		if err != nil {
			return User{}, err
		}
	}
	switch n, err := s.store.UserCount(ctx); {
	case err != nil:
		return User{}, fmt.Errorf("count users: %w", err)
	case n > 0:
		return User{}, ErrSetup
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return User{}, fmt.Errorf("hash password: %w", err)
	}
	row := store.User{ID: u.ID, Email: u.Email, Name: u.Name, PasswordHash: hash, CreatedAt: s.now()}
	if err := s.store.CreateUser(ctx, row); err != nil {
		if errors.Is(err, store.ErrExists) {
			return User{}, ErrSetup
		}
		return User{}, fmt.Errorf("create user: %w", err)
	}
	s.setup = nil
	if err := s.audit(ctx, "setup", "user_created", "user:"+u.ID); err != nil {
		return User{}, err
	}
	return u, nil
}

// opens compares in constant time; the caller holds mu.
func (s *Service) opens(token string) bool {
	return s.setup != nil && subtle.ConstantTimeCompare(digest(token), s.setup) == 1
}
