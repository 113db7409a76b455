package advice

import (
	"slices"

	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

// Redact returns the snapshot as it may be sent: slots with personal data are
// gone, and in every other text the person's name and every e-mail address and
// telephone number are replaced by placeholders such as {{client}}. back puts
// them in again; back of a redacted text is the text, byte for byte.
func (s Snapshot) Redact(p redact.Person) (safe Snapshot, back func(string) string) {
	r := redact.New(p)
	defs := slot.ByKey()
	s.LastAnswer = r.Out(s.LastAnswer) // first, so that its placeholders are the plain ones
	facts := slot.Values{}
	for _, k := range sortedKeys(s.Facts) {
		if d, ok := defs[k]; ok && !d.Personal {
			facts[k] = r.Out(s.Facts[k])
		}
	}
	s.Facts = facts
	s.Open = slices.DeleteFunc(slices.Clone(s.Open), func(k slot.Key) bool { return defs[k].Personal })
	s.LastQuestion.Text = r.Out(s.LastQuestion.Text)
	s.AllowedQuestions = slices.Clone(s.AllowedQuestions)
	for i := range s.AllowedQuestions {
		s.AllowedQuestions[i].Text = r.Out(s.AllowedQuestions[i].Text)
	}
	s.RecentAcks = slices.Clone(s.RecentAcks)
	for i := range s.RecentAcks {
		s.RecentAcks[i] = r.Out(s.RecentAcks[i])
	}
	return s, r.Back()
}

func sortedKeys(v slot.Values) []slot.Key {
	out := make([]slot.Key, 0, len(v))
	for k := range v {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
