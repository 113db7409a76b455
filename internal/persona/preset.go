package persona

// Preset is a way of answering.
type Preset struct {
	Name string
	// Vague clients answer open questions too thinly at first, and well when
	// asked once more.
	Vague bool
	// Chatty clients add what sets them apart to other answers.
	Chatty bool
	// Pasted clients put a whole brief into the first answer.
	Pasted bool
	// Hostile clients insult and inject instructions.
	Hostile bool
	// Typos is the share of longer words that are misspelt, in percent.
	Typos int
	// Unsure and Skips are the shares of questions passed over, in percent.
	Unsure, Skips int
	// Poor clients have $2,000, Hurried ones two weeks, Wavering ones state a
	// figure twice, differently.
	Poor, Hurried, Wavering bool
}

// Presets lists the ways of answering (references/intake.md 5.8).
func Presets() []Preset {
	return []Preset{
		{Name: "cooperative"},
		{Name: "busy owner", Vague: true},
		{Name: "technical founder", Chatty: true},
		{Name: "committee", Chatty: true, Unsure: 8},
		{Name: "pasted brief", Pasted: true},
		{Name: "budget of $2,000", Poor: true},
		{Name: "deadline in two weeks", Hurried: true},
		{Name: "non-native speaker", Typos: 12, Vague: true},
		{Name: "hostile tester", Hostile: true},
		{Name: "does not know", Unsure: 30},
		{Name: "impatient", Skips: 25},
		{Name: "wavering", Wavering: true},
	}
}

// dice is a small repeatable source of chance (SplitMix64, Steele and others,
// 2014): the house's pure packages share no random state.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// percent is true in n of 100 throws.
func (d *dice) percent(n int) bool { return n > 0 && int(d.next()%100) < n }

// upTo draws a number from 0 to n-1.
func (d *dice) upTo(n int) int { return int(d.next() % uint64(n)) } //nolint:gosec // n is small and positive
