package client

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"
)

// queue holds events in the order of their tracking.
type queue struct {
	most    int
	waiting []item
	sending []item // taken out, and put back without a verdict
	last    uint64 // number of the event tracked last
	dropped int    // given up, ever
	untold  int    // given up, and the server has not been told
}

// item is one event, spelled.
type item struct {
	number uint64
	id     string
	text   []byte
}

func (q *queue) add(id string, text []byte) {
	q.last++
	q.waiting = append(q.waiting, item{q.last, id, text})
	q.trim()
}

// trim gives up the oldest of those that are not on their way.
func (q *queue) trim() {
	over := min(len(q.sending)+len(q.waiting)-q.most, len(q.waiting)-1)
	if over > 0 {
		q.waiting = slices.Delete(q.waiting, 0, over)
		q.dropped += over
		q.untold += over
	}
}

// take moves a batch out of the queue: so many events at most, and so many
// that they fit into a request.
func (q *queue) take(most int) []item {
	n, size := 0, 0
	for n < min(most, len(q.waiting)) {
		if size += len(q.waiting[n].text); size > MaxBytes && n > 0 {
			break
		}
		n++
	}
	q.sending = slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return q.sending
}

// settle ends what take began: events with a verdict are gone, the others come
// back. It returns how many did.
func (q *queue) settle(done map[string]bool) (back int) {
	left := slices.DeleteFunc(q.sending, func(i item) bool { return done[i.id] })
	back = len(left)
	q.waiting = append(left, q.waiting...)
	q.sending = nil
	q.trim()
	return back
}

// until counts the events up to a number.
func (q *queue) until(number uint64) (n int) {
	for _, list := range [][]item{q.sending, q.waiting} {
		for i := range list {
			if list[i].number <= number {
				n++
			}
		}
	}
	return n
}

// ids makes UUIDs of version 7 that sort as they were made.
type ids struct{ tick int64 } // milliseconds and ten bits of counter

func (s *ids) next(now time.Time) string {
	s.tick = max(s.tick+1, now.UnixMilli()<<10)
	var b [16]byte
	ms, counter := s.tick>>10, s.tick&(1<<10-1)
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // one byte of it is meant
	}
	b[6], b[7] = 0x70|byte(counter>>8), byte(counter&0xff)
	_, _ = rand.Read(b[8:]) // never fails
	b[8] = b[8]&0x3f | 0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
