package account_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const (
	address  = "david@example.com"
	password = "seven purple otters"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type world struct {
	*account.Service
	store *store.Store
	clock *clock
}

func newWorld(tb testing.TB) world {
	tb.Helper()
	w := world{store: storetest.New(tb), clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}}
	w.Service = account.New(account.Config{Store: w.store, Now: w.clock.Now, BootstrapToken: "bootstrap-secret"})
	return w
}

// withAdmin makes the first admin.
func withAdmin(tb testing.TB) (world, account.User) {
	tb.Helper()
	w := newWorld(tb)
	token, needed, err := w.SetupLink(tb.Context())
	if err != nil || !needed {
		tb.Fatalf("SetupLink() = needed %v, %v; want true, nil", needed, err)
	}
	u, err := w.CreateFirst(tb.Context(), token, address, "David Moore", password)
	if err != nil {
		tb.Fatalf("CreateFirst() = %v, want nil", err)
	}
	return w, u
}

// actions lists the audit log, oldest first, as "actor action object".
func (w world) actions(tb testing.TB) []string {
	tb.Helper()
	entries, err := w.store.AuditLog(tb.Context(), 100)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append([]string{e.Actor + " " + e.Action + " " + e.Object}, out...)
	}
	return out
}

func TestLogin(t *testing.T) {
	t.Parallel()
	w, admin := withAdmin(t)
	for _, tt := range []struct {
		name, email, password string
		want                  error
	}{
		{"the right password", address, password, nil},
		{"an address in another case and with blanks", "  David@Example.COM ", password, nil},
		{"a wrong password", address, password + "!", account.ErrCredentials},
		{"an empty password", address, "", account.ErrCredentials},
		{"an unknown address", "eve@example.com", password, account.ErrCredentials},
		{"an empty address", "", password, account.ErrCredentials},
		{"a password of a megabyte", address, strings.Repeat("x", 1<<20), account.ErrCredentials},
	} {
		u, err := w.Login(t.Context(), tt.email, tt.password)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: Login() err = %v, want %v", tt.name, err, tt.want)
		}
		want := account.User{}
		if tt.want == nil {
			want = account.User{ID: admin.ID, Email: address, Name: "David Moore"}
		}
		if diff := cmp.Diff(want, u); diff != "" {
			t.Errorf("%s: Login() mismatch (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestLoginIsAudited(t *testing.T) {
	t.Parallel()
	w, admin := withAdmin(t)
	w.Login(t.Context(), address, "wrong")
	w.clock.Advance(time.Second)
	w.Login(t.Context(), "eve@example.com", "wrong")
	w.clock.Advance(time.Second)
	w.Login(t.Context(), address, password)
	w.clock.Advance(time.Second)
	if err := w.Audit(t.Context(), admin, "session_read", "session:42"); err != nil {
		t.Fatal(err)
	}
	got := w.actions(t)
	want := []string{
		"setup user_created user:" + admin.ID,
		"anonymous login_failed user:" + admin.ID,
		"anonymous login_failed unknown:",
		"admin:" + admin.ID + " login_ok user:" + admin.ID,
		"admin:" + admin.ID + " session_read session:42",
	}
	if len(got) == len(want) {
		got[2] = got[2][:len(want[2])] // the hash of the address
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("audit log mismatch (-want +got):\n%s", diff)
	}
	if all := strings.Join(w.actions(t), " "); strings.Contains(all, "@") || strings.Contains(all, "wrong") {
		t.Errorf("audit log %q contains an address or a password", all)
	}
}

// An answer without hashing takes microseconds; hashing 19 MiB twice cannot
// take less than the bound on any machine.
func TestUnknownAddressIsHashedToo(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	fastest := time.Hour
	for range 4 {
		start := time.Now()
		if _, err := w.Login(t.Context(), "eve@example.com", "wrong"); !errors.Is(err, account.ErrCredentials) {
			t.Fatalf("Login(unknown address) err = %v, want ErrCredentials", err)
		}
		fastest = min(fastest, time.Since(start))
	}
	if fastest < 2*time.Millisecond {
		t.Errorf("an unknown address is answered in %s, without hashing: the time tells who is registered", fastest)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"a known address": address, "an unknown address": "eve@example.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := withAdmin(t)
			wrong := func() error {
				_, err := w.Login(t.Context(), email, "wrong")
				return err
			}
			for i := range 5 {
				if err := wrong(); !errors.Is(err, account.ErrCredentials) {
					t.Fatalf("attempt %d: err = %v, want ErrCredentials", i+1, err)
				}
			}
			// Each further attempt waits twice as long, 15 minutes at most.
			for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
				var th *account.Throttled
				if err := wrong(); !errors.As(err, &th) || th.Wait != wait {
					t.Fatalf("attempt during the wait: err = %v, want Throttled for %s", err, wait)
				}
				w.clock.Advance(wait - time.Nanosecond)
				if err := wrong(); !errors.As(err, &th) {
					t.Fatalf("attempt just before the end: err = %v, want Throttled", err)
				}
				w.clock.Advance(time.Nanosecond)
				if err := wrong(); !errors.Is(err, account.ErrCredentials) {
					t.Fatalf("attempt after %s: err = %v, want ErrCredentials", wait, err)
				}
			}
		})
	}
}

func TestThrottleHoldsTheRightPasswordToo(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	for range 5 {
		w.Login(t.Context(), address, "wrong")
	}
	var th *account.Throttled
	if _, err := w.Login(t.Context(), address, password); !errors.As(err, &th) {
		t.Fatalf("right password during the wait: err = %v, want Throttled", err)
	}
	if _, err := w.Login(t.Context(), "eve@example.com", "x"); errors.As(err, &th) {
		t.Errorf("another account is throttled too: %v", err)
	}
	w.clock.Advance(30 * time.Second)
	if _, err := w.Login(t.Context(), address, password); err != nil {
		t.Fatalf("right password after the wait: err = %v, want nil", err)
	}
	for i := range 5 { // a success forgives what was before
		if _, err := w.Login(t.Context(), address, "wrong"); !errors.Is(err, account.ErrCredentials) {
			t.Errorf("attempt %d after a success: err = %v, want ErrCredentials", i+1, err)
		}
	}
}

func TestThrottleForgetsAfterAnHour(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	for range 5 {
		w.Login(t.Context(), address, "wrong")
	}
	w.clock.Advance(time.Hour + time.Second)
	for i := range 5 {
		if _, err := w.Login(t.Context(), address, "wrong"); !errors.Is(err, account.ErrCredentials) {
			t.Errorf("attempt %d an hour later: err = %v, want ErrCredentials", i+1, err)
		}
	}
}

// Addresses that somebody makes up do not fill the memory: of ten thousand and one the
// one that was tried longest ago is forgotten, and those that are forgiven go before it.
func TestThrottleIsBounded(t *testing.T) {
	t.Parallel()
	const most = 10_000
	w := newWorld(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // the attempt counts, and costs nothing
	try := func(email string) (throttled bool) {
		var th *account.Throttled
		_, err := w.Login(gone, email, "wrong")
		return errors.As(err, &th)
	}
	lock := func(email string) {
		for range 5 {
			try(email)
		}
	}
	others := 0
	crowd := func(n int) {
		for range n {
			others++
			try(strconv.Itoa(others) + "@example.com")
		}
	}
	crowd(100)
	w.clock.Advance(time.Hour + time.Minute) // the hundred are forgiven
	lock("oldest@example.com")
	w.clock.Advance(time.Second)
	crowd(most - 2)
	w.clock.Advance(time.Second)
	lock("newest@example.com")
	if !try("oldest@example.com") || !try("newest@example.com") {
		t.Fatal("an account is forgotten although there is room without those that are forgiven")
	}
	crowd(1)
	if try("oldest@example.com") {
		t.Error("ten thousand and one accounts are remembered")
	}
	if !try("newest@example.com") {
		t.Error("an account that was tried just now is forgotten")
	}
}

// Attempts at the same moment must not slip through before the first of them
// is judged.
func TestThrottleCountsParallelAttempts(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	var taken, refused int
	var mu sync.Mutex
	var running sync.WaitGroup
	for range 12 {
		running.Go(func() {
			_, err := w.Login(t.Context(), address, "wrong")
			var th *account.Throttled
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, account.ErrCredentials):
				taken++
			case errors.As(err, &th):
				refused++
			default:
				t.Errorf("Login() err = %v", err)
			}
		})
	}
	running.Wait()
	if taken != 5 || refused != 7 {
		t.Errorf("of 12 parallel attempts %d were taken and %d refused, want 5 and 7", taken, refused)
	}
}

func TestPasswordsAreKeptAsArgon2id(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	u, err := w.store.UserByEmail(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(u.PasswordHash, want) {
		t.Errorf("stored hash = %q, want it to begin with %q", u.PasswordHash, want)
	}
	if strings.Contains(u.PasswordHash, password) {
		t.Error("the stored hash contains the password")
	}
}

// A damaged row is an error to look into, neither a panic nor a wrong password.
func TestDamagedHash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, hash := range []string{
		"", "plain", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
		"$argon2id$v=19$m=19456,t=2,p=1$!$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$!", "$argon2id$v=19$cheap$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=65,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=16$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		email := string(rune('a'+i)) + "@example.com"
		if err := w.store.CreateUser(t.Context(), store.User{ID: email, Email: email, PasswordHash: hash, CreatedAt: w.clock.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Login(t.Context(), email, password); err == nil || errors.Is(err, account.ErrCredentials) {
			t.Errorf("Login(hash %q) err = %v, want an error about the hash", hash, err)
		}
	}
}

func TestLoginWithoutDatabase(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Login(t.Context(), address, password); err == nil || errors.Is(err, account.ErrCredentials) {
		t.Errorf("Login(closed store) err = %v, want an error about the store", err)
	}
	if actor, ok := w.Authorize(t.Context(), "isp_anything"); ok {
		t.Errorf("Authorize(closed store) = %q, want nobody", actor)
	}
}

func TestLoginGivesUpWithItsRequest(t *testing.T) {
	t.Parallel()
	w, _ := withAdmin(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Login(ctx, address, password); err == nil {
		t.Error("Login(cancelled request) = nil, want an error")
	}
}
