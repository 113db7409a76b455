package store

import "sync"

// watchers tells whoever listens that something was committed. A signal that
// nobody took yet stands for all later ones.
type watchers struct {
	mu   sync.Mutex
	list map[chan struct{}]struct{}
}

func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.list {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that gets a signal after commits, several of which
// may share one, and a function that ends it.
func (s *Store) Watch() (changed <-chan struct{}, stop func()) {
	return s.w.watchers.watch()
}

func (w *watchers) watch() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.list == nil {
		w.list = make(map[chan struct{}]struct{})
	}
	w.list[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.list, c)
	}
}
