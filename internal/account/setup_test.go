package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/store"
)

func TestSetupHappensOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, needed, err := w.SetupLink(t.Context())
	if err != nil || !needed || len(token) != 43 {
		t.Fatalf("SetupLink() = %q, %v, %v; want 43 letters, true, nil", token, needed, err)
	}
	if open, err := w.SetupOpen(t.Context(), token); err != nil || !open {
		t.Fatalf("SetupOpen(new token) = %v, %v; want true, nil", open, err)
	}
	u, err := w.CreateFirst(t.Context(), token, " David@Example.com ", " David Moore ", password)
	if err != nil {
		t.Fatalf("CreateFirst() = %v, want nil", err)
	}
	if u.Email != address || u.Name != "David Moore" || u.ID == "" {
		t.Errorf("CreateFirst() = %+v, want a clean address and name and an id", u)
	}
	if _, err := w.CreateFirst(t.Context(), token, "eve@example.com", "Eve", password); !errors.Is(err, account.ErrSetup) {
		t.Errorf("CreateFirst(used token) err = %v, want ErrSetup", err)
	}
	if open, err := w.SetupOpen(t.Context(), token); err != nil || open {
		t.Errorf("SetupOpen(used token) = %v, %v; want false, nil", open, err)
	}
	if token, needed, err := w.SetupLink(t.Context()); err != nil || needed || token != "" {
		t.Errorf("SetupLink(with a user) = %q, %v, %v; want none", token, needed, err)
	}
	if n, err := w.store.UserCount(t.Context()); err != nil || n != 1 {
		t.Errorf("UserCount() = %d, %v; want 1", n, err)
	}
}

func TestSetupRefusesOtherTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, token := range []string{"", "guess"} {
		if _, err := w.CreateFirst(t.Context(), token, address, "D", password); !errors.Is(err, account.ErrSetup) {
			t.Errorf("CreateFirst(%q, before any link) err = %v, want ErrSetup", token, err)
		}
	}
	old, _, err := w.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fresh, _, err := w.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"empty": "", "guessed": fresh + "x", "replaced": old} {
		if _, err := w.CreateFirst(t.Context(), token, address, "D", password); !errors.Is(err, account.ErrSetup) {
			t.Errorf("CreateFirst(%s token) err = %v, want ErrSetup", name, err)
		}
		if open, err := w.SetupOpen(t.Context(), token); err != nil || open {
			t.Errorf("SetupOpen(%s token) = %v, %v; want false, nil", name, open, err)
		}
	}
}

// Another process may have made a user since the link was printed.
func TestSetupClosesWithTheFirstUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _, err := w.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.CreateUser(t.Context(), store.User{ID: "other", Email: "other@example.com", PasswordHash: "x", CreatedAt: w.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if open, err := w.SetupOpen(t.Context(), token); err != nil || open {
		t.Errorf("SetupOpen(with a user) = %v, %v; want false, nil", open, err)
	}
	if _, err := w.CreateFirst(t.Context(), token, address, "David", password); !errors.Is(err, account.ErrSetup) {
		t.Errorf("CreateFirst(with a user) err = %v, want ErrSetup", err)
	}
}

func TestSetupFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _, err := w.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, email, person, password, field string }{
		{"no address", "", "David", password, "email"},
		{"an address without a host", "david", "David", password, "email"},
		{"an address with a name around it", "David <david@example.com>", "David", password, "email"},
		{"an address of 255 characters", strings.Repeat("a", 243) + "@example.com", "David", password, "email"},
		{"no name", address, "  ", password, "name"},
		{"a name of 201 characters", address, strings.Repeat("é", 201), password, "name"},
		{"a password of 11 characters", address, "David", "éléphants11", "password"},
		{"a password like the address", address, "David", "DAVID@example.com", "password"},
		{"a password of 1,025 bytes", address, "David", strings.Repeat("x", 1025), "password"},
	} {
		_, err := w.CreateFirst(t.Context(), token, tt.email, tt.person, tt.password)
		var invalid *account.Invalid
		if !errors.As(err, &invalid) || invalid.Field != tt.field || !strings.HasPrefix(invalid.Reason, "Please ") {
			t.Errorf("%s: CreateFirst() err = %v, want Invalid %s with a request", tt.name, err, tt.field)
		}
	}
	// The link still works, and the shortest password is 12 characters.
	if _, err := w.CreateFirst(t.Context(), token, address, "David", "éléphants123"); err != nil {
		t.Errorf("CreateFirst(12 characters, after mistakes) err = %v, want nil", err)
	}
}

func TestSetupByTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _, err := w.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	made := 0
	var running sync.WaitGroup
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		running.Go(func() {
			_, err := w.CreateFirst(t.Context(), token, email, "Somebody", password)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if !errors.Is(err, account.ErrSetup) {
				t.Errorf("CreateFirst() err = %v, want nil or ErrSetup", err)
			}
		})
	}
	running.Wait()
	if made != 1 {
		t.Errorf("%d admins were made with one link, want 1", made)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain, err := w.CreateToken(t.Context(), " Grafana ")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(plain, "isp_") || len(plain) != 47 {
		t.Errorf("CreateToken() = %q, want isp_ and 43 letters", plain)
	}
	rows, err := w.store.Tokens(t.Context())
	if err != nil || len(rows) != 1 {
		t.Fatalf("Tokens() = %v, %v; want one", rows, err)
	}
	if rows[0].Name != "Grafana" || len(rows[0].Hash) != 32 || strings.Contains(string(rows[0].Hash), plain) {
		t.Errorf("stored token = %+v, want name Grafana and a SHA-256", rows[0])
	}
	for _, tt := range []struct {
		name, bearer, actor string
	}{
		{"the token", plain, "token:" + rows[0].ID},
		{"the bootstrap token", "bootstrap-secret", "bootstrap token"},
		{"nothing", "", ""},
		{"the token without its prefix", strings.TrimPrefix(plain, "isp_"), ""},
		{"the token with one more letter", plain + "x", ""},
		{"a piece of the bootstrap token", "bootstrap", ""},
		{"the stored hash itself", "isp_" + string(rows[0].Hash), ""},
	} {
		if actor, ok := w.Authorize(t.Context(), tt.bearer); actor != tt.actor || ok != (tt.actor != "") {
			t.Errorf("Authorize(%s) = %q, %v; want %q", tt.name, actor, ok, tt.actor)
		}
	}
	if err := w.store.DeleteToken(t.Context(), rows[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.Authorize(t.Context(), plain); ok {
		t.Error("Authorize(deleted token) = true, want false")
	}
	if got, want := w.actions(t)[0], "system token_created token:"+rows[0].ID; got != want {
		t.Errorf("audit entry = %q, want %q", got, want)
	}
}

func TestNoBootstrapTokenOpensNothing(t *testing.T) {
	t.Parallel()
	s := account.New(account.Config{Store: newWorld(t).store})
	if actor, ok := s.Authorize(t.Context(), ""); ok {
		t.Errorf("Authorize(nothing, no bootstrap token) = %q, want nobody", actor)
	}
}

func TestTokenNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"", "  ", strings.Repeat("x", 101)} {
		var invalid *account.Invalid
		if _, err := w.CreateToken(t.Context(), name); !errors.As(err, &invalid) || invalid.Field != "name" {
			t.Errorf("CreateToken(%d letters) err = %v, want Invalid name", len(name), err)
		}
	}
}
