package advisor

import (
	"container/list"
	"context"
	"encoding/json"
	"sync"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/store"
)

// How many answers are kept, in memory and in the database.
const (
	hotAnswers  = 512
	keptAnswers = 5000
)

// cache remembers answers of the model by the hash of what was asked. They are
// not reviewed: every use reviews them anew.
type cache struct {
	store *store.Store

	mu    sync.Mutex
	order *list.List // of cached, the latest used first
	byKey map[string]*list.Element
}

type cached struct {
	hash   string
	answer advice.Advice
}

func newCache(st *store.Store) *cache {
	return &cache{store: st, order: list.New(), byKey: map[string]*list.Element{}}
}

// get finds an answer. One that cannot be read is as good as none.
func (c *cache) get(ctx context.Context, hash string) (advice.Advice, bool) {
	c.mu.Lock()
	if e, ok := c.byKey[hash]; ok {
		c.order.MoveToFront(e)
		hit, isOurs := e.Value.(cached)
		c.mu.Unlock()
		return hit.answer, isOurs
	}
	c.mu.Unlock()
	raw, err := c.store.CachedAdvice(ctx, hash)
	if err != nil {
		return advice.Advice{}, false
	}
	var a advice.Advice
	if json.Unmarshal(raw, &a) != nil {
		return advice.Advice{}, false
	}
	c.warm(hash, a)
	return a, true
}

// put keeps an answer. One that is not kept is asked again.
func (c *cache) put(ctx context.Context, hash string, a advice.Advice) {
	c.warm(hash, a)
	if raw, err := json.Marshal(a); err == nil {
		_ = c.store.KeepAdvice(context.WithoutCancel(ctx), hash, raw, keptAnswers) // see above
	}
}

func (c *cache) warm(hash string, a advice.Advice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[hash]; ok {
		return
	}
	c.byKey[hash] = c.order.PushFront(cached{hash, a})
	if c.order.Len() > hotAnswers {
		if last, ok := c.order.Remove(c.order.Back()).(cached); ok {
			delete(c.byKey, last.hash)
		}
	}
}
