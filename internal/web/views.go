package web

import (
	"net/http"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// conversationPage is templates/conversation.html. Exactly one of the actions
// is set.
type conversationPage struct {
	layout
	ActionID   intake.ActionID
	SessionID  event.SessionID
	Progress   progressView
	Recent     []intake.Message // the last two exchanges
	History    []intake.Message // everything, when that is more
	Known      []knownSection
	CanGoBack  bool
	Lost       string // text of an answer that was not used
	Review     bool   // what is understood is opened
	Question   *questionView
	Examples   *cardsView
	Conflict   *conflictView
	Validation *validationView
	Notice     string
	Error      *intake.Invalid
	Feedback   *feedbackView
}

// optionView is one card or chip.
type optionView struct {
	Value, Label, Description string
	Effect                    string // of a resolution, on price and date
	Name                      string // of the input
	Letter                    string // key that chooses it
	Checked                   bool
}

// groupView is one part of a bundled question.
type groupView struct {
	Key, Label string
	Single     bool
	Options    []optionView
}

// questionView is templates/_question.html.
type questionView struct {
	intake.Ask
	Options []optionView // of a question without groups
	Groups  []groupView
	Text    string
	OtherOn bool
}

// cardsView is templates/_examples.html, and the choices of a conflict.
type cardsView struct {
	Content *intake.Examples
	Options []optionView
	Text    string
	OtherOn bool
}

// conflictView is templates/_conflict.html.
type conflictView struct {
	Content *intake.Conflict
	Options []optionView
	Text    string
	OtherOn bool
}

// validationView is templates/_validation.html.
type validationView struct {
	Content *intake.Validation
	Points  []pointView
	Text    string
	Open    bool // the text area is open
}

// pointView is one line of a validation loop; Slot is empty when the line
// cannot be edited by itself.
type pointView struct {
	Text, Label string
	Slot        slot.Key
}

func (s *Server) points(sess *intake.Session, v *intake.Validation) []pointView {
	out := make([]pointView, len(v.Points))
	for i, text := range v.Points {
		out[i].Text = text
		if i >= len(v.PointSlots) || v.PointSlots[i] == "" {
			continue
		}
		if _, ok := s.cfg.Engine.EditForm(sess, v.PointSlots[i]); ok {
			out[i].Slot, out[i].Label = v.PointSlots[i], s.slots[v.PointSlots[i]].Label
		}
	}
	return out
}

// showAction renders the current action of a session. A finished session leads
// to its success page.
func (s *Server) showAction(w http.ResponseWriter, r *http.Request, sess *intake.Session, status int, g given) error {
	switch sess.Current.Kind {
	case intake.Complete:
		http.Redirect(w, r, "/success", http.StatusSeeOther)
		return nil
	case intake.RecommendFeatures:
		view, err := s.featuresView(sess, g)
		if err != nil {
			return err
		}
		return s.render(w, status, "features", view)
	default:
	}
	messages, err := s.cfg.Store.Messages(r.Context(), sess.ID)
	if err != nil {
		return err
	}
	return s.render(w, status, "conversation", s.conversationView(sess, messages, g))
}

func (s *Server) conversationView(sess *intake.Session, messages []intake.Message, g given) conversationPage {
	a := sess.Current
	view := conversationPage{
		layout: s.layout(actionTitle(a)), ActionID: a.ID, SessionID: sess.ID, Progress: s.progress(sess), Known: s.known(sess),
		Notice: g.Notice, Error: g.Error, CanGoBack: sess.CanGoBack(), Lost: g.Lost, Review: g.Review, Feedback: feedback(sess),
	}
	view.Screen, view.Restart, view.Visit, view.Save = "conversation", true, sess.ID, saveOf(sess, g.Posted)
	view.Recent, view.History = recent(messages)
	switch a.Kind {
	case intake.AskQuestion:
		view.Question = viewQuestion(a.Question, g)
	case intake.ExampleOptions:
		view.Examples = &cardsView{
			Content: a.Examples, Text: g.Answer.Text, OtherOn: g.Other || g.Answer.Text != "",
			Options: choiceViews(a.Examples.Options, "value", g.Answer.Value),
		}
	case intake.ConflictResolution:
		view.Conflict = &conflictView{
			Content: a.Conflict, Text: g.Answer.Text, OtherOn: g.Other || g.Answer.Text != "",
			Options: choiceViews(a.Conflict.Options, "choice", g.Answer.Choice),
		}
	case intake.ValidateUnderstanding:
		text := g.Answer.Text + g.Note // at most one of them is set
		view.Validation = &validationView{Content: a.Validation, Points: s.points(sess, a.Validation), Text: text, Open: text != "" || g.Error != nil}
	default:
	}
	return view
}

// actionTitle is the title of the browser's tab, which readers speak first.
func actionTitle(a intake.Action) string {
	switch a.Kind {
	case intake.AskQuestion:
		return a.Question.Question.Text
	case intake.ExampleOptions:
		return a.Examples.Context
	case intake.ConflictResolution:
		return a.Conflict.Title
	case intake.ValidateUnderstanding:
		return "Check what was understood"
	default:
	}
	return "Conversation"
}

func viewQuestion(ask *intake.Ask, g given) *questionView {
	q := ask.Question
	view := &questionView{Ask: *ask, Text: g.Answer.Text, OtherOn: g.Other || g.Answer.Text != ""}
	for i, o := range q.Options {
		option := optionView{
			Value: o.Value, Label: o.Label, Description: o.Description, Name: "values",
			Checked: slices.Contains(g.Answer.Values, o.Value),
		}
		at := slices.IndexFunc(q.Groups, func(g intake.Group) bool { return g.Key == o.Group })
		if at < 0 {
			option.Letter = letter(i)
			view.Options = append(view.Options, option)
			continue
		}
		view.addTo(q.Groups[at], option)
	}
	return view
}

// addTo puts an option into its group, which is made when it is new. The
// radios of a group share a name of their own.
func (v *questionView) addTo(g intake.Group, o optionView) {
	if g.Single {
		o.Name = "values." + g.Key
	}
	at := slices.IndexFunc(v.Groups, func(have groupView) bool { return have.Key == g.Key })
	if at < 0 {
		v.Groups = append(v.Groups, groupView{Key: g.Key, Label: g.Label, Single: g.Single})
		at = len(v.Groups) - 1
	}
	v.Groups[at].Options = append(v.Groups[at].Options, o)
}

func choiceViews(choices []intake.Choice, name, chosen string) []optionView {
	views := make([]optionView, len(choices))
	for i, c := range choices {
		views[i] = optionView{Value: c.Value, Label: c.Label, Description: c.Description, Effect: c.Effect, Name: name, Letter: letter(i), Checked: c.Value == chosen}
	}
	return views
}

// recent splits the conversation: the last two exchanges to show, and the
// whole history when there is more. The prompt that waits for an answer is
// left out, because the page shows it as the question.
func recent(all []intake.Message) (last, history []intake.Message) {
	all = slices.DeleteFunc(slices.Clone(all), func(m intake.Message) bool { return m.Role == "feedback" }) // no part of the talk
	if n := len(all); n > 0 && all[n-1].Role == "assistant" {
		all = all[:n-1]
	}
	at, answers := len(all), 0
	for at > 0 && answers < 2 {
		at--
		if all[at].Role == "client" {
			answers++
		}
	}
	for at > 0 && all[at-1].Role == "assistant" {
		at--
	}
	if at == 0 {
		return all, nil
	}
	return all[at:], all
}

// progressView is templates/_progress.html (DOMAIN 1.12).
type progressView struct {
	intake.Progress
	Steps []sectionStep
	Bars  []categoryBar
}

type sectionStep struct {
	intake.SectionProgress
	Current bool
	Word    string
}

type categoryBar struct {
	Label   string
	Percent int
}

func (s *Server) progress(sess *intake.Session) progressView {
	p := s.cfg.Engine.Progress(sess)
	view := progressView{Progress: p}
	current := slices.IndexFunc(p.Sections, func(x intake.SectionProgress) bool { return x.Status == "in_progress" })
	if current < 0 {
		current = slices.IndexFunc(p.Sections, func(x intake.SectionProgress) bool { return x.Status == "not_started" })
	}
	words := map[string]string{"complete": "complete", "in_progress": "in progress", "not_started": "not started"}
	for i, x := range p.Sections {
		view.Steps = append(view.Steps, sectionStep{SectionProgress: x, Current: i == current, Word: words[x.Status]})
	}
	for _, c := range categories() {
		view.Bars = append(view.Bars, categoryBar{Label: c.label, Percent: p.Categories[c.key]})
	}
	return view
}

// categories lists the eight information categories in their order
// (DOMAIN 2.4).
func categories() []struct{ key, label string } {
	return []struct{ key, label string }{
		{"businessContext", "Business"},
		{"brandAssets", "Brand"},
		{"contentReadiness", "Content"},
		{"technicalRequirements", "Technology"},
		{"mediaRequirements", "Media"},
		{"designDirection", "Design"},
		{"postLaunchSupport", "Support"},
		{"projectParameters", "Time and budget"},
	}
}

// clock shows the time of a message in the agency's zone.
func (s *Server) clock(t time.Time) string { return t.In(s.cfg.Zone).Format("15:04") }
