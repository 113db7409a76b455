// Package account decides who may enter the admin pages and the admin API:
// people with a password, and programs with a token. It makes the first admin
// through a one-time link, slows guessing down, and writes each of these acts
// to the audit log (DOMAIN 8.9).
//
// It keeps no password and no token, only argon2id and SHA-256 hashes of them,
// and it answers an unknown address exactly like a wrong password. Cookies and
// forms are the door's business. Start with Service.Login and Service.Authorize.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/store"
)

// Errors that callers decide on.
var (
	// ErrCredentials is the one answer to an unknown address and to a wrong
	// password.
	ErrCredentials = errors.New("address or password is wrong")
	// ErrSetup means that the setup link is wrong, replaced or used, or that
	// there is a user already.
	ErrSetup = errors.New("setup link is not valid")
)

// Throttled is returned while an account takes no attempts, right or wrong.
type Throttled struct {
	Wait time.Duration // until the next attempt is taken
}

// Error implements error.
func (t *Throttled) Error() string {
	return "too many attempts, wait " + t.Wait.Round(time.Second).String()
}

// Invalid is a refused field: what is wrong and what to do, in plain words.
type Invalid struct {
	Field  string // email, name or password
	Reason string
}

// Error implements error.
func (e *Invalid) Error() string { return e.Field + ": " + e.Reason }

// Config is what a Service needs. Store is required.
type Config struct {
	Store          *store.Store
	Now            func() time.Time // nil means time.Now
	BootstrapToken string           // an API token given by the environment; empty means none
}

// User is a person who may enter the admin pages.
type User struct {
	ID    string
	Email string // lower case
	Name  string
}

// Service is safe for concurrent use.
type Service struct {
	store     *store.Store
	now       func() time.Time
	bootstrap []byte // SHA-256, nil for none
	throttle  *throttle
	hashing   chan struct{} // holds one entry per password being hashed

	mu    sync.Mutex // guards setup, and lets one first admin in at a time
	setup []byte     // SHA-256 of the open setup token, nil for none
}

// hashers bounds how many passwords are hashed at a time: each takes 19 MiB
// and a core, and nobody who is not logged in may take more than that.
const hashers = 2

// New makes a service over a store.
func New(cfg Config) *Service {
	s := &Service{store: cfg.Store, now: cfg.Now, hashing: make(chan struct{}, hashers)}
	if s.now == nil {
		s.now = time.Now
	}
	if cfg.BootstrapToken != "" {
		s.bootstrap = digest(cfg.BootstrapToken)
	}
	s.throttle = &throttle{now: s.now, accounts: make(map[string]attempts)}
	return s
}

// Login checks an address and a password. It returns ErrCredentials or a
// *Throttled when it refuses; both are the same for unknown addresses.
func (s *Service) Login(ctx context.Context, email, password string) (User, error) {
	email = canonical(email)
	if wait := s.throttle.begin(email); wait > 0 {
		return User{}, &Throttled{Wait: wait}
	}
	u, err := s.store.UserByEmail(ctx, email)
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	hash := nobody
	if known {
		hash = u.PasswordHash
	}
	right, err := s.verify(ctx, hash, password)
	if err != nil {
		return User{}, fmt.Errorf("check password: %w", err)
	}
	if !known || !right {
		if err := s.audit(ctx, "anonymous", "login_failed", object(u, email)); err != nil {
			return User{}, err
		}
		return User{}, ErrCredentials
	}
	if err := s.audit(ctx, "admin:"+u.ID, "login_ok", object(u, email)); err != nil {
		return User{}, err
	}
	s.throttle.forget(email)
	return User{ID: u.ID, Email: u.Email, Name: u.Name}, nil
}

// Audit writes one act of an admin, such as opening personal data, to the
// audit log.
func (s *Service) Audit(ctx context.Context, u User, action, object string) error {
	return s.audit(ctx, "admin:"+u.ID, action, object)
}

// object names an account in the audit log without its address. An unknown
// address becomes a short hash, so that repeated guesses can be seen.
func object(u store.User, email string) string {
	if u.ID != "" {
		return "user:" + u.ID
	}
	return "unknown:" + hex.EncodeToString(digest(email))[:12]
}

// AuditActor is Audit for an actor that may be an API token, as Authorize names
// it.
func (s *Service) AuditActor(ctx context.Context, actor, action, object string) error {
	return s.audit(ctx, actor, action, object)
}

func (s *Service) audit(ctx context.Context, actor, action, object string) error {
	e := store.AuditEntry{At: s.now(), Actor: actor, Action: action, Object: object}
	if err := s.store.Audit(ctx, e); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// canonical makes addresses comparable.
func canonical(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func checkEmail(email string) error {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 254 {
		return &Invalid{"email", "Please enter an e-mail address such as name@example.com."}
	}
	return nil
}

func checkName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return &Invalid{"name", "Please enter your name."}
	case n > 200:
		return &Invalid{"name", "Please use at most 200 characters."}
	}
	return nil
}

// secret makes 32 random bytes in URL-safe letters.
func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

func digest(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}
