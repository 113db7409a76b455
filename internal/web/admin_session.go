package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// sessionPage is templates/admin/session.html.
type sessionPage struct {
	adminLayout
	ID        event.SessionID
	Heading   string
	Status    string
	Mark      string
	Client    intake.Client
	Website   string // kind of website, in plain words
	Begun     moment
	Active    moment
	Attempts  int
	Scope     string // address of SCOPE.md; empty until the interview is finished
	Summary   []figureCard
	Known     []evidenceSection
	Price     *priceView
	Loops     []loopView
	Conflicts []conflictRow
	Open      []openView
	Asked     []askedView
	Timeline  []timelineEntry
	Review    *reviewView // nil until the documents are asked for
	Maker     *visitRow   // nil without facts
	Notice    string
}

// evidenceSection is what is known about one section of the specification.
type evidenceSection struct {
	Title string
	Facts []evidenceFact
}

// evidenceFact is one fact with the words of the client that it rests on.
type evidenceFact struct {
	knownFact
	Confidence int
	Quote      string
	Note       string // what was assumed in its place, in a sentence
	Question   int
	Past       []pastValue // what it replaced, the newest first
}

// pastValue is what a slot held before, or what an answer said that was taken
// back.
type pastValue struct {
	Value, Word, Quote string
	Question           int
	Withdrawn          bool
}

// askedView is one question with the reason why it was asked before others.
type askedView struct {
	Number  int
	Text    string
	Reason  string
	Seconds int
	Score   string
	Others  []rankedView // the best that were left for later
}

type rankedView struct{ Name, Score string }

// priceView is what the client chose and what it costs.
type priceView struct {
	Estimate    catalog.Estimate
	Recommended int      // features on offer
	Rejected    []string // recommended but not chosen
	Phased      []string // moved to a later phase
	Hosting     string
	Answered    bool
}

type loopView struct {
	intake.LoopAnswer
	Name string
	At   moment
}

type conflictRow struct {
	intake.ConflictRecord
	Name string
	At   moment
	Word string // what became of it
}

// conflictOf says what became of a contradiction.
func conflictOf(c intake.ConflictRecord, at moment) conflictRow {
	row := conflictRow{ConflictRecord: c, Name: words(string(c.Type)), At: at}
	switch {
	case c.Resolution == "":
		row.Word = "Open"
	case c.Resolution == "team_decides":
		row.Word = "Left to the team"
	case c.Unread:
		row.Word = "Own words, to be read"
	default:
		row.Word = "Resolved"
	}
	return row
}

type openView struct{ Label, Reason string }

// adminSession shows one interview: GET /admin/sessions/{id}.
func (s *Server) adminSession(w http.ResponseWriter, r *http.Request, who staff) error {
	id := event.SessionID(r.PathValue("id"))
	rec, err := s.cfg.Store.Session(r.Context(), id)
	if err != nil {
		return err
	}
	messages, err := s.cfg.Store.Messages(r.Context(), id)
	if err != nil {
		return err
	}
	events, err := s.cfg.Store.Events(r.Context(), id)
	if err != nil {
		return err
	}
	// Whoever reads personal data leaves a trace (DOMAIN 8.9).
	if err := s.cfg.Account.Audit(r.Context(), who.User, "session_read", "session:"+string(id)); err != nil {
		return err
	}
	view := s.sessionView(rec.Session)
	view.adminLayout = s.adminLayout(view.Heading+" · Introspect", "sessions", who)
	review, entries, err := s.review(r.Context(), id)
	if err != nil {
		return err
	}
	if review != nil {
		review.Amended = s.amendedViews(r.Context(), rec.Session)
	}
	view.Review, view.Notice = review, actedWords(r.FormValue("done"))
	visit, err := s.cfg.Store.Visits(r.Context(), store.VisitFilter{ID: id, Limit: 1})
	if err != nil {
		return err
	}
	if len(visit) > 0 {
		row := s.visitRow(visit[0], events)
		view.Maker = &row
	}
	if view.Notice == "" {
		view.Notice = judgedWords(r.FormValue("done"))
	}
	view.Timeline = s.timeline(messages, events, entries...)
	return s.render(w, http.StatusOK, "admin/session", view)
}

func (s *Server) sessionView(sess *intake.Session) sessionPage {
	view := sessionPage{
		ID: sess.ID, Heading: sess.Values()["businessName"], Status: words(string(sess.Status)), Mark: statusMark(sess.Status),
		Client: sess.Client, Website: words(sess.Client.WebsiteType), Begun: s.moment(sess.CreatedAt), Active: s.moment(sess.LastActivity),
		Attempts: sess.Suspicious, Summary: s.sessionCards(sess), Known: s.evidence(sess), Price: s.bill(sess),
	}
	if view.Heading == "" {
		view.Heading = sess.Client.Name
	}
	if sess.Client.OtherDescription != "" {
		view.Website += ": " + sess.Client.OtherDescription
	}
	if sess.Status == intake.Completed {
		view.Scope = "/api/documents/scope/" + string(sess.ID)
	}
	for _, l := range sess.Loops {
		view.Loops = append(view.Loops, loopView{l, fmt.Sprintf("Validation Loop %d", l.Number), s.moment(l.At)})
	}
	for _, c := range sess.Conflicts {
		view.Conflicts = append(view.Conflicts, conflictOf(c, s.moment(c.At)))
	}
	for _, o := range sess.OpenPoints {
		view.Open = append(view.Open, openView{s.slots[o.Slot].Label, o.Reason})
	}
	view.Asked = s.reasons(sess)
	return view
}

// reasons lists the questions that were chosen, with the rule or score that
// chose them (ADR 0009).
func (s *Server) reasons(sess *intake.Session) []askedView {
	why := map[string]string{
		"": "The most information in the least time", "opening": "Everything else follows from it", "basics": "Needed before features can be suggested",
		"features": "Needed before features can be suggested", "blind_spot": "Taste, which nobody tells unasked", "essential": "No document without it",
		"checklist": "Most points of a specification at once", "deadline": "The business model was still open", "resolution": "Settles what was just decided",
	}
	var out []askedView
	for _, a := range sess.Asked {
		if len(a.Ranking) == 0 || a.Text == "" {
			continue
		}
		best := a.Ranking[0]
		v := askedView{Number: a.Number, Text: a.Text, Reason: why[best.Rule], Seconds: int(best.Seconds), Score: score(best)}
		for _, other := range a.Ranking[1:] {
			v.Others = append(v.Others, rankedView{words(other.QuestionID), score(other)})
		}
		out = append(out, v)
	}
	return out
}

func score(r intake.Ranked) string { return strconv.FormatFloat(r.Score, 'f', 2, 64) }

// sessionCards are the figures of one interview.
func (s *Server) sessionCards(sess *intake.Session) []figureCard {
	progress := s.cfg.Engine.Progress(sess)
	questions := figureCard{Title: "Questions", Value: strconv.Itoa(sess.Questions), Note: "target 22, limit 30", Mark: "good", Word: "Within target"}
	switch {
	case sess.Questions > 28:
		questions.Mark, questions.Word = "critical", "Above 28"
	case sess.Questions > 25:
		questions.Mark, questions.Word = "warning", "Above 25"
	case sess.Questions > 22:
		questions.Mark, questions.Word = "", ""
	}
	model := figureCard{Title: "Business model", Value: "–", Note: "not classified yet"}
	if sess.Model.Classified() {
		model.Value, model.Note = words(string(sess.Model.Model)), fmt.Sprintf("%d%% confidence", sess.Model.Confidence)
		switch {
		case sess.ModelAt > event.ClassificationDeadline:
			model.Mark, model.Word = "warning", fmt.Sprintf("Late, at question %d", sess.ModelAt)
		case sess.ModelAt > 0:
			model.Mark, model.Word = "good", fmt.Sprintf("At question %d", sess.ModelAt)
		}
	}
	sections := figureCard{Title: "Progress", Value: fmt.Sprintf("%d%%", progress.Percent), Note: fmt.Sprintf("%d of %d sections complete", progress.SectionsDone, progress.SectionsTotal)}
	if sess.Status == intake.Completed { // the interview is at its end, and the document may still have open points
		sections = figureCard{Title: "Sections", Value: fmt.Sprintf("%d of %d", progress.SectionsDone, progress.SectionsTotal), Note: "complete at the end of the interview"}
	}
	cards := []figureCard{
		sections, questions, model,
		{Title: "Time", Value: durationWords(sess.LastActivity.Sub(sess.CreatedAt)), Note: "from start to last activity"},
	}
	if c := sess.Completion; c != nil {
		done := figureCard{Title: "Confidence", Value: fmt.Sprintf("%d%%", c.Confidence), Note: "at completion"}
		if c.Forced {
			done.Mark, done.Word = "warning", "Ended by the question limit"
		}
		cards = append(cards, done)
	}
	return cards
}

// evidence lists the current facts by section, each with its source.
func (s *Server) evidence(sess *intake.Session) []evidenceSection {
	titles, past := intake.SectionTitles(), s.pastValues(sess)
	sections := make([]evidenceSection, len(titles))
	for _, f := range sess.CurrentFacts() {
		def, ok := s.slots[f.Slot]
		if !ok || def.Section < 1 || def.Section > len(titles) {
			continue
		}
		fact := evidenceFact{
			knownFact:  knownFact{Label: def.Label, Value: s.plain(f, def.Type), Status: f.Status, Word: statusWord(f.Status)},
			Confidence: f.Confidence, Quote: f.Evidence.Quote, Question: f.Evidence.Question, Past: past[f.Slot],
			Note: f.Note,
		}
		sections[def.Section-1].Facts = append(sections[def.Section-1].Facts, fact)
	}
	var out []evidenceSection
	for i, section := range sections {
		if section.Title = titles[i]; len(section.Facts) > 0 {
			out = append(out, section)
		}
	}
	return out
}

// pastValues lists for each slot what it held before, the newest first, and
// what answers said of it that were taken back.
func (s *Server) pastValues(sess *intake.Session) map[slot.Key][]pastValue {
	out := map[slot.Key][]pastValue{}
	add := func(f intake.Fact, withdrawn bool) {
		if d, ok := s.slots[f.Slot]; ok && f.Status.Known() {
			out[f.Slot] = append(out[f.Slot], pastValue{s.plain(f, d.Type), statusWord(f.Status), f.Evidence.Quote, f.Evidence.Question, withdrawn})
		}
	}
	for i := len(sess.Facts) - 1; i >= 0; i-- {
		if newest, _ := sess.Fact(sess.Facts[i].Slot); newest.Value != sess.Facts[i].Value { // a confirmation replaces nothing
			add(sess.Facts[i], false)
		}
	}
	for i := len(sess.Withdrawn) - 1; i >= 0; i-- {
		add(sess.Withdrawn[i], true)
	}
	return out
}

// bill is the feature screen and its outcome; nil before it was shown.
func (s *Server) bill(sess *intake.Session) *priceView {
	f := sess.Features
	if f == nil {
		return nil
	}
	v := &priceView{
		Estimate: f.Estimate, Answered: f.Answered, Recommended: len(f.Recommendation.Recommended), Phased: s.nameList(f.Phased),
	}
	if h, ok := s.cfg.Catalog.HostingTier(f.Estimate.Hosting); ok {
		v.Hosting = h.Name
	}
	chosen := make(map[catalog.FeatureID]bool)
	for _, l := range f.Estimate.Lines {
		chosen[l.Feature] = true
	}
	for _, item := range f.Recommendation.Recommended {
		if f.Answered && !chosen[item.Feature] {
			v.Rejected = append(v.Rejected, item.Name)
		}
	}
	return v
}

// durationWords says how long something took, in minutes or hours.
func durationWords(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 1:
		return "under 1 min"
	case minutes < 120:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d days", minutes/60/24)
}
