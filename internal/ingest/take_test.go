package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func pack(tb testing.TB, plain string) string {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, plain); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func line(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"cta_click","sessionId":"v1","timestamp":%q}`, id, stamp(time.Minute))
}

// TestForms sends the same two events in every form, then all of it again.
func TestForms(t *testing.T) {
	t.Parallel()
	s, st := service(t)
	two := line("a") + "\n" + line("b")
	list := "[" + line("a") + "," + line("b") + "]"
	for n, r := range []ingest.Request{
		{ContentType: jsonType, Body: strings.NewReader(`{"events":` + list + `}`)},
		{ContentType: jsonType, Body: strings.NewReader(list)},
		{ContentType: "application/x-ndjson", Body: strings.NewReader(two)},
		{ContentType: "application/x-ndjson; charset=utf-8", Body: strings.NewReader(two + "\n")},
		{ContentType: "text/plain;charset=UTF-8", Body: strings.NewReader(`{"events":` + list + `}`)},
		{ContentType: "text/plain", Body: strings.NewReader(list)},
		{ContentType: "text/plain", Body: strings.NewReader(two)},
		{ContentType: jsonType, Encoding: "gzip", Body: strings.NewReader(pack(t, list))},
		{ContentType: "text/plain", Encoding: "GZIP", Body: strings.NewReader(pack(t, two)), Length: 9},
		{ContentType: jsonType, Encoding: "identity", Body: strings.NewReader(list), Length: int64(len(list))},
		{ContentType: jsonType, Body: iotestOneByte{strings.NewReader(list)}},
	} {
		got, err := s.Take(t.Context(), r)
		if err != nil {
			t.Errorf("request %d: %v", n, err)
			continue
		}
		want := ingest.Report{Duplicates: 2, Results: []ingest.Result{{ID: "a", Result: "duplicate"}, {ID: "b", Result: "duplicate"}}}
		if n == 0 {
			want = ingest.Report{Accepted: 2, Results: []ingest.Result{{ID: "a", Result: "ok"}, {ID: "b", Result: "ok"}}}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("request %d, %s (-want +got):\n%s", n, r.ContentType, diff)
		}
	}
	if evs, err := st.Events(t.Context(), "v1"); err != nil || len(evs) != 2 {
		t.Errorf("%d events are stored, %v, want 2", len(evs), err)
	}
}

// iotestOneByte reads one byte at a time.
type iotestOneByte struct{ r io.Reader }

func (o iotestOneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	cut := pack(t, "["+line("a")+"]")
	for _, tt := range []struct {
		name string
		r    ingest.Request
		want error
	}{
		{"a bomb", ingest.Request{Encoding: "gzip", Body: strings.NewReader(pack(t, strings.Repeat(" ", 50<<20)))}, &ingest.TooLarge{}},
		{"a bomb of zeros without an end", ingest.Request{Encoding: "gzip", Body: endless(t)}, &ingest.TooLarge{}},
		{"packed data that is cut off", ingest.Request{Encoding: "gzip", Body: strings.NewReader(cut[:len(cut)-9])}, &ingest.Malformed{}},
		{"packed data with a wrong sum", ingest.Request{Encoding: "gzip", Body: strings.NewReader(cut[:len(cut)-5] + "xxxxx")}, &ingest.Malformed{}},
		{"plain data called packed", ingest.Request{Encoding: "gzip", Body: strings.NewReader("[" + line("a") + "]")}, &ingest.Malformed{}},
		{"nothing called packed", ingest.Request{Encoding: "gzip", Body: strings.NewReader("")}, &ingest.Malformed{}},
		{"another encoding", ingest.Request{Encoding: "br", Body: strings.NewReader("x")}, &ingest.Unsupported{}},
		{"packed twice", ingest.Request{Encoding: "gzip, gzip", Body: strings.NewReader("x")}, &ingest.Unsupported{}},
		{"a body that breaks off", ingest.Request{Body: io.MultiReader(strings.NewReader("["), breaking{})}, errBroken},
		{"more than it said", ingest.Request{Length: 3, Body: strings.NewReader(strings.Repeat(" ", 1<<20+1))}, &ingest.TooLarge{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := service(t)
			tt.r.ContentType = jsonType
			_, err := s.Take(t.Context(), tt.r)
			if got, want := fmt.Sprintf("%T", err), fmt.Sprintf("%T", tt.want); got != want {
				t.Errorf("Take err = %s %v, want %s", got, err, want)
			}
			if err != nil && len(err.Error()) < 5 {
				t.Errorf("error %q says too little", err)
			}
		})
	}
}

var errBroken = errors.New("connection broken")

type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errBroken }

// endless is packed data of spaces that never ends.
func endless(t *testing.T) io.Reader {
	t.Helper()
	r, w := io.Pipe()
	t.Cleanup(func() { _ = r.Close() })
	go func() {
		z := gzip.NewWriter(w)
		for {
			if _, err := z.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				return
			}
		}
	}()
	return r
}

// TestBodiesInWorkAreBounded holds one body open and sees the next refused.
func TestBodiesInWorkAreBounded(t *testing.T) {
	t.Parallel()
	s := ingest.New(ingest.Config{Store: storetest.New(t), Now: now, MaxPending: 33 << 10})
	r, w := io.Pipe()
	first := make(chan error, 1)
	go func() {
		_, err := s.Take(context.Background(), ingest.Request{ContentType: jsonType, Body: r})
		first <- err
	}()
	if _, err := io.WriteString(w, "["+line("a")); err != nil { // it is being read now
		t.Fatal(err)
	}
	small := func() error {
		_, err := s.Batch(t.Context(), []byte("["+line("b")+"]"), jsonType)
		return err
	}
	if err := small(); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Take beyond the memory of all = %v, want ErrBusy", err)
	}
	_, _ = io.WriteString(w, "]")
	_ = w.Close()
	if err := <-first; err != nil {
		t.Errorf("the first body: %v", err)
	}
	if err := small(); err != nil {
		t.Errorf("Take afterwards: %v", err)
	}
}

// TestSlowSendersOfLongBodies: whoever says that a long body comes and sends
// little of it holds little, so hundreds of them keep nobody out.
func TestSlowSendersOfLongBodies(t *testing.T) {
	t.Parallel()
	s := ingest.New(ingest.Config{Store: storetest.New(t), Now: now})
	var slow sync.WaitGroup
	var pipes []*io.PipeWriter
	for range 300 {
		r, w := io.Pipe()
		pipes = append(pipes, w)
		slow.Go(func() {
			_, err := s.Take(context.Background(), ingest.Request{ContentType: jsonType, Body: r, Length: 1 << 20})
			_ = r.CloseWithError(err)
		})
		if _, err := io.WriteString(w, "["+line("a")); err != nil { // it is being read now
			t.Fatal(err)
		}
	}
	if report, err := s.Batch(t.Context(), []byte("["+line("b")+"]"), jsonType); err != nil || report.Accepted != 1 {
		t.Errorf("a quick sender among 300 slow ones = %+v, %v", report, err)
	}
	for _, w := range pipes {
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
	}
	slow.Wait()
	// A body that grows gets what it needs, and arrives whole.
	long := "[" + line("c") + strings.Repeat(" ", 900<<10) + "," + line("d") + "]"
	report, err := s.Take(t.Context(), ingest.Request{ContentType: jsonType, Body: strings.NewReader(long), Length: int64(len(long))})
	if err != nil || report.Accepted != 2 {
		t.Errorf("a long body = %+v, %v", report, err)
	}
}

func TestSessionsThatSendTooMuch(t *testing.T) {
	t.Parallel()
	s, st := service(t)
	body := fmt.Sprintf(`{"events":[{"id":"a","name":"x","sessionId":"loud"},{"id":"b","name":"x","sessionId":"calm","timestamp":%q},
		{"id":"c","name":"x"},{"id":"d","name":"x","sessionId":"loud"}]}`, stamp(time.Minute))
	asked := map[event.SessionID]int{}
	admit := func(session event.SessionID, events int) (time.Duration, bool) {
		asked[session] += events
		return 7 * time.Second, session != "loud"
	}
	got, err := s.Take(t.Context(), ingest.Request{ContentType: jsonType, Body: strings.NewReader(body), Admit: admit})
	if err != nil {
		t.Fatalf("Take: %v", err)
	}
	got.Results[2].Hint = ""
	want := ingest.Report{Accepted: 1, Dropped: 1, Retry: 2, RetryAfter: 7 * time.Second, Results: []ingest.Result{
		{ID: "a", Result: "retry", Details: "session_rate"},
		{ID: "b", Result: "ok"},
		{ID: "c", Result: "drop", Details: "missing_session"},
		{ID: "d", Result: "retry", Details: "session_rate"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[event.SessionID]int{"loud": 2, "calm": 1}, asked); diff != "" {
		t.Errorf("events asked for (-want +got):\n%s", diff)
	}
	_, err = s.Take(t.Context(), ingest.Request{ContentType: jsonType, Body: strings.NewReader(`[{"name":"x","sessionId":"loud"}]`), Admit: admit})
	if limited, ok := errors.AsType[*ingest.Limited](err); !ok || limited.Wait != 7*time.Second {
		t.Errorf("Take of nothing but a loud session = %v, want *Limited", err)
	}
	if evs, _ := st.Events(t.Context(), "loud"); len(evs) != 0 {
		t.Errorf("%d events of the loud session are stored", len(evs))
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	acts := func(n int, apart time.Duration, own bool) string {
		list := make([]string, n)
		for i := range list {
			id := ""
			if own {
				id = fmt.Sprintf(`"id":"%d",`, i)
			}
			list[i] = fmt.Sprintf(`{%s"name":"conversation_message_sent","sessionId":"v1","timestamp":%q,"properties":{"n":%d}}`, id, stamp(time.Minute-time.Duration(i)*apart), i)
		}
		return `"events":[` + strings.Join(list, ",") + `]`
	}
	for _, tt := range []struct {
		name, body, sender, want string
	}{
		{"a person", acts(12, 10*time.Second, true), "", ""},
		{"a person who clicks fast", acts(12, 150*time.Millisecond, true), "", ""},
		{"a collector that stamps everything when it sends", acts(40, 0, true), "", ""},
		{"a few acts in no time", acts(9, time.Millisecond, true), "", ""},
		{"ten answers in a tenth of a second", acts(10, 10*time.Millisecond, true), "", "speed"},
		{"ten answers in a second, less than which nobody can", acts(10, 100*time.Millisecond, true), "", ""},
		{"ten clicks in a tenth of a second", strings.ReplaceAll(acts(10, 10*time.Millisecond, true), "conversation_message_sent", "cta_click"), "", ""},
		{"ten answers whose times were wrong", strings.ReplaceAll(acts(10, 10*time.Millisecond, true), `"timestamp":"20`, `"timestamp":"29`), "", ""},
		{"a driven browser", `"webdriver":true,` + acts(1, 0, true), "", "webdriver"},
		{"a headless browser", acts(1, 0, true), "headless:headlesschrome", "headless:headlesschrome"},
		{"all of it", `"webdriver":true,` + acts(10, time.Millisecond, true), "agent:googlebot", "agent:googlebot,webdriver,speed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, st := service(t)
			r, err := s.Take(t.Context(), ingest.Request{ContentType: jsonType, Body: strings.NewReader("{" + tt.body + "}"), Bot: tt.sender})
			if err != nil || r.Dropped > 0 || r.Duplicates > 0 {
				t.Fatalf("Take = %+v, %v, want everything kept", r, err)
			}
			evs, err := st.Events(t.Context(), "v1")
			if err != nil || len(evs) != r.Accepted {
				t.Fatalf("Events = %d, %v, want %d", len(evs), err, r.Accepted)
			}
			for i, e := range evs {
				if e.Bot != tt.want {
					t.Errorf("event %d is marked %q, want %q", i, e.Bot, tt.want)
				}
				if got := strings.Contains(r.Results[i].Details, "bot"); got != (tt.want != "") {
					t.Errorf("result %d = %+v", i, r.Results[i])
				}
			}
			storetest.NoDrift(t, st)
		})
	}
}

// Of two visitors in one batch who take turns the fast one is marked alone, also
// where clicks come between.
func TestMarksOfTwoVisitors(t *testing.T) {
	t.Parallel()
	var list []string
	for i := range 10 {
		at := time.Minute - time.Duration(i)*10*time.Millisecond
		list = append(list, fmt.Sprintf(`{"id":"c%d","name":"cta_click","sessionId":"fast","timestamp":%q}`, i, stamp(at)),
			fmt.Sprintf(`{"id":"m%d","name":"conversation_message_sent","sessionId":"fast","timestamp":%q}`, i, stamp(at)),
			fmt.Sprintf(`{"id":"p%d","name":"conversation_message_sent","sessionId":"slow","timestamp":%q}`, i, stamp(10*time.Minute-time.Duration(i)*20*time.Second)))
	}
	s, st := service(t)
	send(t, s, `{"events":[`+strings.Join(list, ",")+`]}`)
	for id, want := range map[event.SessionID]string{"fast": "speed", "slow": ""} {
		evs, err := st.Events(t.Context(), id)
		if err != nil || len(evs) == 0 {
			t.Fatalf("Events of %s = %d, %v", id, len(evs), err)
		}
		for _, e := range evs {
			if e.Bot != want {
				t.Errorf("event %s of the %s visitor is marked %q, want %q", e.ID, id, e.Bot, want)
			}
		}
	}
}

// saltless is a store that takes events, and has no secret of the day.
type saltless struct {
	ingest.Store
	err error
}

func (s saltless) Salt(context.Context, string, string, []byte) ([]byte, error) { return nil, s.err }

// A visitor who asked not to be followed is kept under another session id or not
// at all.
func TestNoSecretNoEvent(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	if err := ingestErr(t, saltless{st, store.ErrBusy}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Take without a salt = %v, want the store's error", err)
	}
	if evs, err := st.Events(t.Context(), "s"); err != nil || len(evs) != 0 {
		t.Errorf("%d events are kept under the session id that was sent, %v", len(evs), err)
	}
}

// TestAnonymousVisits sends the visit of one person over two days, and part of
// it again after midnight.
func TestAnonymousVisits(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	clock := storetest.Start()
	s := ingest.New(ingest.Config{Store: st, Now: func() time.Time { return clock }})
	send := func(svc *ingest.Service, id string, ago time.Duration) ingest.Result {
		t.Helper()
		body := fmt.Sprintf(`[{"id":%q,"name":"landing_view","sessionId":"person","userId":"u1","timestamp":%q,"properties":{"referrer":"https://a.example/x","source":"ads"}}]`,
			id, storetest.Start().Add(-ago).Format(time.RFC3339Nano))
		r, err := svc.Take(t.Context(), ingest.Request{ContentType: jsonType, Body: strings.NewReader(body), Anonymous: true})
		if err != nil {
			t.Fatalf("Take: %v", err)
		}
		return r.Results[0]
	}
	for _, id := range []string{"a", "b"} {
		if got := send(s, id, time.Minute); got.Result != "ok" {
			t.Errorf("first result of %s = %+v", id, got)
		}
	}
	clock = clock.Add(24 * time.Hour)
	again := ingest.New(ingest.Config{Store: st, Now: func() time.Time { return clock }}) // a restart
	if got := send(again, "a", time.Minute); got.Result != "duplicate" {
		t.Errorf("an event sent again on the next day = %+v, want a duplicate", got)
	}
	if got := send(again, "c", -23*time.Hour); got.Result != "ok" {
		t.Errorf("an event of the next day = %+v", got)
	}
	rows := storetest.Stored(t, st, storetest.Expected([]event.Event{event.New("x", 1, clock, event.LandingView{})}, time.UTC))
	var visits, days int64
	for k, v := range rows {
		if k.Metric == metric.Funnel && k.Dimension == metric.All {
			visits, days = visits+v[0], days+1
		}
	}
	if visits != 2 || days != 2 {
		t.Errorf("%d visits on %d days, want one a day", visits, days)
	}
	if evs, err := st.Events(t.Context(), "person"); err != nil || len(evs) != 0 {
		t.Errorf("%d events are kept under the session id that was sent, %v", len(evs), err)
	}
	if err := errors.Join(ingestErr(t, &broken{err: store.ErrBusy})); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Take without a salt = %v, want the store's error", err)
	}
	storetest.NoDrift(t, st)
}

func ingestErr(t *testing.T, st ingest.Store) error {
	t.Helper()
	_, err := ingest.New(ingest.Config{Store: st, Now: now}).Take(t.Context(), ingest.Request{
		ContentType: jsonType, Body: strings.NewReader(`[{"name":"x","sessionId":"s"}]`), Anonymous: true,
	})
	return err
}

func TestRemarksAboutTime(t *testing.T) {
	t.Parallel()
	st := storetest.Any(t, store.Config{Now: now})
	s := ingest.New(ingest.Config{Store: st, Now: now})
	at := func(ago time.Duration) int64 { return now().Add(-ago).UnixMilli() }
	got := send(t, s, fmt.Sprintf(`{"sent_at":%d,"sent_mono":600000,"events":[
		{"id":"a","name":"x","sessionId":"s","timestamp":%d,"mono":540000},
		{"id":"b","name":"x","sessionId":"s","timestamp":%d,"mono":570000},
		{"id":"c","name":"x","sessionId":"s","timestamp":%d},
		{"id":"d","name":"x","sessionId":"s","timestamp":%d}]}`,
		at(time.Hour), at(time.Hour+time.Minute), at(-time.Hour), at(-time.Hour), at(9*24*time.Hour)))
	var results []string
	for _, r := range got.Results {
		results = append(results, string(r.ID)+" "+r.Result+" "+r.Details)
	}
	want := []string{"a ok ", "b warning clock_jump", "c warning future_clamped", "d drop too_old"}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	evs, err := st.Events(t.Context(), "s")
	if err != nil || len(evs) != 3 {
		t.Fatalf("Events = %d, %v", len(evs), err)
	}
	// The request took no time that anybody knows of, so its sender's clock is
	// an hour behind: a happened a minute and b half a minute before it arrived.
	for i, ago := range []time.Duration{time.Minute, 30 * time.Second, 0} {
		if !evs[i].At.Equal(now().Add(-ago)) {
			t.Errorf("event %s happened at %v, want %v before it arrived", evs[i].ID, evs[i].At, ago)
		}
	}
}

// gate is a store whose commit lasts until it is let through.
type gate struct {
	ingest.Store
	commits chan chan struct{}
}

func (g *gate) Record(ctx context.Context, evs []store.Incoming) ([]store.Verdict, error) {
	done := make(chan struct{})
	g.commits <- done
	<-done
	return g.Store.Record(ctx, evs)
}

// TestNoFormIsAnsweredBeforeItIsDurable holds the commit of each form.
func TestNoFormIsAnsweredBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	g := &gate{Store: storetest.New(t), commits: make(chan chan struct{})}
	s := ingest.New(ingest.Config{Store: g, Now: now})
	list := "[" + line("a") + "]"
	for n, r := range []ingest.Request{
		{ContentType: jsonType, Body: strings.NewReader(`{"events":` + list + `}`)},
		{ContentType: jsonType, Body: strings.NewReader(list)},
		{ContentType: jsonType, Body: strings.NewReader(list), Anonymous: true},
		{ContentType: jsonType, Body: strings.NewReader(pack(t, list)), Encoding: "gzip"},
		{ContentType: "application/x-ndjson", Body: strings.NewReader(line("a"))},
		{ContentType: "text/plain", Body: strings.NewReader(line("a"))},
	} {
		answered := make(chan error, 1)
		go func() {
			_, err := s.Take(context.Background(), r)
			answered <- err
		}()
		done := <-g.commits
		select {
		case err := <-answered:
			t.Errorf("request %d was answered before its commit: %v", n, err)
		default:
		}
		close(done)
		if err := <-answered; err != nil {
			t.Errorf("request %d: %v", n, err)
		}
	}
}

// FuzzTake sends anything in every form, packed and plain: it is read or
// refused, never a fault, and a second time it stores nothing new.
func FuzzTake(f *testing.F) {
	for _, seed := range []string{
		``, `[]`, line("a"), line("a") + "\n" + line("b"), `{"events":[` + line("a") + `,{}]}`, "\x1f\x8b\x08", "[\xff]", pack(f, line("a")),
	} {
		for kind := range uint8(4) {
			f.Add([]byte(seed), kind)
		}
	}
	st := storetest.New(f)
	s := ingest.New(ingest.Config{Store: st, Now: now})
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		r := ingest.Request{
			ContentType: []string{jsonType, "application/x-ndjson", "text/plain", "text/plain"}[kind%4], Anonymous: kind%8 > 3,
			Encoding: map[bool]string{true: "gzip"}[kind%4 == 3],
		}
		r.Body = bytes.NewReader(body)
		first, err := s.Take(t.Context(), r)
		r.Body = bytes.NewReader(body)
		second, again := s.Take(t.Context(), r)
		if (err == nil) != (again == nil) {
			t.Fatalf("Take = %v, then %v", err, again)
		}
		if err != nil {
			_, malformed := errors.AsType[*ingest.Malformed](err)
			if _, large := errors.AsType[*ingest.TooLarge](err); !malformed && !large {
				t.Fatalf("Take = %v", err)
			}
			return
		}
		if second.Accepted > 0 || second.Dropped != first.Dropped || len(first.Results) != first.Accepted+first.Duplicates+first.Dropped {
			t.Fatalf("reports %+v, then %+v", first, second)
		}
	})
}
