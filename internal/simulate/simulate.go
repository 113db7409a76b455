// Package simulate fills a store with visits that never happened: clients of
// package persona go through the real interview and the real collector, at
// times of the past. Everything it makes is marked, and store.RemoveSimulated
// takes it out again without a trace (docs/adr/0016).
//
// The same number, days, seed and end make the same visits. Start with Run.
package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// Clock is the time that a store and everything above it sees while a
// simulation runs. The zero value must be set before use.
type Clock struct{ now time.Time }

// Now is the present moment of the simulation.
func (c *Clock) Now() time.Time { return c.now }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.now = t }

// Config says what is simulated.
type Config struct {
	Store    *store.Store // opened with Clock.Now
	Engine   *intake.Engine
	Clock    *Clock
	Visits   int       // landing views
	Days     int       // local days over which they are spread, the last one included
	Seed     uint64    // of all chance
	Until    time.Time // no visit begins after it
	Zone     *time.Location
	Progress func(done int) // called after each visit; may be nil
}

// Result counts what was made.
type Result struct{ Visits, Started, Completed int }

// Chances of the way to the interview: of those before, so many go on. They are
// near the targets of DOMAIN 9.3, on both sides.
const (
	clicks  = 0.66
	opens   = 0.93
	submits = 0.90
)

// run is one simulation under way.
type run struct {
	Config

	dice   *rand.Rand
	talk   *interview.Service
	ingest *ingest.Service
	lib    *persona.Library
	result Result
}

// Run simulates until all visits are made or ctx ends. What was made before an
// error stays, is consistent, and can be removed.
func Run(ctx context.Context, cfg Config) (Result, error) {
	if cfg.Visits < 1 || cfg.Days < 1 {
		return Result{}, errors.New("simulate: at least one visit and one day are needed")
	}
	lib, err := persona.Open()
	if err != nil {
		return Result{}, err
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	r := &run{
		Config: cfg, lib: lib, dice: rand.New(rand.NewPCG(cfg.Seed, 1)), //nolint:gosec // chance, not secrecy
		talk:   interview.New(interview.Config{Store: cfg.Store, Engine: cfg.Engine, Agency: scope.Agency{Name: "Simulation"}, Now: cfg.Clock.Now}),
		ingest: ingest.New(ingest.Config{Store: cfg.Store, Now: cfg.Clock.Now}),
	}
	for n := range cfg.Visits {
		if err := r.visit(ctx, n); err != nil {
			return r.result, fmt.Errorf("visit %d: %w", n+1, err)
		}
		r.result.Visits++
		if cfg.Progress != nil {
			cfg.Progress(n + 1)
		}
	}
	return r.result, nil
}

func (r *run) chance(p float64) bool { return r.dice.Float64() < p }

// between is a time of so many seconds.
func (r *run) between(low, high int) time.Duration {
	return time.Duration(low*1000+r.dice.IntN((high-low)*1000)) * time.Millisecond
}

// arrival is when a visit begins, on one of so many local days up to the end:
// more on working days, most around noon and in the early evening.
func (r *run) arrival() time.Time {
	y, m, d := r.Until.In(r.Zone).Date()
	first := time.Date(y, m, d-r.Days+1, 0, 0, 0, 0, r.Zone)
	for {
		at := first.Add(time.Duration(r.dice.Int64N(int64(r.Until.Sub(first)))))
		local := at.In(r.Zone)
		weight := []float64{.08, .05, .04, .04, .05, .08, .2, .4, .6, .85, 1, 1, .9, .9, .95, .95, .9, .8, .8, .85, .8, .6, .35, .18}[local.Hour()]
		if day := local.Weekday(); day == time.Saturday || day == time.Sunday {
			weight *= .55
		}
		if r.chance(weight) {
			return at.Truncate(time.Millisecond)
		}
	}
}

// pick takes an entry by its weight.
func pick[T any](r *run, weights []int, of []T) T {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := r.dice.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return of[i]
		}
	}
	return of[0]
}

// visit is one visitor from the landing page until they leave.
func (r *run) visit(ctx context.Context, n int) error {
	id := event.SessionID(event.DeriveID("simulated", strconv.FormatUint(r.Seed, 10), strconv.Itoa(n), r.Until.UTC().Format(time.RFC3339)))
	if err := r.Store.MarkSimulated(ctx, id); err != nil {
		return err
	}
	r.Clock.Set(r.arrival())
	number := 0
	record := func(p event.Payload) error {
		number--
		return r.talk.Record(ctx, event.New(id, number, r.Clock.Now(), p))
	}
	if err := record(event.LandingView{
		Referrer: "search.example", Source: pick(r, []int{45, 20, 15, 12, 8}, []string{"", "google", "newsletter", "linkedin", "referral"}),
		Device: pick(r, []int{52, 42, 6}, []string{"phone", "desktop", "tablet"}), Language: pick(r, []int{70, 14, 9, 7}, []string{"en", "de", "es", "fr"}),
	}); err != nil || !r.chance(clicks) {
		return err
	}
	r.pass(r.between(4, 50))
	if err := record(event.Plain{Name: event.NameCTAClick}); err != nil || !r.chance(opens) {
		return err
	}
	r.pass(r.between(1, 6))
	if err := record(event.Plain{Name: event.NameFoundationStart}); err != nil {
		return err
	}
	for _, field := range []string{"name", "email", "website"} {
		took := r.between(3, 15)
		r.pass(took)
		if err := r.browser(ctx, id, event.FoundationField{Field: field, TimeSpent: took.Seconds()}); err != nil {
			return err
		}
		if !r.chance(1 - (1-submits)/3) {
			return nil
		}
	}
	return r.interview(ctx, id)
}

func (r *run) pass(d time.Duration) { r.Clock.Set(r.Clock.Now().Add(d)) }

// browser sends an event as a front end's collector does.
func (r *run) browser(ctx context.Context, id event.SessionID, p event.Payload) error {
	e := event.New(id, int(r.dice.Int32()), r.Clock.Now(), p)
	body, err := json.Marshal(map[string]any{"events": []map[string]any{{
		"id": e.ID, "name": e.Name, "sessionId": id, "timestamp": e.At, "properties": e.Properties,
	}}})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	report, err := r.ingest.Take(ctx, ingest.Request{ContentType: "application/json", Body: bytes.NewReader(body), Length: int64(len(body))})
	if err == nil && report.Accepted+report.Duplicates != 1 {
		err = fmt.Errorf("the collector took %+v", report.Results)
	}
	return err
}

// interview is the conversation, until its end or until the client has enough.
func (r *run) interview(ctx context.Context, id event.SessionID) error {
	presets := persona.Presets()
	client := r.lib.New(r.lib.Briefs[r.dice.IntN(len(r.lib.Briefs))], presets[r.dice.IntN(len(presets))], r.dice.Uint64N(1<<40))
	begun, err := r.talk.Begin(ctx, id, client.Foundation())
	if err != nil {
		return err
	}
	r.result.Started++
	sess := begun.Session
	for sess.Current.Kind != intake.Complete {
		if r.leaves(sess) {
			return r.left(ctx, begun)
		}
		r.pass(r.thinks(sess.Current))
		if r.Clock.Now().After(r.Until) {
			return nil // still at it
		}
		if sess, err = r.step(ctx, begun, sess, client); err != nil {
			return err
		}
	}
	r.result.Completed++
	return r.mailed(ctx, id)
}

// mailed records that the mails of a finished interview went out, as delivery
// does: without it the last stage of the funnel would stand at nothing.
func (r *run) mailed(ctx context.Context, id event.SessionID) error {
	at := r.Clock.Now().Add(4 * time.Second)
	if at.After(r.Until) {
		return nil // on their way
	}
	var out []event.Event
	for _, to := range []string{"client", "team"} {
		out = append(out, event.Event{
			ID: event.DeriveID(string(id), string(event.NameEmailsSent), to), Name: event.NameEmailsSent, SessionID: id, At: at,
			Properties: json.RawMessage(`{"recipient":"` + to + `","provider":"simulation"}`),
		})
	}
	r.Clock.Set(at)
	return r.talk.Record(ctx, out...)
}

// step answers once, with a vote now and then.
func (r *run) step(ctx context.Context, begun interview.Begun, sess *intake.Session, client *persona.Client) (*intake.Session, error) {
	if r.chance(.08) {
		rating := pick(r, []int{78, 14, 8}, []string{event.RatingHelpful, event.RatingNotHelpful, event.RatingConfusing})
		if _, err := r.talk.Vote(ctx, begun.Session.ID, begun.Token, intake.Vote{QuestionID: sess.Prompt(), Rating: rating}); err != nil {
			return nil, err
		}
		r.pass(time.Second)
	}
	answer := client.Answer(sess.Current)
	answer.ActionID = sess.Current.ID
	next, err := r.talk.Answer(ctx, begun.Session.ID, begun.Token, answer)
	var invalid *intake.Invalid
	if errors.As(err, &invalid) {
		answer = client.Again(sess.Current)
		answer.ActionID = sess.Current.ID
		next, err = r.talk.Answer(ctx, begun.Session.ID, begun.Token, answer)
	}
	if err == nil {
		client.Taken()
	}
	return next, err
}

// leaves reports whether the client has enough: more likely the longer it
// takes, at questions that want to be written, and before the features.
func (r *run) leaves(sess *intake.Session) bool {
	hazard := .004 + .0007*float64(max(0, sess.Questions-8))
	switch {
	case sess.Current.Kind == intake.AskQuestion && len(sess.Current.Question.Question.Options) == 0:
		hazard += .018
	case sess.Current.Kind == intake.RecommendFeatures:
		hazard += .03
	}
	return r.chance(hazard)
}

// left is what follows when a client closed the page: some come back, the
// others count as gone after a day.
func (r *run) left(ctx context.Context, begun interview.Begun) error {
	if r.pass(24 * time.Hour); r.Clock.Now().After(r.Until) {
		return nil // nobody knows yet
	}
	return r.talk.Restart(ctx, begun.Session.ID, begun.Token)
}

// thinks is how long the client needs for a prompt.
func (r *run) thinks(a intake.Action) time.Duration {
	switch {
	case a.Kind == intake.RecommendFeatures:
		return r.between(35, 140)
	case a.Kind == intake.AskQuestion && len(a.Question.Question.Options) == 0:
		return r.between(18, 95)
	default:
		return r.between(7, 38)
	}
}
