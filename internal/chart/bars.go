package chart

import "fmt"

// Rate is one named percentage with an optional note such as an amount.
type Rate struct {
	Label   string
	Percent float64
	Note    string
}

// Bars are horizontal bars of rates with one common target line.
type Bars struct {
	Figure
	Bars    []Bar
	Target  string // empty for none
	TargetX float64
}

// Bar is one drawn rate.
type Bar struct {
	Label  string
	Value  string
	Note   string
	Length float64
	Met    bool // reaches the target; false when there is none
}

// NewBars lays out the rates in their order. Target is percent, 0 for none;
// head names the three columns of the table, the first of them in singular.
func NewBars(id, title string, head [3]string, rates []Rate, target float64) Bars {
	b := Bars{Figure: Figure{ID: id, Title: title, Empty: len(rates) == 0}}
	b.Table.Head = head[:]
	if target > 0 {
		b.Target, b.TargetX = Percent(target), length(target)
	}
	met, best, least := 0, 0, 0
	for i, r := range rates {
		if r.Percent > rates[best].Percent {
			best = i
		}
		if r.Percent <= rates[least].Percent {
			least = i
		}
		bar := Bar{Label: r.Label, Value: Percent(r.Percent), Note: r.Note, Length: length(r.Percent), Met: target > 0 && r.Percent >= target}
		if bar.Met {
			met++
		}
		b.Bars = append(b.Bars, bar)
		b.Table.Rows = append(b.Table.Rows, []string{bar.Label, bar.Value, dash(bar.Note)})
	}
	if b.Empty {
		b.Desc = "Nothing has been counted yet."
		return b
	}
	b.Desc = fmt.Sprintf("%s. Highest: %s with %s.", count(len(rates), lower(head[0])), b.Bars[best].Label, b.Bars[best].Value)
	if rates[least].Percent < rates[best].Percent {
		b.Desc += fmt.Sprintf(" Lowest: %s with %s.", b.Bars[least].Label, b.Bars[least].Value)
	}
	if target > 0 {
		b.Desc += fmt.Sprintf(" %d of %d reach the target of %s.", met, len(rates), b.Target)
	}
	return b
}

// Pair is a whole of two parts in percent, which add up to 100, or both 0
// while nothing was counted.
type Pair struct {
	Label       string
	First, Rest float64
	Count       int // how many the shares were taken from
}

// Pairs are stacked bars of two parts each.
type Pairs struct {
	Figure
	FirstName string
	RestName  string
	Rows      []PairRow
}

// PairRow is one drawn pair. The second part begins where the first ends.
type PairRow struct {
	Label       string
	First, Rest string
	Count       string
	FirstLength float64
	RestX       float64
	RestLength  float64
}

// NewPairs lays out the pairs in their order. The table's columns are label
// (in singular), the two names and how many answers there were.
func NewPairs(id, title, label, first, rest string, pairs []Pair) Pairs {
	p := Pairs{Figure: Figure{ID: id, Title: title}, FirstName: first, RestName: rest}
	p.Table.Head = []string{label, first, rest, "Answers"}
	lowest := -1
	for i, pair := range pairs {
		counted := pair.First > 0 || pair.Rest > 0
		if counted && (lowest < 0 || pair.First < pairs[lowest].First) {
			lowest = i
		}
		row := PairRow{
			Label: pair.Label, First: Percent(pair.First), Rest: Percent(pair.Rest), Count: Number(float64(pair.Count)),
			FirstLength: length(pair.First), RestX: length(pair.First),
		}
		row.RestLength = round(min(length(pair.Rest), 100-row.RestX))
		p.Rows = append(p.Rows, row)
		p.Table.Rows = append(p.Table.Rows, []string{row.Label, row.First, row.Rest, row.Count})
	}
	p.Empty = lowest < 0
	if p.Empty {
		p.Desc = "Nothing has been counted yet."
		return p
	}
	low := p.Rows[lowest]
	p.Desc = fmt.Sprintf("%s. Lowest share of %s: %s with %s.", count(len(pairs), lower(label)), lower(first), low.Label, low.First)
	return p
}

// lower makes a name fit inside a sentence; names begin with an ASCII letter.
func lower(name string) string {
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return name
	}
	return string(name[0]+'a'-'A') + name[1:]
}
