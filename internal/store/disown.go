package store

import (
	"fmt"

	"applicreations.com/introspect/internal/event"
)

// disown stops counting what came from outside under a server-only name before
// the server began to conduct the session, and what outside events said about
// its visitor being a program.
func (t *tx) disown(id event.SessionID) error {
	t.w.hot.drop(id) // it is conducted from now on
	changed, err := t.disownChunks(id)
	if err != nil {
		return err
	}
	if l := t.group[id]; l != nil {
		changed = true
	}
	if w, err := t.warm(id); err != nil || !changed || w.pruned {
		return err
	}
	t.of(id).disowned = true
	return t.relearn(id, true)
}

// disownChunks does it for the events on disk, and reports whether anything
// may count differently now.
func (t *tx) disownChunks(id event.SessionID) (changed bool, err error) {
	again := make(map[int64][]byte)
	err = t.each(`SELECT n, events FROM event_chunks WHERE session_id = $1`, []any{string(id)}, func(r scanner) error {
		var n int64
		var events []byte
		if err := r.Scan(&n, &events); err != nil {
			return err
		}
		list := []byte{'['}
		rewritten := false
		err := event.ReadKept(id, events, func(k event.Kept) bool {
			d := disowned(k)
			rewritten = rewritten || d.Counted != k.Counted
			changed = changed || d.Counted != k.Counted || k.Bot != "" && k.Outside && k.Counted
			list = event.AppendKept(list, d.Marks, event.Tail(&d.Event))
			return true
		})
		if rewritten {
			again[n] = list
		}
		return err
	})
	if err != nil {
		return false, err
	}
	for n, list := range again {
		if err := t.run(`UPDATE event_chunks SET events = $1 WHERE session_id = $2 AND n = $3`, string(list)+"]", string(id), n); err != nil {
			return false, fmt.Errorf("stop counting events of session %s: %w", id, err)
		}
	}
	return changed, nil
}

// disowned is an event as it counts once the server conducts its session.
func disowned(k event.Kept) event.Kept {
	k.Counted = k.Counted && (!k.Outside || !k.Name.ServerOnly())
	return k
}
