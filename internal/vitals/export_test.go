package vitals

import "time"

// Filling lets tests say how much room there was.
type Filling struct{ f filling }

// Note is filling.note.
func (f *Filling) Note(now time.Time, free float64) { f.f.note(now, free) }

// Left is filling.left.
func (f *Filling) Left(now time.Time) (hours float64, known bool) { return f.f.left(now) }
