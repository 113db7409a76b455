package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// AdvisorCall is one question to a language model and what it took.
type AdvisorCall struct {
	ID       string // UUIDv7
	Session  event.SessionID
	At       time.Time
	Question string // id of the prompt whose answer it was about
	Outcome  string // ok, cached, skipped, or the class of what went wrong
	Cause    string
	Model    string
	Prompt   string // version
	Usage    advice.Usage
	MicroUSD *int64 // nil: the price is unknown
	Latency  time.Duration
	First    time.Duration // to the first token; 0: unknown
	Tries    int
	Dropped  int // parts that the review refused
}

// Event is the call as an event, which counts nowhere.
func (c AdvisorCall) Event() event.Event {
	p := event.AdvisorCall{
		QuestionID: c.Question, Model: c.Model, PromptVersion: c.Prompt, Outcome: c.Outcome, Cause: c.Cause,
		InputTokens: c.Usage.Input + c.Usage.CacheRead + c.Usage.CacheWrite + c.Usage.CacheWriteHour, OutputTokens: c.Usage.Output, CacheRead: c.Usage.CacheRead, CacheWrite: c.Usage.CacheWrite + c.Usage.CacheWriteHour,
		CostMicroUSD: c.MicroUSD, LatencyMs: c.Latency.Milliseconds(), Tries: c.Tries, Dropped: c.Dropped,
	}
	if first := c.First.Milliseconds(); c.First > 0 {
		p.FirstTokenMs = &first
	}
	e := event.New(c.Session, 0, c.At, p)
	e.ID = event.DeriveID(string(c.Session), c.ID, string(e.Name)) // a session has no number for it
	return e
}

// AddAdvisorCalls records calls, each as a row for sums and as an event, all or
// none. Several share one commit, so that they hold up no turn.
func (s *Store) AddAdvisorCalls(ctx context.Context, calls ...AdvisorCall) error {
	own := make([]arrival, len(calls))
	for i, c := range calls {
		own[i] = read(c.Event(), false)
	}
	err := s.w.do(ctx, func(w *tx) error {
		for _, c := range calls {
			if yes, err := w.erased(c.Session); err != nil {
				return err
			} else if yes {
				c.Session = "erased" // what it cost stays
			}
			if err := w.addAdvisorCall(c); err != nil {
				return err
			}
		}
		return w.takeOwn(own)
	})
	if err != nil {
		return fmt.Errorf("record %d advisor calls: %w", len(calls), err)
	}
	return nil
}

func (t *tx) addAdvisorCall(c AdvisorCall) error {
	var first any
	if c.First > 0 {
		first = c.First.Milliseconds()
	}
	return t.run(`INSERT INTO advisor_calls (id, session_id, at, question, outcome, cause, model, prompt, input, output,
		cache_read, cache_write, micro_usd, latency_ms, first_ms, tries, dropped)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		c.ID, string(c.Session), c.At.UnixMilli(), c.Question, c.Outcome, c.Cause, c.Model, c.Prompt, c.Usage.Input, c.Usage.Output,
		c.Usage.CacheRead, c.Usage.CacheWrite+c.Usage.CacheWriteHour, c.MicroUSD, c.Latency.Milliseconds(), first, c.Tries, c.Dropped)
}

// AdvisorSpent sums what calls since a moment cost, of one session or of all
// when id is empty. unknown counts calls that were paid for at a price that
// nobody knows.
func (s *Store) AdvisorSpent(ctx context.Context, id event.SessionID, since time.Time) (microUSD, unknown int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(sum(micro_usd), 0), count(*) FILTER (WHERE micro_usd IS NULL)
		FROM advisor_calls WHERE at >= $1 AND ($2 = '' OR session_id = $2)`, since.UnixMilli(), string(id)).Scan(&microUSD, &unknown)
	if err != nil {
		return 0, 0, fmt.Errorf("sum advisor calls: %w", explain(err))
	}
	return microUSD, unknown, nil
}

// CachedAdvice reads the answer of a turn that was asked before. The error is
// ErrNotFound for another one.
func (s *Store) CachedAdvice(ctx context.Context, hash string) ([]byte, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT answer FROM advisor_cache WHERE hash = $1`, hash).Scan(&sealed)
	if err != nil {
		return nil, fmt.Errorf("read cached advice: %w", explain(found(err)))
	}
	plain, err := s.keys.Open(sealed, place("advisor_cache.answer", hash))
	if err != nil {
		return nil, fmt.Errorf("read cached advice: %w", err)
	}
	return plain, nil
}

// cachedFor is how long an answer is kept at the most: it may quote a client,
// also one who has asked to be forgotten.
const cachedFor = 7 * 24 * time.Hour

// KeepAdvice caches the answer to a turn of a session, and forgets those that are
// too old, and the oldest beyond a number of them; those of one millisecond go
// together. An answer that comes when its session was erased already is not
// kept: ErrNotFound.
func (s *Store) KeepAdvice(ctx context.Context, session event.SessionID, hash string, answer []byte, most int) error {
	sealed, err := s.keys.Seal(answer, place("advisor_cache.answer", hash))
	if err != nil {
		return fmt.Errorf("seal advice: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(session); err != nil {
			return err
		}
		err := w.run(`INSERT INTO advisor_cache (hash, used_at, answer) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at, answer = excluded.answer`, hash, s.now().UnixMilli(), sealed)
		if err != nil {
			return err
		}
		return w.run(`DELETE FROM advisor_cache WHERE used_at < $1
			OR used_at < (SELECT used_at FROM advisor_cache ORDER BY used_at DESC LIMIT 1 OFFSET $2)`, s.now().Add(-cachedFor).UnixMilli(), most-1)
	})
	if err != nil {
		return fmt.Errorf("keep advice: %w", err)
	}
	return nil
}

// Conversing counts the conversations that are open and in which something
// happened since a moment.
func (s *Store) Conversing(ctx context.Context, since time.Time) (int, error) {
	n := 0
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM sessions WHERE status = $1 AND last_activity >= $2 AND `+noCanary,
		string(intake.InProgress), since.UnixMilli()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count open conversations: %w", explain(err))
	}
	return n, nil
}

// AdvisorFigures are the calls of some time in numbers.
type AdvisorFigures struct {
	Outcomes  map[string]int64 // by outcome
	Calls     int64            // that reached out for the vendor, whatever came of it
	Asked     int64            // turns in which advice was wanted
	MicroUSD  int64            // of the calls with a known price
	Unpriced  int64            // calls with an unknown price
	Tokens    advice.Usage
	Dropped   int64
	Sessions  int64 // in which advice was wanted, whatever came of it
	Completed int64 // of these, the interviews that were finished
	Latency   []int64
	First     []int64
	Days      []AdvisorDay
}

// AdvisorDay are the figures of one local day.
type AdvisorDay struct {
	Day      string // YYYY-MM-DD
	Asked    int64
	MicroUSD int64
	Unpriced int64
	Missed   int64 // turns that were left to the rules
}

// The outcomes of calls that no vendor heard of.
const (
	AdvisorCached  = "cached"  // answered from the cache
	AdvisorSkipped = "skipped" // left to the rules; the cause says why
	AdvisorOK      = "ok"
)

// AdvisorFigures reads the calls of a time, the end not included. Latencies are
// milliseconds in ascending order, of calls that reached out.
func (s *Store) AdvisorFigures(ctx context.Context, from, to time.Time) (AdvisorFigures, error) {
	out := AdvisorFigures{Outcomes: map[string]int64{}}
	days := map[string]int{}
	sessions := map[string]bool{}
	err := s.each(ctx, `SELECT session_id, at, outcome, input, output, cache_read, cache_write, micro_usd, latency_ms, first_ms, tries, dropped
		FROM advisor_calls WHERE at >= $1 AND at < $2 ORDER BY latency_ms`, []any{from.UnixMilli(), to.UnixMilli()}, func(r scanner) error {
		var c scannedCall
		if err := c.scan(r); err != nil {
			return err
		}
		sessions[c.session] = true
		day := time.UnixMilli(c.at).In(s.zone).Format(time.DateOnly)
		i, ok := days[day]
		if !ok {
			i = len(out.Days)
			days[day], out.Days = i, append(out.Days, AdvisorDay{Day: day})
		}
		out.add(&out.Days[i], c)
		return nil
	})
	if err != nil {
		return AdvisorFigures{}, fmt.Errorf("read advisor calls: %w", err)
	}
	slices.SortFunc(out.Days, func(a, b AdvisorDay) int { return cmp.Compare(a.Day, b.Day) })
	slices.Sort(out.First)
	out.Sessions = int64(len(sessions))
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM sessions WHERE status = $1 AND id IN
		(SELECT session_id FROM advisor_calls WHERE at >= $2 AND at < $3)`, string(intake.Completed), from.UnixMilli(), to.UnixMilli()).Scan(&out.Completed)
	if err != nil {
		return AdvisorFigures{}, fmt.Errorf("count advised interviews: %w", explain(err))
	}
	return out, nil
}

func (f *AdvisorFigures) add(day *AdvisorDay, c scannedCall) {
	f.Outcomes[c.outcome]++
	f.Asked, day.Asked = f.Asked+1, day.Asked+1
	f.Tokens, f.Dropped = f.Tokens.Add(c.usage), f.Dropped+c.dropped
	if c.cost.Valid {
		f.MicroUSD, day.MicroUSD = f.MicroUSD+c.cost.Int64, day.MicroUSD+c.cost.Int64
	} else {
		f.Unpriced, day.Unpriced = f.Unpriced+1, day.Unpriced+1
	}
	if c.outcome != AdvisorOK && c.outcome != AdvisorCached {
		day.Missed++
	}
	if c.tries > 0 {
		f.Calls++
		f.Latency = append(f.Latency, c.latency)
	}
	if c.first.Valid {
		f.First = append(f.First, c.first.Int64)
	}
}

// scannedCall is a row of advisor_calls as the figures need it.
type scannedCall struct {
	session, outcome            string
	at, latency, tries, dropped int64
	usage                       advice.Usage
	cost, first                 sql.NullInt64
}

func (c *scannedCall) scan(r scanner) error {
	return r.Scan(&c.session, &c.at, &c.outcome, &c.usage.Input, &c.usage.Output, &c.usage.CacheRead, &c.usage.CacheWrite,
		&c.cost, &c.latency, &c.first, &c.tries, &c.dropped)
}
