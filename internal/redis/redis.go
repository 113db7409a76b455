// Package redis speaks to one Redis server: whether it answers (S18), and limits
// that several processes share. It keeps nothing there that may not be lost.
// Start with Open, Client.Check and Client.Take.
package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// Client is a small connection pool to one server. Close ends it.
type Client struct {
	rdb    *redis.Client
	limits *redis_rate.Limiter
}

// silent keeps the library quiet.
type silent struct{}

// Printf writes nothing.
func (silent) Printf(context.Context, string, ...any) {}

// Silence keeps the library from writing lines in a form of its own to standard
// error, for the whole process: every failure comes back as an error, and the
// check reports it. Call it once, before Open.
func Silence() { redis.SetLogger(silent{}) }

// Open reads a URL such as redis://user:password@host:6379/0 or rediss://...
// It does not connect; Check does. The error does not repeat the URL, which
// may hold a password.
func Open(url string) (*Client, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("read redis address: want redis://[user:password@]host:port[/database]")
	}
	opt.ContextTimeoutEnabled = true
	opt.DialTimeout = 5 * time.Second
	opt.MaxRetries = -1        // the next probe is the retry
	opt.DisableIdentity = true // no CLIENT SETINFO: a probe needs no name
	opt.PoolSize = 4
	rdb := redis.NewClient(opt)
	return &Client{rdb: rdb, limits: redis_rate.NewLimiter(rdb)}, nil
}

// Check pings the server within the context's deadline (S18).
func (c *Client) Check(ctx context.Context) error {
	if err := c.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

// takeWait bounds a question about a limit: whoever asks has a client in front
// of a screen.
const takeWait = 250 * time.Millisecond

// Take uses one of so many permits a minute that all processes on this server
// share under a name. A wait above zero means that there is none left before it
// is over. After an error nothing is known, and the caller's own limit decides.
func (c *Client) Take(ctx context.Context, name string, perMinute uint) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, takeWait)
	defer cancel()
	got, err := c.limits.Allow(ctx, "introspect:limit:"+name, redis_rate.PerMinute(int(min(perMinute, 1<<30))))
	if err != nil {
		return 0, fmt.Errorf("ask redis for the limit %s: %w", name, err)
	}
	if got.Allowed > 0 {
		return 0, nil
	}
	return max(got.RetryAfter, time.Millisecond), nil
}

// Close ends the pool.
func (c *Client) Close() error {
	if err := c.rdb.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}
