package advisor

import (
	"context"
	"encoding/json"
	"errors"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// keptAnswers is how many answers are kept.
const keptAnswers = 5000

// cache remembers answers of the model by the hash of what was asked. They are
// not reviewed: every use reviews them anew. They lie in the database alone,
// because an answer may quote its client: there an erasure finds all of them, also
// one made by another process. Reading one costs much less than the turn.
type cache struct{ store *store.Store }

// get finds an answer. One that cannot be read is as good as none.
func (c cache) get(ctx context.Context, hash string) (advice.Advice, bool) {
	raw, err := c.store.CachedAdvice(ctx, hash)
	if err != nil {
		return advice.Advice{}, false
	}
	var a advice.Advice
	return a, json.Unmarshal(raw, &a) == nil
}

// put keeps an answer, and reports whether its session is still there: it may
// have been erased while the model was thinking. An answer that is not kept for
// another reason is asked again.
func (c cache) put(ctx context.Context, id event.SessionID, hash string, a advice.Advice) (there bool) {
	raw, err := json.Marshal(a)
	if err != nil {
		return true
	}
	return !errors.Is(c.store.KeepAdvice(context.WithoutCancel(ctx), id, hash, raw, keptAnswers), store.ErrNotFound)
}
