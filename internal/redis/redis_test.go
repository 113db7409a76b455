package redis_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"applicreations.com/introspect/internal/redis"
)

// server is the smallest thing that speaks the Redis protocol: it answers
// each command by a table.
type server struct {
	addr string
	mu   sync.Mutex
	seen []string
}

func serve(tb testing.TB, answer func(command []string) string) *server {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &server{addr: l.Addr().String()}
	var running sync.WaitGroup
	var conns sync.Map
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, true)
			running.Go(func() { s.talk(conn, answer) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		conns.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); return true })
		running.Wait()
	})
	return s
}

func (s *server) talk(conn net.Conn, answer func([]string) string) {
	defer conn.Close()
	for r := bufio.NewReader(conn); ; {
		command, err := readCommand(r)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, strings.Join(command, " "))
		s.mu.Unlock()
		if _, err := io.WriteString(conn, answer(command)); err != nil {
			return
		}
	}
}

// readCommand reads an array of bulk strings, the only form clients send.
func readCommand(r *bufio.Reader) ([]string, error) {
	line := func(prefix string) (int, error) {
		s, err := r.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(s), prefix))
	}
	n, err := line("*")
	if err != nil {
		return nil, err
	}
	command := make([]string, n)
	for i := range command {
		size, err := line("$")
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		command[i] = string(b[:size])
	}
	return command, nil
}

// well answers like a healthy server of an old version, without HELLO.
func well(command []string) string {
	switch strings.ToUpper(command[0]) {
	case "PING":
		return "+PONG\r\n"
	case "AUTH":
		return "+OK\r\n"
	}
	return "-ERR unknown command\r\n"
}

func open(tb testing.TB, url string) *redis.Client {
	tb.Helper()
	c, err := redis.Open(url)
	if err != nil {
		tb.Fatalf("Open(%s) = %v", url, err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Errorf("Close() = %v", err)
		}
	})
	return c
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := serve(t, well)
	c := open(t, "redis://"+s.addr+"/0")
	for range 2 { // the second uses the pooled connection
		if err := c.Check(t.Context()); err != nil {
			t.Fatalf("Check(healthy server) = %v, want nil", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.seen[len(s.seen)-1]; !strings.EqualFold(last, "ping") {
		t.Errorf("last command = %q of %q, want PING", last, s.seen)
	}
}

func TestCheckFails(t *testing.T) {
	t.Parallel()
	const password = "hunter-2-secret"
	for name, answer := range map[string]func([]string) string{
		"server that is loading":   func([]string) string { return "-LOADING Redis is loading the dataset in memory\r\n" },
		"server with another word": func([]string) string { return "-WRONGPASS invalid username-password pair\r\n" },
		"server that talks noise":  func([]string) string { return "HTTP/1.1 400 Bad Request\r\n\r\n" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, answer)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err := open(t, fmt.Sprintf("redis://user:%s@%s/0", password, s.addr)).Check(ctx)
			if err == nil {
				t.Fatal("Check() = nil, want an error")
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("error %q gives the password away", err)
			}
		})
	}
}

func TestCheckEndsWithTheDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, func([]string) string { return "" })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := open(t, "redis://"+s.addr).Check(ctx); err == nil {
		t.Error("Check(hanging server) = nil, want an error")
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("Check(hanging server) took %s, want it to end with the deadline of 50ms", took)
	}
}

func TestCheckRefused(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if err := open(t, "redis://"+addr).Check(t.Context()); err == nil {
		t.Error("Check(nobody listens) = nil, want an error")
	}
}

func TestOpenKeepsThePasswordToItself(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://user:hunter-2-secret@host", "redis://user:hunter-2-secret@host:port/x", "", "redis://%zz:hunter-2-secret@"} {
		c, err := redis.Open(url)
		if err == nil {
			c.Close()
			t.Errorf("Open(%q) = nil, want an error", url)
			continue
		}
		if strings.Contains(err.Error(), "hunter-2-secret") {
			t.Errorf("error %q gives the password away", err)
		}
	}
}

// Two processes share one limit; a third name has its own.
func TestTake(t *testing.T) {
	t.Parallel()
	vendor := miniredis.RunT(t)
	a, b := open(t, "redis://"+vendor.Addr()), open(t, "redis://"+vendor.Addr())
	taken := 0
	for i := range 12 {
		wait, err := []*redis.Client{a, b}[i%2].Take(t.Context(), "claude", 5)
		if err != nil {
			t.Fatal(err)
		}
		if wait == 0 {
			taken++
		} else if wait > time.Minute {
			t.Errorf("wait = %s, want at most a minute", wait)
		}
	}
	if taken != 5 {
		t.Errorf("two processes took %d of 5 calls", taken)
	}
	if wait, err := a.Take(t.Context(), "other", 5); err != nil || wait != 0 {
		t.Errorf("another limit: wait %s, %v, want none", wait, err)
	}
	vendor.Close()
	if _, err := a.Take(t.Context(), "claude", 5); err == nil {
		t.Error("Take without a server says nothing of it")
	}
}

// A server that does not answer holds nobody up.
func TestTakeEnds(t *testing.T) {
	t.Parallel()
	silent := serve(t, func([]string) string { return "" })
	begun := make(chan error, 1)
	go func() {
		_, err := open(t, "redis://"+silent.addr).Take(t.Context(), "claude", 5)
		begun <- err
	}()
	if err := <-begun; err == nil {
		t.Errorf("Take = %v, want an error", err)
	}
}

// TestSilence runs itself once more as a process whose standard error is read:
// the library writes there when a server cannot be reached.
func TestSilence(t *testing.T) {
	t.Parallel()
	if os.Getenv("INTROSPECT_TEST_CHILD") != "" {
		redis.Silence()
		c, err := redis.Open("redis://127.0.0.1:1/0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Check(t.Context()); err == nil {
			t.Fatal("a server answers on port 1")
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSilence$") // #nosec G204 G702 -- this test itself
	cmd.Env = append(os.Environ(), "INTROSPECT_TEST_CHILD=1")
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil || said.String() != "" {
		t.Errorf("it ended with %v and wrote %q", err, said.String())
	}
}
