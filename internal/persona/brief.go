// Package persona plays clients: simulated people with a brief in the head who
// answer an interview the way real clients do, vague or verbose, forgetful or
// hostile. It stands in for visitors when the interviewer is measured.
//
// A persona reacts to what a client sees and to nothing else: texts, labels
// and what a question is about. What it was not asked about it does not say.
// Start with Briefs, Presets and New.
package persona

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

//go:embed briefs.json
var briefsJSON []byte

// Requirement is something that the client wants and does not say unasked.
type Requirement struct {
	Aspect  string   `json:"aspect"` // interaction, content or style
	Text    string   `json:"text"`   // in the client's words
	About   []string `json:"about"`  // words of a question that touch it
	Slot    slot.Key `json:"slot,omitempty"`
	Options []string `json:"options,omitempty"` // choices that would express it
}

// Brief is one client with a project.
type Brief struct {
	ID          string              `json:"id"`
	Model       string              `json:"model"`
	Secondary   []string            `json:"secondary,omitempty"`
	Site        string              `json:"site"` // website type
	Name        string              `json:"name"` // of the business
	Opening     string              `json:"opening"`
	Goal        string              `json:"goal"`
	Audience    string              `json:"audience"`
	Value       string              `json:"value"`
	Figures     string              `json:"figures"`
	Numbers     map[slot.Key]string `json:"numbers"` // what the figures say, canonical
	Budget      string              `json:"budget"`
	BudgetCents int64               `json:"budgetCents"` // upper bound
	Launch      string              `json:"launch"`
	Wants       []string            `json:"wants"` // features
	Compliance  string              `json:"compliance"`
	Tools       string              `json:"tools"`
	Implicit    []Requirement       `json:"implicit"`
	// Loose briefs come from outside: what an option expresses is judged by
	// its words, because nobody has marked it.
	Loose bool `json:"loose,omitempty"`
}

// Briefs reads the built-in briefs. The caller owns the slice.
func Briefs() ([]Brief, error) {
	var out []Brief
	if err := json.Unmarshal(briefsJSON, &out); err != nil {
		return nil, fmt.Errorf("read briefs: %w", err)
	}
	return out, nil
}

// Test reports whether the brief belongs to the half that nothing was tuned
// on; the hash of its id decides.
func (b Brief) Test() bool { return hash(b.ID)%2 == 0 }

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum32()
}

// habits are things that every client knows about their own project but that
// no brief spells out: which of the values holds is drawn from the brief's id.
func habits() []struct {
	slot   slot.Key
	values []string
} {
	return []struct {
		slot   slot.Key
		values []string
	}{
		{slot.DecisionMakers, []string{"The client alone", "The client and a partner", "A board or committee"}},
		{slot.ContentProvider, []string{"client", "mixed", "agency"}},
		{slot.ContentReadiness, []string{"ready", "in_progress", "need_help"}},
		{slot.LogoStatus, []string{"have", "have_vector", "need"}},
		{slot.BrandColors, []string{"taken from the logo", "need help", "defined in a guide"}},
		{slot.PhotoStatus, []string{"have", "planned", "need"}},
		{slot.PhotoApproach, []string{"client", "custom", "stock"}},
		{slot.Video, []string{"none", "embed"}},
		{slot.Galleries, []string{"none", "simple"}},
		{slot.DesignStyle, []string{"clean", "elegant", "minimal"}},
		{slot.UpdateFrequency, []string{"weekly", "monthly", "every_few_months"}},
		{slot.Maintainer, []string{"client", "training", "agency"}},
		{slot.DataMigration, []string{"none", "pages"}},
		{slot.AccessibilityLevel, []string{"standard"}},
		{slot.SecurityNeeds, []string{"none"}},
		{slot.ContentOwner, []string{"client", "mixed"}},
		{slot.PageCount, []string{"5", "8", "15"}},
	}
}

// Truth is what the client would state about each slot, in canonical text. It
// holds no implicit requirement.
func (b Brief) Truth() slot.Values {
	v := slot.Values{
		slot.BusinessName: b.Name, slot.PrimaryGoal: b.Goal, slot.TargetAudience: b.Audience, slot.UniqueValue: b.Value,
		slot.BudgetMax: strconv.FormatInt(b.BudgetCents, 10), slot.LaunchWeeks: weeks(b.Launch), slot.ComplianceRequirements: b.Compliance,
		slot.BusinessModel: b.Model,
		// A client wants a shop; whether a large or a small one is for the agency.
		slot.MustHaves: strings.ReplaceAll(strings.Join(b.Wants, ","), "ecommerce_advanced", "ecommerce_basic"),
	}
	if b.Tools != "none" {
		v[slot.CurrentTools] = b.Tools
	}
	for k, n := range b.Numbers {
		v[k] = n
	}
	for _, h := range habits() {
		v[h.slot] = h.values[int(hash(b.ID+string(h.slot))%uint32(len(h.values)))] //nolint:gosec // a handful of values
	}
	for _, r := range b.Implicit { // what is wished for goes before habit
		if r.Slot != "" && !slices.Contains([]slot.Key{slot.BusinessName}, r.Slot) {
			delete(v, r.Slot)
		}
	}
	return v
}

// weeks reads the number in "in 12 weeks".
func weeks(launch string) string {
	for _, f := range strings.Fields(launch) {
		if f[0] >= '0' && f[0] <= '9' {
			return f
		}
	}
	return ""
}
