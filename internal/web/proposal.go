package web

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/store"
)

// What a client may write on the proposal, in characters.
const (
	maxSigner   = 120
	maxQuestion = 5000
)

// longName is from where the name of a project is set smaller, in characters.
const longName = 40

// proposalPage is templates/proposal.html: the proposal on the web (DOMAIN 7.2).
type proposalPage struct {
	layout
	Proposal proposal.Proposal
	At       string // address of this page
	Long     bool   // the name of the project is long
	Bars     []planBar
	Accepted *acceptance
	Expired  bool // the prices do not hold any more
	Notice   string
}

// planBar is one row of the timeline with its bar in percent of the axis.
type planBar struct {
	proposal.Milestone

	When        string // "week 3", "weeks 3 to 5"
	From, Width string
}

// acceptance is when a proposal was accepted, and by whom.
type acceptance struct {
	By string
	At moment
}

// waitPage is templates/proposal-wait.html: there is a proposal, and it may not
// be read yet.
type waitPage struct {
	layout
	Held bool
}

// replyPage is templates/proposal-accept.html and proposal-question.html.
type replyPage struct {
	layout
	At             string
	Project        string
	Total, Monthly string
	Payment        string // what is due first, as a sentence
	Valid          string
	Given          string // what was typed
	Error          string
	Longest        int
}

// opened is a proposal that the holder of a link may read.
type opened struct {
	id       event.SessionID
	at       string // address of the page
	proposal proposal.Proposal
}

// open returns the proposal of a link. A wrong link says nothing about whether
// there is such a proposal. A proposal that may not be read yet is shown as that,
// and ok is false.
func (s *Server) open(w http.ResponseWriter, r *http.Request) (o opened, ok bool, err error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key
	token := r.PathValue("token")
	o.id, ok = s.cfg.Deliver.ProposalOf(token)
	if !ok {
		return o, false, noProposal()
	}
	d, err := s.cfg.Store.Delivery(r.Context(), o.id)
	if errors.Is(err, store.ErrNotFound) {
		if _, err := s.cfg.Store.Session(r.Context(), o.id); err != nil {
			return o, false, noProposal()
		}
		return o, false, s.notYet(w, false)
	}
	if err != nil {
		return o, false, err
	}
	if d.State == store.DeliveryHeld {
		return o, false, s.notYet(w, true)
	}
	if o.proposal, err = s.cfg.Deliver.Proposal(r.Context(), o.id); errors.Is(err, store.ErrNotFound) {
		return o, false, noProposal()
	}
	o.at = s.cfg.Deliver.ProposalPath(o.id)
	return o, err == nil, err
}

func noProposal() *problem {
	return &problem{
		Status: http.StatusNotFound, Kind: "not_found", Title: "This link leads nowhere",
		Detail: "There is no proposal under this address. Please check that the link was copied whole, or open it from the mail again.", Level: slog.LevelInfo,
	}
}

func (s *Server) notYet(w http.ResponseWriter, held bool) error {
	view := waitPage{layout: s.layout("Your proposal is on its way"), Held: held}
	view.Screen, view.Style, view.Refresh = "wait", "proposal.css", 60
	if !held {
		view.Refresh = 5
	}
	return s.render(w, http.StatusOK, "proposal-wait", view)
}

// proposal shows a proposal to whoever holds its link: GET /proposal/{token}.
func (s *Server) proposal(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	view := proposalPage{layout: s.layout(o.proposal.Title), Proposal: o.proposal, At: o.at, Expired: s.expired(o.proposal)}
	view.Screen, view.Style, view.Home = "proposal", "proposal.css", o.at
	if view.Accepted, err = s.accepted(r.Context(), o.id); err != nil {
		return err
	}
	view.Long, view.Bars = utf8.RuneCountInString(o.proposal.Project) > longName, bars(o.proposal.Timeline)
	switch r.URL.Query().Get("sent") {
	case "accepted":
		view.Notice = "Thank you. " + s.cfg.Agency.Name + " has your answer and writes to you about the agreement."
	case "question":
		view.Notice = "Your question is with " + s.cfg.Agency.Name + ". The answer comes by mail."
	}
	return s.render(w, http.StatusOK, "proposal", view)
}

// expired reports whether the last day of the prices is over.
func (s *Server) expired(p proposal.Proposal) bool {
	return s.now().After(p.ValidUntil.AddDate(0, 0, 1).Add(12 * time.Hour)) // the day ends everywhere
}

// accepted returns the acceptance of a proposal, nil when there is none.
func (s *Server) accepted(ctx context.Context, id event.SessionID) (*acceptance, error) {
	list, err := s.cfg.Store.Decisions(ctx, id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(d store.Decision) bool { return d.Kind == store.DecisionAccepted })
	if i < 0 {
		return nil, nil //nolint:nilnil // nobody accepted
	}
	return &acceptance{list[i].Text, s.moment(list[i].At)}, nil
}

// bars lays the milestones on an axis of weeks.
func bars(t proposal.Timeline) []planBar {
	last := 1
	for _, m := range t.Milestones {
		last = max(last, m.Start+m.Weeks-1)
	}
	var out []planBar
	percent := func(weeks int) string {
		return strconv.FormatFloat(float64(weeks)*100/float64(last), 'f', 2, 64) + "%"
	}
	for _, m := range t.Milestones {
		words := "Week " + strconv.Itoa(m.Start)
		if m.Weeks > 1 {
			words = "Weeks " + strconv.Itoa(m.Start) + " to " + strconv.Itoa(m.Start+m.Weeks-1)
		}
		out = append(out, planBar{m, words, percent(m.Start - 1), percent(max(m.Weeks, 1))})
	}
	return out
}

func (s *Server) replyPage(title string, o opened) replyPage {
	view := replyPage{
		layout: s.layout(title), At: o.at, Project: o.proposal.Project, Total: money(o.proposal.Investment.Total),
		Monthly: money(o.proposal.Investment.Monthly), Valid: o.proposal.ValidUntil.Format("January 2, 2006"),
	}
	if list := o.proposal.Investment.Payments; len(list) > 0 {
		view.Payment = money(list[0].Amount) + ", " + strconv.Itoa(list[0].Percent) + " % of the total"
	}
	view.Screen, view.Style, view.Home = "reply", "proposal.css", o.at
	return view
}

func (s *Server) acceptPage(o opened) replyPage {
	view := s.replyPage("Accept the proposal", o)
	view.Longest = maxSigner
	return view
}

func (s *Server) questionPage(o opened) replyPage {
	view := s.replyPage("Ask about the proposal", o)
	view.Longest = maxQuestion
	return view
}

// acceptAsk asks whether the proposal is meant to be accepted: GET
// /proposal/{token}/accept.
func (s *Server) acceptAsk(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	if done, err := s.settled(w, r, o); done || err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "proposal-accept", s.acceptPage(o))
}

// settled leads back to a proposal that cannot be accepted: it is accepted, or
// its prices do not hold any more. The page says which.
func (s *Server) settled(w http.ResponseWriter, r *http.Request, o opened) (bool, error) {
	a, err := s.accepted(r.Context(), o.id)
	if err != nil || a == nil && !s.expired(o.proposal) {
		return false, err
	}
	http.Redirect(w, r, o.at, http.StatusSeeOther)
	return true, nil
}

// accept takes the acceptance: POST /proposal/{token}/accept.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	if err := parseForm(r); err != nil {
		return err
	}
	if done, err := s.settled(w, r, o); done || err != nil {
		return err
	}
	view := s.acceptPage(o)
	view.Given = strings.Join(strings.Fields(r.PostForm.Get("name")), " ")
	switch n := utf8.RuneCountInString(view.Given); {
	case n < 2 || !utf8.ValidString(view.Given):
		view.Error = "Please type your full name, so that " + s.cfg.Agency.Name + " knows who accepted."
	case n > maxSigner:
		view.Error = "A name can have " + strconv.Itoa(maxSigner) + " characters at most. Please shorten it."
	}
	if view.Error != "" {
		return s.render(w, http.StatusUnprocessableEntity, "proposal-accept", view)
	}
	err = s.cfg.Deliver.Decide(r.Context(), store.Decision{Session: o.id, Kind: store.DecisionAccepted, Text: view.Given})
	if err != nil && !errors.Is(err, store.ErrExists) { // another window was first, and the page shows it
		return err
	}
	http.Redirect(w, r, o.at+"?sent=accepted", http.StatusSeeOther)
	return nil
}

// questionAsk shows the form for a question: GET /proposal/{token}/question.
func (s *Server) questionAsk(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "proposal-question", s.questionPage(o))
}

// question takes a question: POST /proposal/{token}/question.
func (s *Server) question(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	if err := parseForm(r); err != nil {
		return err
	}
	view := s.questionPage(o)
	view.Given = strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	status := http.StatusUnprocessableEntity
	switch n := utf8.RuneCountInString(view.Given); {
	case n == 0 || !utf8.ValidString(view.Given):
		view.Error = "There is no question yet. Please write it into the field."
	case n > maxQuestion:
		view.Error = "The question has " + thousands(int64(n)) + " characters; " + thousands(maxQuestion) + " fit. Please shorten it."
	default:
		if wait, ok := s.asks.allow("question/"+string(o.id), s.now()); !ok {
			view.Error = "Several questions were sent in a short time. Please wait " + waitWords(wait) + " before the next one, or write to " + s.cfg.Agency.Email + "."
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", seconds(wait))
		}
	}
	if view.Error != "" {
		return s.render(w, status, "proposal-question", view)
	}
	if err := s.cfg.Deliver.Decide(r.Context(), store.Decision{Session: o.id, Kind: store.DecisionQuestion, Text: view.Given}); err != nil {
		return err
	}
	http.Redirect(w, r, o.at+"?sent=question", http.StatusSeeOther)
	return nil
}

// proposalFile serves the PDF to whoever holds the link: GET
// /proposal/{token}/pdf.
func (s *Server) proposalFile(w http.ResponseWriter, r *http.Request) error {
	o, ok, err := s.open(w, r)
	if !ok || err != nil {
		return err
	}
	doc, err := s.cfg.Store.Document(r.Context(), o.id, store.DocumentProposal)
	if err != nil {
		return err
	}
	sendFile(w, doc.Name, doc.MediaType, doc.Data)
	return nil
}

// sendFile answers with a file to be saved, never to be shown as a page of ours.
func sendFile(w http.ResponseWriter, name, mediaType string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	_, _ = w.Write(data) // A client that left needs no answer.
}
