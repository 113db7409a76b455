package interview_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store/storetest"
)

// script is an advisor that answers as a test says.
type script func(ctx context.Context, t advisor.Turn) (advice.Advice, error)

func (f script) Advise(ctx context.Context, t advisor.Turn) (advice.Advice, error) { return f(ctx, t) }

// never is a clock whose deadlines do not come.
func never(time.Duration) <-chan time.Time { return nil }

// atOnce is one whose deadlines are over when they are set.
func atOnce(time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c
}

func advisedService(tb testing.TB, a interview.Advisor, after func(time.Duration) <-chan time.Time) (*interview.Service, *intake.Engine) {
	tb.Helper()
	_, engine := intaketest.Engine(tb)
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	sv := interview.New(interview.Config{Store: storetest.New(tb), Engine: engine, Now: c.Now, Advisor: a, After: after})
	tb.Cleanup(sv.Close)
	return sv, engine
}

const description = "Studio Moreau is a hair salon in Portland. Ada Moreau runs it, ring 503 555 0147; our logo is hand drawn."

// answerFirst begins an interview and answers its first question.
func answerFirst(tb testing.TB, sv *interview.Service, c intake.Client) (interview.Begun, *intake.Session) {
	tb.Helper()
	b, err := sv.Begin(tb.Context(), "", c)
	if err != nil {
		tb.Fatal(err)
	}
	ctx := interview.WithNetwork(tb.Context(), "192.0.2.0/24")
	sess, err := sv.Answer(ctx, b.Session.ID, b.Token, intake.Answer{ActionID: b.Session.Current.ID, Text: description})
	if err != nil {
		tb.Fatal(err)
	}
	return b, sess
}

// TestAdviceInTime checks what a model hears, that its wording is used for the
// question it chose, and that a replay from the record needs no model.
func TestAdviceInTime(t *testing.T) {
	t.Parallel()
	var heard advisor.Turn
	sv, engine := advisedService(t, script(func(_ context.Context, turn advisor.Turn) (advice.Advice, error) {
		heard = turn
		q := turn.Sent.AllowedQuestions[0]
		return advice.Advice{QuestionID: q.ID, Wording: "What should the new website do for {{client}}?", Facts: []advice.Fact{
			{Evidence: "a hair salon in Portland", Slot: slot.Maintainer, Value: "client", Certainty: advice.Stated},
		}}, nil
	}), never)
	b, sess := answerFirst(t, sv, ada())
	for _, private := range []string{"Moreau runs", "503", "ada@example.com"} {
		if strings.Contains(heard.Sent.LastAnswer, private) || bytes.Contains(heard.Sent.JSON(), []byte(private)) {
			t.Errorf("the advisor heard %q", private)
		}
	}
	if heard.Network != "192.0.2.0/24" || heard.Session != sess.ID || heard.Question == "" {
		t.Errorf("the advisor heard of network %q, session %q, question %q", heard.Network, heard.Session, heard.Question)
	}
	if got, want := sess.Current.Question.Question.Text, "What should the new website do for Moreau?"; got != want {
		t.Errorf("the question is %q, want the wording %q", got, want)
	}
	if len(sess.Hints) != 1 || sess.Hints[0].Status != intake.Assumed {
		t.Errorf("a fact that nobody asked for became %+v, want an assumption", sess.Hints)
	}
	again, _, err := engine.Start(sess.ID, ada(), sess.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if len(sess.Advice) != 1 {
		t.Fatalf("the session keeps %d pieces of advice, want 1", len(sess.Advice))
	}
	if _, err := engine.AnswerAdvised(again, intake.Answer{ActionID: b.Session.Current.ID, Text: description}, sess.Advice[0].Advice, sess.LastActivity); err != nil {
		t.Fatal(err)
	}
	again.Events++ // the service recorded the form
	want, _ := json.Marshal(sess)
	got, _ := json.Marshal(again)
	if !bytes.Equal(got, want) {
		t.Errorf("the replay is\n%s\nwant\n%s", got, want)
	}
}

// carried is a value that a request brings along, such as its trace.
type carried struct{}

// TestAdviceBelongsToItsRequest: what asks the model knows the request, whose
// trace the call belongs to, and does not end with it.
func TestAdviceBelongsToItsRequest(t *testing.T) {
	t.Parallel()
	heard, left := make(chan any, 1), make(chan error, 1)
	gone := make(chan struct{})
	sv, _ := advisedService(t, script(func(ctx context.Context, _ advisor.Turn) (advice.Advice, error) {
		heard <- ctx.Value(carried{})
		<-gone
		left <- ctx.Err()
		return advice.Advice{}, advisor.ErrNone
	}), atOnce)
	b, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.WithValue(t.Context(), carried{}, "trace 7"))
	if _, err := sv.Answer(ctx, b.Session.ID, b.Token, intake.Answer{ActionID: b.Session.Current.ID, Text: description}); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != "trace 7" {
		t.Errorf("the call knows %v of its request, want its trace", got)
	}
	leave()
	close(gone)
	if err := <-left; err != nil {
		t.Errorf("the call ended with its request: %v", err)
	}
}

// TestAdviceForTheErased checks that advice on a session that was erased stays
// nowhere, whether it comes after the erasure or waited before it.
func TestAdviceForTheErased(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"it comes after the erasure": true, "it waits when the erasure comes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			sv, _ := advisedService(t, script(func(context.Context, advisor.Turn) (advice.Advice, error) {
				<-release
				return advice.Advice{}, nil
			}), atOnce)
			b, _ := answerFirst(t, sv, ada())
			st := sv.Store()
			if before {
				if err := st.Erase(t.Context(), b.Session.ID, "client"); err != nil {
					t.Fatal(err)
				}
			}
			close(release)
			sv.Rest()
			if got := sv.Waiting(); got != map[bool]int{true: 0, false: 1}[before] {
				t.Fatalf("%d pieces of advice wait", got)
			}
			sv.Forget(b.Session.ID)
			if sv.Waiting() != 0 {
				t.Error("the advice is still there after Forget")
			}
		})
	}
}

// TestAdviceLate checks that nobody waits past the deadline, and that what came
// late is taken with the next answer, as assumptions only.
func TestAdviceLate(t *testing.T) {
	t.Parallel()
	release, told := make(chan struct{}), make(chan struct{})
	calls := 0
	sv, _ := advisedService(t, script(func(_ context.Context, turn advisor.Turn) (advice.Advice, error) {
		if calls++; calls > 1 {
			return advice.Advice{}, advisor.ErrNone
		}
		<-release
		defer close(told)
		return advice.Advice{QuestionID: turn.Sent.AllowedQuestions[0].ID, Wording: "Late?", Facts: []advice.Fact{
			{Evidence: "hand drawn", Slot: slot.Avoid, Value: "hand drawn", Certainty: advice.Stated},
			{Evidence: "Ada Moreau runs it", Slot: slot.Maintainer, Value: "client", Certainty: advice.Stated},
		}}, nil
	}), atOnce)
	b, sess := answerFirst(t, sv, ada())
	if strings.Contains(sess.Current.Question.Question.Text, "Late") || len(sess.Advice) > 0 {
		t.Fatalf("the turn waited for advice: %q", sess.Current.Question.Question.Text)
	}
	close(release)
	<-told
	sv.Close() // the record of it is complete when nothing runs any more
	for _, again := range []intake.Answer{{ActionID: b.Session.Current.ID, Text: description}, {ActionID: "none", Text: "x"}, {ActionID: sess.Current.ID}} {
		if next, err := sv.Answer(t.Context(), b.Session.ID, b.Token, again); err == nil && next.Turns != 1 || sv.Waiting() != 1 {
			t.Errorf("after %+v, which is no turn (%v), %d pieces of advice wait; want the one to wait on", again, err, sv.Waiting())
		}
	}
	sess, err := sv.Answer(t.Context(), b.Session.ID, b.Token, intake.Answer{ActionID: sess.Current.ID, Skip: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(sess.Advice) != 1 || !sess.Advice[0].Late {
		t.Fatalf("the session keeps %+v, want the late advice", sess.Advice)
	}
	if n := sv.Waiting(); n != 0 {
		t.Errorf("%d pieces of advice wait after the one was taken", n)
	}
	if i := slices.IndexFunc(sess.Hints, func(f intake.Fact) bool { return f.Slot == slot.Maintainer }); i < 0 || sess.Hints[i].Status != intake.Assumed {
		t.Errorf("hints are %+v, want the maintainer as an assumption", sess.Hints)
	}
	if _, known := sess.Fact(slot.Maintainer); known {
		t.Error("a late fact is known like one that the client stated")
	}
}

// TestNoAdviceWanted lists the turns on which no model may be asked.
func TestNoAdviceWanted(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100)
	sv, _ := advisedService(t, script(func(_ context.Context, turn advisor.Turn) (advice.Advice, error) {
		asked <- turn.Sent.LastAnswer
		return advice.Advice{}, errors.New("dead")
	}), never)
	quiet := ada()
	quiet.NoAI = true
	answerFirst(t, sv, quiet)
	if n := len(asked); n != 0 {
		t.Errorf("a session without AI asked the advisor %d times", n)
	}
	b, sess := answerFirst(t, sv, ada())
	for range 60 {
		if sess.Current.Kind == intake.Complete {
			break
		}
		before := len(asked)
		a := reply(sess)
		next, err := sv.Answer(t.Context(), b.Session.ID, b.Token, a)
		if err != nil {
			t.Fatal(err)
		}
		if sess = next; a.Text == "" && len(asked) != before {
			t.Errorf("a pure choice asked the advisor")
		}
	}
	if sess.Current.Kind != intake.Complete {
		t.Errorf("with a dead advisor the interview stands at %s", sess.Current.Kind)
	}
}

// TestAdviceOfALostClient checks that a request that ends does not wait.
func TestAdviceOfALostClient(t *testing.T) {
	t.Parallel()
	sv, _ := advisedService(t, script(func(ctx context.Context, _ advisor.Turn) (advice.Advice, error) {
		<-ctx.Done() // ended by Close
		return advice.Advice{}, ctx.Err()
	}), atOnce)
	_, sess := answerFirst(t, sv, ada())
	if sess.Current.Kind != intake.AskQuestion {
		t.Errorf("the session stands at %s", sess.Current.Kind)
	}
}

// TestAdviceForADoubleSubmit sends one answer twice at once, each waiting for
// advice of its own: it is taken once, and both see the same question.
func TestAdviceForADoubleSubmit(t *testing.T) {
	t.Parallel()
	both := make(chan struct{}, 2)
	open := make(chan struct{})
	sv, _ := advisedService(t, script(func(_ context.Context, turn advisor.Turn) (advice.Advice, error) {
		both <- struct{}{}
		<-open
		return advice.Advice{QuestionID: turn.Sent.AllowedQuestions[0].ID, Wording: "What for?"}, nil
	}), never)
	b, err := sv.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		sess *intake.Session
		err  error
	}
	results := make(chan result, 2)
	for range 2 {
		go func() {
			sess, err := sv.Answer(t.Context(), b.Session.ID, b.Token, intake.Answer{ActionID: b.Session.Current.ID, Text: description})
			results <- result{sess, err}
		}()
	}
	<-both
	<-both
	close(open)
	for range 2 {
		r := <-results
		if r.err != nil {
			t.Fatal(r.err)
		}
		if r.sess.Turns != 1 || len(r.sess.Advice) != 1 || r.sess.Current.Question.Question.Text != "What for?" {
			t.Errorf("turns %d, advice %d, question %q; want one of each", r.sess.Turns, len(r.sess.Advice), r.sess.Current.Question.Question.Text)
		}
	}
}

// TestLateAdviceAfterBack checks that advice about an answer that was taken
// back meets nobody.
func TestLateAdviceAfterBack(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	sv, _ := advisedService(t, script(func(context.Context, advisor.Turn) (advice.Advice, error) {
		<-release
		return advice.Advice{Facts: []advice.Fact{
			{Evidence: "Ada Moreau runs it", Slot: slot.Maintainer, Value: "client", Certainty: advice.Stated},
		}}, nil
	}), atOnce)
	b, sess := answerFirst(t, sv, ada())
	sess, err := sv.Back(t.Context(), b.Session.ID, b.Token, sess.Current.ID)
	if err != nil {
		t.Fatal(err)
	}
	close(release)
	sv.Close()
	sess, err = sv.Answer(t.Context(), b.Session.ID, b.Token, intake.Answer{ActionID: sess.Current.ID, Unsure: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(sess.Hints) != 0 {
		t.Errorf("hints of an answer that was taken back: %+v", sess.Hints)
	}
}
