package intake_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// besides runs the salon's interview, in which texts are ready and logo and
// photos exist, with more words in the answer about one slot.
func besides(t *testing.T, k slot.Key, words string) *interviewed {
	t.Helper()
	said := false
	i := when(t, func(a intake.Action) (intake.Answer, bool) {
		if said || !asks(a, k) {
			return intake.Answer{}, false
		}
		said = true
		answer := salon(a)
		answer.Text = strings.TrimSpace(answer.Text + " " + words)
		return answer, true
	})
	if !said {
		t.Fatalf("nobody asked about %s", k)
	}
	return i
}

// raised finds the record of a contradiction about a slot.
func (i *interviewed) raised(k slot.Key) *intake.ConflictRecord {
	for n := range i.s.Conflicts {
		if i.s.Conflicts[n].Rival == k {
			return &i.s.Conflicts[n]
		}
	}
	return nil
}

// TestWhatIsThereAndWhatIsNotIsAskedAbout: "ready" beside words that say the
// opposite is a contradiction; a wish for something better, or a sentence about
// something else, is none.
func TestWhatIsThereAndWhatIsNotIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, about slot.Key
		words     string
		asked     bool
	}{
		{slot.ContentReadiness, slot.ContentReadiness, "I still have to write everything.", true},
		{slot.ContentReadiness, slot.ContentReadiness, "We have no texts yet.", true},
		{slot.ContentReadiness, slot.ContentReadiness, "Nothing is written so far", true},
		{slot.ContentReadiness, slot.ContentReadiness, "All the copy still needs to be written.", true},
		{slot.UpdateFrequency, slot.ContentReadiness, "By the way, the texts still have to be written.", true},
		{slot.ContentReadiness, slot.ContentReadiness, "Some help with writing would be nice.", false},
		{slot.ContentReadiness, slot.ContentReadiness, "I still have to write the last two pages.", false},
		{slot.UpdateFrequency, slot.ContentReadiness, "We still have to write every appointment down by hand.", false},
		{slot.UpdateFrequency, slot.ContentReadiness, "We have not written to our customers for years.", false},
		{slot.Avoid, slot.ContentReadiness, "No long texts, please.", false},
		{slot.LogoStatus, slot.LogoStatus, "We have no logo yet.", true},
		{slot.LogoStatus, slot.LogoStatus, "We need a logo.", true},
		{slot.LogoStatus, slot.LogoStatus, "We need a new logo one day.", false},
		{slot.LogoStatus, slot.LogoStatus, "The logo should be refreshed.", false},
		{slot.Avoid, slot.LogoStatus, "There is no logo on the old website.", false},
		{slot.LogoStatus, slot.PhotoStatus, "We don't have any photos.", true},
		{slot.LogoStatus, slot.PhotoStatus, "The photos still have to be taken.", true},
		{slot.LogoStatus, slot.PhotoStatus, "We don't have photos of the new stylist.", false},
		{slot.LogoStatus, slot.PhotoStatus, "We need better photos.", false},
		{slot.Avoid, slot.PhotoStatus, "No stock photos and no photos of children.", false},
	} {
		t.Run(tt.words, func(t *testing.T) {
			t.Parallel()
			i := besides(t, tt.in, tt.words)
			got := i.raised(tt.about)
			if (got != nil) != tt.asked {
				t.Fatalf("asked about %s = %v, want %v (%+v)", tt.about, got != nil, tt.asked, i.s.Conflicts)
			}
			if got != nil && !strings.Contains(tt.words, got.Conflicting) {
				t.Errorf("quotes %q, want words of %q", got.Conflicting, tt.words)
			}
		})
	}
}

// TestTheStateOfTheTextsIsSettled: each way out says what it does to the plan
// and is what the plan counts on afterwards, also where that followed.
func TestTheStateOfTheTextsIsSettled(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]string{"keep_earlier": "ready", "texts_partly": "in_progress", "use_later": "need_help"} {
		i := begin(t, newEngine(t), ada())
		said, effects := false, []string(nil)
		i.run(func(a intake.Action) intake.Answer {
			answer := salon(a)
			switch {
			case !said && asks(a, slot.ContentReadiness):
				said, answer.Text = true, "I still have to write everything."
			case a.Kind == intake.ConflictResolution && strings.Contains(a.Conflict.Key, string(slot.ContentReadiness)):
				answer = intake.Answer{Choice: choice}
				for _, o := range a.Conflict.Options {
					effects = append(effects, o.Value+": "+o.Effect)
				}
			}
			return answer
		})
		if got := i.value(slot.ContentReadiness); got != want {
			t.Errorf("%s: the texts are %q, want %q", choice, got, want)
		}
		if got := i.value(slot.ContentReadyDate); want != "ready" && strings.Contains(got, "ready now") {
			t.Errorf("%s: content is still expected %q", choice, got)
		}
		if all := strings.Join(effects, "\n"); strings.Count(all, " weeks") != 3 || !strings.Contains(all, choice+": ") {
			t.Errorf("the ways out do not say how long it takes:\n%s", all)
		}
		if slices.ContainsFunc(i.s.Rivals, func(r intake.Rival) bool { return r.Slot == slot.ContentReadiness }) {
			t.Errorf("%s: still unsettled", choice)
		}
	}
}
