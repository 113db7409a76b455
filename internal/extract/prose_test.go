package extract

import (
	"strings"
	"testing"
)

// TestHintsLoseNothing holds the cheap test in front of a cue to the cue: a
// sentence that a cue takes has one of its hints.
func TestHintsLoseNothing(t *testing.T) {
	t.Parallel()
	taken := map[int]int{}
	for _, s := range []string{
		"Our main goal is twenty orders.", "My aim for the site is calm.", "The primary objective is growth.", "The purpose of this website is trust.",
		"The website should bring clients.", "The site must win work.", "We hope the site helps.", "I expect our website to sell.", "We expect a new website.",
		"Our target audience are nurses.", "It is aimed at parents.", "Most of our clients are farmers.", "Our typical guests come from Italy.", "The site is for runners.",
		"We mainly serve schools.", "We cater to weddings.", "We mostly work with banks.", "My readers are teachers.", "Our donors tend to be older.", "Typical visitors range widely.",
		"That sets us apart.", "Unlike other firms we call back.", "We are the only ones.", "What makes us different is time.", "People choose us for the view.",
		"Guests love us.", "Parents pick us.", "Patients come to us.", "Our strength is speed.", "Our speciality is rye.", "I'm best known for portraits.",
		"Our competitors are large.", "Main competitor: Smith", "We compete with Aldi.", "People compare us with Bloom.", "Competitors include two banks.",
		"Please avoid red.", "We do not want pop-ups.", "It should never look cheap.", "I hate sliders.", "We dislike music.", "I can't stand banners.", "Please no ads.", "No carousel.",
		"In a later phase we add a shop.", "Phase two is an app.", "Down the road we want a blog.", "Eventually we hope for tickets.", "One day I want a forum.", "The next step is a club.",
		"The first thing people see is the menu.", "Opening times at the top of the page.", "Prices above the fold.", "On the homepage a film.",
		"We work in Leeds.", "I only go around Kent.", "We deliver within the city.", "Based in Cork.", "Located in Rome.", "Serving Ohio.", "No further than Hove.", "We travel all over Wales.", "I cover the coast.", "We drive to clients in Kent.",
		"Open Monday to Friday.", "Opening hours are 9 to 5.", "Open until 6.", "Open daily Tue to Sun.",
	} {
		for i, c := range cues {
			if !c.says.MatchString(s) {
				continue
			}
			taken[i]++
			if !c.mayFit(strings.ToLower(s)) {
				t.Errorf("%q is about %s and has none of its hints %q", s, c.slot, c.hints)
			}
		}
	}
	for i, c := range cues {
		if taken[i] < 4 {
			t.Errorf("only %d sentences here are about %s", taken[i], c.slot)
		}
	}
}
