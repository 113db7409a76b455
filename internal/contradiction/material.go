package contradiction

import (
	"fmt"
	"regexp"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

// Told is a value of a slot with the sentence that it was read from. Chosen is
// set when it was picked from a list and no sentence surrounds it.
type Told struct {
	Value, Sentence string
	Chosen          bool
}

func says(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)\b(?:` + pattern + `)\b`) }

// What texts, logo and photos can be, and the words that make a sentence say
// that nothing is there yet. A need alone does not: who has a logo may need a
// new one, and who has texts may need help with them.
var (
	writes   = says(`copy|content|texts?|words|wording|write|writing|written`)
	unwrote  = says(`no|not|none|nothing|never|neither|(?:do|have|has|is|are|did)n['’]?t|from scratch|still`)
	logo     = says(`logos?|logotype|wordmark|emblem|brand mark`)
	pictures = says(`photos?|photographs?|photography|pictures?|images?|shots`)
	lacks    = says(`no|not|none|neither|without|(?:do|have|has|is|are)n['’]?t|needs? an? logo|still (?:have|has|need|needs) to`)
	reworked = says(`redesign\w*|redraw\w*|refresh\w*|redone|new|moderni[sz]\w*|updat\w*|better|bigger|larger|smaller|different|other|another|animated|version|more|enough|professional|only|just|want|like|wish|of|with|old|current|present|existing|site|website|page|header|footer|competitors?|they|their`)
	byHand   = says(`by hand|on paper|twice|down|(?:writes?|writing|written|texts?|copy) (?:to|about|off|in|into|messages?)|blog|newsletter`)
	unsure   = says(`when|once|until|till|by|will|would|if|after|before|should|must|need|needs|soon|in|almost|nearly|half|some|partly`)
)

// Opposed reports whether two values of a slot say that texts, logo or photos
// are at hand and that they are not. It is strict on purpose: asking about a
// contradiction that is none costs more trust than it saves.
func Opposed(k slot.Key, older, newer Told) bool {
	there, lacking := older, newer
	if missing(k, older.Value) {
		there, lacking = newer, older
	}
	if !present(k, there.Value) || !missing(k, lacking.Value) {
		return false
	}
	if !lacking.Chosen && !admits(k, lacking.Sentence) {
		return false
	}
	return there.Chosen || !unsure.MatchString(there.Sentence)
}

// present and missing tell the values that say so outright; those between, such
// as copy in progress or a planned shoot, contradict neither.
func present(k slot.Key, value string) bool {
	switch k {
	case slot.ContentReadiness:
		return value == "ready"
	case slot.LogoStatus:
		return value == "have" || value == "have_vector"
	case slot.PhotoStatus:
		return value == "have"
	default:
		return false
	}
}

func missing(k slot.Key, value string) bool {
	switch k {
	case slot.ContentReadiness:
		return value == "need_help"
	case slot.LogoStatus, slot.PhotoStatus:
		return value == "need"
	default:
		return false
	}
}

// admits reports whether a sentence says that something is not there at all. It
// has to name it: a bare "no" may answer another part of the question.
func admits(k slot.Key, sentence string) bool {
	switch k {
	case slot.ContentReadiness:
		return writes.MatchString(sentence) && unwrote.MatchString(sentence) && !byHand.MatchString(sentence)
	case slot.LogoStatus:
		return logo.MatchString(sentence) && lacks.MatchString(sentence) && !reworked.MatchString(sentence)
	default:
		return pictures.MatchString(sentence) && lacks.MatchString(sentence) && !reworked.MatchString(sentence)
	}
}

// material words the choice between two states of texts, logo or photos, with
// what each does to the plan.
func material(in Input, r Rival) (Finding, bool) {
	if !present(r.Slot, r.OlderValue) && !missing(r.Slot, r.OlderValue) {
		return Finding{}, false
	}
	f := Finding{
		Kind: Other, Key: "two_values/" + string(r.Slot) + "/" + r.OlderValue + "/" + r.NewerValue, Rival: r.Slot, Earlier: r.Earlier, Now: r.Now,
	}
	yes, no := "keep_earlier", "use_later"
	have := r.OlderValue
	if missing(r.Slot, r.OlderValue) {
		yes, no, have = no, yes, r.NewerValue
	}
	team := Option{Value: "team_decides", Label: "Not certain yet", Description: teamDetail, Effect: unchanged}
	switch r.Slot {
	case slot.LogoStatus:
		f.Description = "One answer says that there is a logo, another that there is none."
		f.Options = []Option{
			{Value: yes, Label: "There is a logo", Description: "It is used as it is.", Effect: in.withState(r.Slot, have)},
			{Value: no, Label: "There is no logo", Description: "One has to be designed first.", Effect: in.withState(r.Slot, "need")},
			team,
		}
	case slot.PhotoStatus:
		f.Description = "One answer says that there are photos, another that there are none."
		f.Options = []Option{
			{Value: yes, Label: "There are photos", Description: "They are used on the pages.", Effect: unchanged},
			{Value: no, Label: "There are no photos", Description: "They have to be taken or bought.", Effect: "Price of the photos is agreed with the team; the date stays."},
			team,
		}
	default:
		f.Description = "One answer says that the texts are ready, another that they still have to be written. Pages wait for their texts, so the plan depends on it."
		f.Options = []Option{
			{Value: yes, Label: "The texts are ready", Description: "They can be used as they are.", Effect: in.withState(r.Slot, "ready")},
			{Value: "texts_partly", Label: "Some are ready, others are not", Description: "Writing goes on while the site is built.", Effect: in.withState(r.Slot, "in_progress")},
			{Value: no, Label: "They still have to be written", Description: "Writing comes before the pages.", Effect: in.withState(r.Slot, "need_help")},
		}
	}
	return f, true
}

// withState says what the plan comes to with another value of a slot. Help with
// writing is not in the price list.
func (in Input) withState(k slot.Key, value string) string {
	v := copied(in.Values)
	v[k] = value
	var ids []catalog.FeatureID
	price := ""
	if in.Chosen != nil {
		ids, price = in.Chosen.Features, in.total(*in.Chosen)+", "
	}
	low, high := effort.Duration(v, ids, in.Catalog)
	out := fmt.Sprintf("%s%d to %d weeks in all.", price, low, high)
	if k == slot.ContentReadiness && missing(k, value) {
		out += " The price of help with writing is agreed with the team."
	}
	return strings.TrimSpace(out)
}
