package vitals

import (
	"time"

	"applicreations.com/introspect/internal/store"
)

// Filling lets tests say how much room there was.
type Filling struct{ f filling }

// Note is filling.note.
func (f *Filling) Note(now time.Time, free float64) { f.f.note(now, free) }

// Left is filling.left.
func (f *Filling) Left(now time.Time) (hours float64, known bool) { return f.f.left(now) }

// Window remembers troubles of the database.
type Window = window

// Grew is how much they grew lately.
func (w *window) Grew(now time.Time, t store.Troubles) store.Troubles { return w.grew(now, t) }
