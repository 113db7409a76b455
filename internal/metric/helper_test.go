package metric_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones must exist on every machine

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

var (
	now    = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	berlin = zone("Europe/Berlin")
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// visit writes the events of one session, a minute apart unless told.
type visit struct {
	id     event.SessionID
	at     time.Time
	events []event.Event
}

func newVisit(id event.SessionID, at time.Time) *visit { return &visit{id: id, at: at} }

func (v *visit) did(list ...event.Payload) *visit {
	for _, p := range list {
		v.events = append(v.events, event.New(v.id, len(v.events), v.at, p))
		v.at = v.at.Add(time.Minute)
	}
	return v
}

// raw adds an event with properties as somebody else might send them.
func (v *visit) raw(name event.Name, properties string) *visit {
	v.events = append(v.events, event.Event{
		ID: event.DeriveID(string(v.id), strconv.Itoa(len(v.events))), Name: name, SessionID: v.id, At: v.at, Properties: json.RawMessage(properties),
	})
	v.at = v.at.Add(time.Minute)
	return v
}

func plain(n event.Name) event.Plain { return event.Plain{Name: n} }

func factsOf(events []event.Event) metric.Facts {
	var f metric.Facts
	for _, e := range events {
		f.Apply(e)
	}
	return f
}

// rollups adds up the contributions of visits.
func rollups(z *time.Location, visits ...*visit) metric.Delta {
	d := metric.Delta{}
	for _, v := range visits {
		d.Merge(metric.Contribution(factsOf(v.events), z), 1)
	}
	return d
}

func rows(d metric.Delta) []metric.Row {
	var list []metric.Row
	for k, v := range d {
		list = append(list, metric.Row{Key: k, Vector: v})
	}
	return list
}

func prices(id string) (name string, price int64) {
	switch id {
	case "booking":
		return "Online booking", 45_000
	case "gallery":
		return "Photo gallery", 19_950
	}
	return "", 0
}

// dashboard shows visits as of now in Berlin.
func dashboard(visits ...*visit) metric.Dashboard {
	return metric.NewDashboard(rows(rollups(berlin, visits...)), metric.Live{Now: now, Zone: berlin}, prices)
}

// interview is a whole session of our own, as it usually goes.
func interview(id event.SessionID, at time.Time) *visit {
	v := newVisit(id, at).did(event.LandingView{Source: "news", Device: "desktop"}, plain(event.NameCTAClick), plain(event.NameFoundationStart),
		plain(event.NameFoundationComplete), event.SessionStart{WebsiteType: "business"}, plain(event.NameConversationStart))
	features := strings.Fields("booking gallery blog chat shop reviews newsletter members analytics languages forms search")
	for q := 5; q <= 22; q++ {
		v.did(event.NewQuestionEfficiency(q), event.MessageSent{QuestionNumber: q, MessageLength: 80})
		switch q {
		case 6:
			v.did(event.NewBusinessModelClassified("service", 91, q))
		case 9, 15, 20:
			v.did(event.ValidationLoop{LoopNumber: q / 6, Category: "brand", Response: "correct"})
		case 11:
			v.did(event.NewFeaturesRecommended(features, "professional", 4200, q), event.NewFeaturesSelected(features[:7], features[7:], 3600))
		}
	}
	return v.did(event.NewSessionComplete(22, 14*time.Minute, 94), event.NewDocumentGenerated(event.DocumentScope, 5400, time.Second),
		event.NewDocumentGenerated(event.DocumentPDF, 1800, time.Second), plain(event.NameEmailsSent))
}

// randomEvents makes n events of one session with many ties in time, of all
// names and with sensible and senseless properties.
func randomEvents(r *rand.Rand, session event.SessionID, n int) []event.Event {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	ids := func() []string {
		var list []string
		for range r.IntN(6) {
			list = append(list, fmt.Sprintf("f%d", r.IntN(90)))
		}
		return list
	}
	payload := func() event.Payload {
		switch r.IntN(20) {
		case 0:
			return event.LandingView{Source: pick("", "news", "ads"), Device: pick("phone", "desktop"), Language: pick("", "de", "en"), Bot: pick("", "", "", "", "agent")}
		case 1:
			return event.SessionStart{WebsiteType: pick("business", "personal", ""), PromptVersion: pick("", "v1", "v2")}
		case 2:
			return event.NewBusinessModelClassified(pick("ecommerce", "service", ""), r.IntN(130), r.IntN(12))
		case 3:
			return event.NewFeaturesRecommended(ids(), pick("starter", "professional", ""), 3000, 11)
		case 4:
			return event.NewFeaturesSelected(ids(), ids(), float64(r.IntN(5000)))
		case 5, 6:
			return event.ValidationLoop{LoopNumber: r.IntN(6), Response: pick("correct", "clarify", "maybe")}
		case 7, 8:
			return event.NewQuestionEfficiency(r.IntN(40))
		case 9:
			return event.NewSessionComplete(r.IntN(31), time.Duration(r.IntN(1500))*time.Second, r.IntN(101))
		case 11, 12:
			return event.MessageSent{QuestionNumber: r.IntN(90), QuestionID: pick("goal", "goal_clarify", "budget", ""), TimeToRespond: float64(r.IntN(300))}
		case 13:
			return event.Feedback{QuestionID: fmt.Sprintf("q%d", r.IntN(80)), Rating: pick("helpful", "not_helpful", "confusing", "so so")}
		case 10:
			return event.NewDocumentGenerated(event.DocumentScope, 5000, time.Second)
		}
		return plain(event.Name(pick("cta_click", "foundation_start", "foundation_complete", "conversation_start", "emails_sent",
			"session_abandoned", "injection_suspected", "classification_uncertain", "conflict_resolution", "page_view", "feedback")))
	}
	list := make([]event.Event, n)
	for i := range list {
		at := now.Add(-time.Duration(r.IntN(4*24*60)) * time.Minute)
		if r.IntN(3) == 0 {
			at = now.Add(-time.Duration(r.IntN(3)) * time.Hour)
		}
		list[i] = event.New(session, i, at, payload())
	}
	return list
}

func decodeFacts(tb testing.TB, b []byte) metric.Facts {
	tb.Helper()
	f, err := metric.DecodeFacts(b)
	if err != nil {
		tb.Fatalf("DecodeFacts(%x) err = %v", b, err)
	}
	return f
}

func sessionID(i int) event.SessionID { return event.SessionID(fmt.Sprintf("s-%04d", i)) }
