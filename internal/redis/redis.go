// Package redis speaks to one Redis server. So far it only asks whether the
// server answers (S18): limits and the bus live in process until more than
// one node runs. It keeps no data there. Start with Open and Client.Check.
package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Client is a small connection pool to one server. Close ends it.
type Client struct {
	rdb *redis.Client
}

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
	opt.PoolSize = 2
	return &Client{rdb: redis.NewClient(opt)}, nil
}

// Check pings the server within the context's deadline (S18).
func (c *Client) Check(ctx context.Context) error {
	if err := c.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping redis: %w", err)
	}
	return nil
}

// Close ends the pool.
func (c *Client) Close() error {
	if err := c.rdb.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}
