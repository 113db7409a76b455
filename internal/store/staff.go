package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// User is a member of the agency who may log in.
type User struct {
	ID           string
	Email        string // compared without regard to case
	Name         string
	PasswordHash string
	CreatedAt    time.Time
}

// CreateUser adds a user. The error is ErrExists when the id or the e-mail
// address is taken.
func (s *Store) CreateUser(ctx context.Context, u User) error {
	err := s.w.do(ctx, func(w *tx) error {
		return added(w.exec(`INSERT INTO users (id, email, name, password_hash, created_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			u.ID, address(u.Email), u.Name, u.PasswordHash, u.CreatedAt.UnixMilli()))
	})
	if err != nil {
		return fmt.Errorf("create user %s: %w", u.ID, err)
	}
	return nil
}

// UserByEmail finds a user. The error is ErrNotFound when there is none.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return s.user(ctx, "email", address(email))
}

// User finds a user by id. The error is ErrNotFound when there is none.
func (s *Store) User(ctx context.Context, id string) (User, error) { return s.user(ctx, "id", id) }

func (s *Store) user(ctx context.Context, column, value string) (User, error) {
	var u User
	var created int64
	err := s.read.QueryRowContext(ctx, `SELECT id, email, name, password_hash, created_at FROM users WHERE `+column+` = $1`,
		value).Scan(&u.ID, &u.Email, &u.Name, &u.PasswordHash, &created)
	if err != nil {
		return User{}, fmt.Errorf("find user by %s: %w", column, explain(found(err)))
	}
	u.CreatedAt = time.UnixMilli(created).UTC()
	return u, nil
}

// Users lists all users, the oldest first, without their passwords.
func (s *Store) Users(ctx context.Context) (all []User, err error) {
	err = s.each(ctx, `SELECT id, email, name, created_at FROM users ORDER BY created_at, id`, nil, func(r scanner) error {
		var u User
		var created int64
		err := r.Scan(&u.ID, &u.Email, &u.Name, &created)
		u.CreatedAt = time.UnixMilli(created).UTC()
		all = append(all, u)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return all, nil
}

// UserCount tells how many users there are.
func (s *Store) UserCount(ctx context.Context) (int, error) {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", explain(err))
	}
	return n, nil
}

// address is the form in which e-mail addresses are kept and looked up.
func address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// Token is an API token of the agency, known by the hash of its secret.
type Token struct {
	ID        string
	Name      string
	Hash      []byte
	CreatedAt time.Time
}

// CreateToken adds a token. The error is ErrExists when the id or the hash is
// taken.
func (s *Store) CreateToken(ctx context.Context, t Token) error {
	err := s.w.do(ctx, func(w *tx) error {
		return added(w.exec(`INSERT INTO tokens (id, name, hash, created_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, t.ID, t.Name, present(t.Hash), t.CreatedAt.UnixMilli()))
	})
	if err != nil {
		return fmt.Errorf("create token %s: %w", t.ID, err)
	}
	return nil
}

// TokenByHash finds a token. The error is ErrNotFound when there is none.
func (s *Store) TokenByHash(ctx context.Context, hash []byte) (Token, error) {
	t, err := scanToken(s.read.QueryRowContext(ctx, `SELECT id, name, hash, created_at FROM tokens WHERE hash = $1`, present(hash)))
	if err != nil {
		return Token{}, fmt.Errorf("find token: %w", explain(found(err)))
	}
	return t, nil
}

// Tokens lists all tokens, the oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	var out []Token
	err := s.each(ctx, `SELECT id, name, hash, created_at FROM tokens ORDER BY created_at, id`, nil, func(r scanner) error {
		t, err := scanToken(r)
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return out, nil
}

func scanToken(r scanner) (Token, error) {
	var t Token
	var created int64
	err := r.Scan(&t.ID, &t.Name, &t.Hash, &created)
	t.CreatedAt = time.UnixMilli(created).UTC()
	return t, err
}

// DeleteToken removes a token. The error is ErrNotFound when there is none.
func (s *Store) DeleteToken(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error { return changed(w.exec(`DELETE FROM tokens WHERE id = $1`, id)) })
	if err != nil {
		return fmt.Errorf("delete token %s: %w", id, err)
	}
	return nil
}

// added turns "the row was there already" into ErrExists.
func added(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrExists
	}
	return err
}

// AdminSessions keeps the logins of the staff. It is an scs.Store and an
// scs.CtxStore; the data are sealed and bound to their token.
type AdminSessions struct{ s *Store }

// AdminSessions returns the store of the staff's logins.
func (s *Store) AdminSessions() *AdminSessions { return &AdminSessions{s} }

// FindCtx returns the data of a token. An unknown, expired or unreadable one
// is not found; the error means that the database could not be asked.
func (a *AdminSessions) FindCtx(ctx context.Context, token string) (data []byte, ok bool, err error) {
	var sealed []byte
	err = a.s.read.QueryRowContext(ctx, `SELECT data FROM admin_sessions WHERE token = $1 AND expiry > $2`,
		token, a.s.now().UnixMilli()).Scan(&sealed)
	if err := found(err); errors.Is(err, ErrNotFound) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, fmt.Errorf("find login: %w", explain(err))
	}
	data, err = a.s.keys.Open(sealed, place("admin_sessions.data", token))
	if err != nil {
		return nil, false, nil //nolint:nilerr // sealed with a key that is gone: the user logs in again
	}
	return data, true, nil
}

// CommitCtx stores the data of a token until expiry, and removes what has
// expired by now.
func (a *AdminSessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	sealed, err := a.s.keys.Seal(data, place("admin_sessions.data", token))
	if err != nil {
		return fmt.Errorf("store login: %w", err)
	}
	err = a.s.w.do(ctx, func(w *tx) error {
		if err := w.run(`DELETE FROM admin_sessions WHERE expiry <= $1`, a.s.now().UnixMilli()); err != nil {
			return err
		}
		return w.run(`INSERT INTO admin_sessions (token, data, expiry) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`,
			token, sealed, expiry.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("store login: %w", err)
	}
	return nil
}

// DeleteCtx removes a token, if it is there.
func (a *AdminSessions) DeleteCtx(ctx context.Context, token string) error {
	err := a.s.w.do(ctx, func(w *tx) error { return w.run(`DELETE FROM admin_sessions WHERE token = $1`, token) })
	if err != nil {
		return fmt.Errorf("delete login: %w", err)
	}
	return nil
}

// Find is FindCtx for callers without a context, as scs.Store demands.
func (a *AdminSessions) Find(token string) (data []byte, ok bool, err error) {
	return a.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context, as scs.Store demands.
func (a *AdminSessions) Commit(token string, data []byte, expiry time.Time) error {
	return a.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context, as scs.Store demands.
func (a *AdminSessions) Delete(token string) error {
	return a.DeleteCtx(context.Background(), token)
}
