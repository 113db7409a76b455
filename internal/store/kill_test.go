package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// What the victim does in each round until it is killed.
const (
	victimArg     = "store-victim"
	killRounds    = 4
	killAfter     = 400 // acknowledgements
	eventWriters  = 4
	turnWriters   = 4
	perBatch      = 12
	batchesPerOne = 3 // batches that go to the same session
)

// batch is the k-th batch of a writer; victim and test make the same one.
func batch(round string, writer, k int) []event.Event {
	id := event.SessionID(fmt.Sprintf("visit-%s-%d-%d", round, writer, k/batchesPerOne))
	at := storetest.Start().Add(time.Duration(k) * 7 * time.Minute)
	var evs []event.Event
	for n := range perBatch {
		var p event.Payload = event.MessageSent{QuestionNumber: 5 + n, QuestionID: "q", MessageLength: n, TimeToRespond: 3}
		switch n {
		case 0:
			p = event.LandingView{Source: "ads", Device: "phone"}
		case 1:
			p = event.SessionStart{WebsiteType: "business", Timestamp: at}
		case 2:
			p = event.NewBusinessModelClassified("service", 90, 5+k%4)
		case 3:
			p = event.NewSessionComplete(20+k%9, time.Duration(k)*time.Minute, 90)
		}
		evs = append(evs, event.New(id, k*perBatch+n, at.Add(time.Duration(n)*time.Second), p))
	}
	return evs
}

func turnSession(round string, writer int) event.SessionID {
	return event.SessionID(fmt.Sprintf("turns-%s-%d", round, writer))
}

// runVictim writes without end and reports each write after it was
// acknowledged, with one unbuffered system call.
func runVictim(dir, round string) {
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Path: dir, Keys: keys})
	if err != nil {
		panic(err)
	}
	say := func(format string, args ...any) {
		if _, err := fmt.Fprintf(os.Stdout, format, args...); err != nil {
			panic(err)
		}
	}
	var wg sync.WaitGroup
	for writer := range eventWriters {
		wg.Go(func() {
			for k := 0; ; k++ {
				if _, err := s.Record(ctx, storetest.Outside(batch(round, writer, k)...)); err != nil {
					panic(err)
				}
				say("events %d %d\n", writer, k)
			}
		})
	}
	for writer := range turnWriters {
		wg.Go(func() { endlessTurns(ctx, s, turnSession(round, writer), writer, say) })
	}
	wg.Wait()
}

func endlessTurns(ctx context.Context, s *store.Store, id event.SessionID, writer int, say func(string, ...any)) {
	sess := storetest.Session(id, storetest.Start())
	if err := s.CreateSession(ctx, sess, nil, storetest.FirstTurn(sess)); err != nil {
		panic(err)
	}
	say("turn %d 1\n", writer)
	for {
		rec, err := s.Session(ctx, id)
		if err != nil {
			panic(err)
		}
		turn := storetest.NextTurn(rec.Session, fmt.Sprintf("answer %d", rec.Version), storetest.Start().Add(time.Minute))
		rec.Session.Facts = nil // keeps the state from growing without end
		if err := s.CommitTurn(ctx, rec, turn); err != nil {
			panic(err)
		}
		say("turn %d %d\n", writer, rec.Version+1)
	}
}

// acks is what a victim said before it died.
type acks struct {
	batches  map[[2]int]bool // writer, k
	versions map[int]int64   // writer: highest version
}

// killRound runs a victim on dir, kills it after killAfter acknowledgements
// and returns all that it said, also what was still in the pipe.
func killRound(t *testing.T, dir, round string) acks {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], victimArg, dir, round)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("pipe to the victim: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the victim: %v", err)
	}
	a := acks{batches: make(map[[2]int]bool), versions: make(map[int]int64)}
	lines := bufio.NewReader(out)
	said := 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the victim is dead; a line without its end does not count
		}
		var kind string
		var writer, n int
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%s %d %d", &kind, &writer, &n); err != nil {
			t.Fatalf("victim said %q: %v", line, err)
		}
		if kind == "events" {
			a.batches[[2]int{writer, n}] = true
		} else {
			a.versions[writer] = max(a.versions[writer], int64(n))
		}
		if said++; said == killAfter {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatalf("kill the victim: %v", err)
			}
		}
	}
	_ = cmd.Wait() // reports the kill
	if said < killAfter || len(a.batches) == 0 || len(a.versions) != turnWriters {
		t.Fatalf("the victim died after %d acknowledgements (%d batches, %d sessions), want at least %d of every kind",
			said, len(a.batches), len(a.versions), killAfter)
	}
	return a
}

// TestKill proves the central promise: what was acknowledged survives the
// death of the process at any instruction, once, and the rollups with it.
func TestKill(t *testing.T) {
	t.Parallel()
	killing(t, t.TempDir(), storetest.SQLite)
}

func TestKillOnPostgres(t *testing.T) {
	t.Parallel()
	killing(t, storetest.Schema(t, ""), storetest.Postgres)
}

func killing(t *testing.T, dir string, open storetest.Open) {
	t.Helper()
	past := make(map[string]acks)
	for r := range killRounds {
		round := strconv.Itoa(r)
		past[round] = killRound(t, dir, round)
		s := open(t, store.Config{Path: dir})
		for round, a := range past {
			checkAcknowledged(t, s, round, a)
		}
		storetest.NoDrift(t, s)
		resendAll(t, s, past)
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		if t.Failed() {
			t.Fatalf("round %d failed", r)
		}
	}
}

// checkAcknowledged looks for every acknowledged event and turn.
func checkAcknowledged(t *testing.T, s *store.Store, round string, a acks) {
	t.Helper()
	known := make(map[event.SessionID]map[event.ID]int)
	for at := range a.batches {
		evs := batch(round, at[0], at[1])
		id := evs[0].SessionID
		if known[id] == nil {
			known[id] = storedIDs(t, s, id)
		}
		for _, e := range evs {
			if n := known[id][e.ID]; n != 1 {
				t.Errorf("round %s: acknowledged event %s of batch %v is stored %d times, want once", round, e.ID, at, n)
			}
		}
	}
	for writer, version := range a.versions {
		id := turnSession(round, writer)
		rec, err := s.Session(t.Context(), id)
		if err != nil {
			t.Errorf("round %s: session %s: %v", round, id, err)
			continue
		}
		if rec.Version < version {
			t.Errorf("round %s: session %s is at version %d, but %d was acknowledged", round, id, rec.Version, version)
		}
		messages, err := s.Messages(t.Context(), id)
		if want := int(2*rec.Version - 1); err != nil || len(messages) != want {
			t.Errorf("round %s: session %s of version %d has %d messages, %v, want %d", round, id, rec.Version, len(messages), err, want)
		}
		if ids := storedIDs(t, s, id); len(ids) != rec.Session.Events {
			t.Errorf("round %s: session %s made %d events, stored are %d", round, id, rec.Session.Events, len(ids))
		}
	}
}

func storedIDs(t *testing.T, s *store.Store, id event.SessionID) map[event.ID]int {
	t.Helper()
	evs, err := s.Events(t.Context(), id)
	if err != nil {
		t.Fatalf("Events(%s): %v", id, err)
	}
	ids := make(map[event.ID]int, len(evs))
	for _, e := range evs {
		ids[e.ID]++
	}
	return ids
}

// resendAll sends every acknowledged event once more, as a client does that
// never heard the answer, and expects that nothing changes.
func resendAll(t *testing.T, s *store.Store, past map[string]acks) {
	t.Helper()
	before := storedEvents(t, s, past)
	var acked []event.Event
	for round, a := range past {
		for at := range a.batches {
			acked = append(acked, batch(round, at[0], at[1])...)
		}
	}
	for chunk := range slices.Chunk(acked, 1000) {
		verdicts, err := s.Record(t.Context(), storetest.Outside(chunk...))
		if err != nil {
			t.Fatalf("Record again: %v", err)
		}
		for _, v := range verdicts {
			if v.Result != store.ResultDuplicate {
				t.Errorf("event %s sent again is %q, want duplicate", v.ID, v.Result)
			}
		}
	}
	after := storedEvents(t, s, past)
	if len(before) != len(after) {
		t.Errorf("%d events before resending, %d after", len(before), len(after))
	}
	// Also against an independent fold of everything that is stored, whether
	// it was acknowledged or only committed.
	storetest.Exact(t, s, after, time.UTC)
}

// storedEvents reads the events of every session that a victim may have
// touched, acknowledged or not.
func storedEvents(t *testing.T, s *store.Store, past map[string]acks) []event.Event {
	t.Helper()
	var all []event.Event
	add := func(id event.SessionID) int {
		evs, err := s.Events(t.Context(), id)
		if err != nil {
			t.Fatalf("Events(%s): %v", id, err)
		}
		for _, e := range evs {
			all = append(all, e.Event)
		}
		return len(evs)
	}
	for round := range past {
		for writer := range turnWriters {
			add(turnSession(round, writer))
		}
		for writer := range eventWriters {
			for k := 0; add(batch(round, writer, k)[0].SessionID) > 0; k += batchesPerOne {
			}
		}
	}
	return all
}
