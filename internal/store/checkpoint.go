package store

import "context"

// logPiece is how many bytes of events are written between two checkpoints. The
// pages of rollups, facts and indexes that come with them are as many again.
const logPiece = 8 << 20

// noteGrowth asks for a checkpoint when the log has grown enough.
func (w *writer) noteGrowth(bytes int) {
	if w.unsaved += bytes; w.unsaved < w.piece {
		return
	}
	w.unsaved = 0
	select {
	case w.grown <- struct{}{}:
	default: // one is under way
	}
}

// relieve moves what the log holds into the database, after which the log begins
// anew in the room that it has. On a full disk no commit succeeds that would ask
// for it, and a log that only grows takes the little room that somebody makes.
func (t *tx) relieve() {
	statement := t.w.d.checkpoint()
	if statement == "" {
		return
	}
	var busy, pages, done int
	_ = t.one(statement, nil, &busy, &pages, &done) // without room for this either, the write that follows tells
}

// checkpoints moves committed pages from the log into the database while writers
// go on: doing it in between commits holds everybody up for as long as the disk
// takes. A reader or another checkpoint in the way is no error; the writer makes
// up for it when the log has become long (sqlite.go).
func (s *Store) checkpoints(ctx context.Context, statement string) {
	for {
		select {
		case <-s.w.grown:
			var busy, pages, done int
			_ = s.read.QueryRowContext(ctx, statement).Scan(&busy, &pages, &done) // the writer's own meets the same fault and tells
		case <-s.w.finished:
			return
		}
	}
}
