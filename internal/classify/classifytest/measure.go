// Package classifytest measures the classifier on descriptions that people
// labelled, for tests alone. Start with Measure.
package classifytest

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/classify"
)

// labels are the rows and columns of a confusion matrix; the last is for
// descriptions without a model.
var labels = [...]classify.Model{classify.Service, classify.Product, classify.Content, classify.Membership, classify.Hybrid, ""}

// Report is how well classify.Classify does on labelled descriptions. Its zero value
// reports on no rows.
type Report struct {
	Rows      int
	Right     int
	Undecided int // a model was labelled, none was found
	Wrong     int // a model was found, but another one or none was labelled
	// AcceptedWrong counts the wrong ones whose confidence would have ended
	// the search; these do harm, because nobody is asked any more.
	AcceptedWrong int
	// Hybrids counts the hybrids that were recognised and whose parts are
	// labelled, HybridParts those of them with just these parts.
	Hybrids, HybridParts int
	// Confusion counts rows by labelled model, then by answer.
	Confusion map[classify.Model]map[classify.Model]int
}

// Measure classifies every row by its text alone and compares.
func Measure(rows []Labelled) Report {
	r := Report{Confusion: make(map[classify.Model]map[classify.Model]int, len(labels))}
	for _, row := range rows {
		r.add(row, classify.Classify(row.Text, nil))
	}
	return r
}

func (r *Report) add(row Labelled, got classify.Result) {
	r.Rows++
	if r.Confusion[row.Model] == nil {
		r.Confusion[row.Model] = map[classify.Model]int{}
	}
	r.Confusion[row.Model][got.Model]++
	switch {
	case got.Model == row.Model:
		r.Right++
		r.parts(row, got)
	case !got.Classified():
		r.Undecided++
	default:
		r.Wrong++
		if got.Accepted() {
			r.AcceptedWrong++
		}
	}
}

func (r *Report) parts(row Labelled, got classify.Result) {
	if len(row.Parts) == 0 {
		return
	}
	r.Hybrids++
	want := slices.Sorted(slices.Values(row.Parts))
	if slices.Equal(want, slices.Sorted(slices.Values(got.Secondary))) {
		r.HybridParts++
	}
}

// Accuracy is the share of rows that are right, 0 without rows.
func (r Report) Accuracy() float64 { return r.share(r.Right) }

// AcceptedWrongShare is the share of rows that are wrong and accepted.
func (r Report) AcceptedWrongShare() float64 { return r.share(r.AcceptedWrong) }

func (r Report) share(n int) float64 {
	if r.Rows == 0 {
		return 0
	}
	return float64(n) / float64(r.Rows)
}

// String gives the figures in one line.
func (r Report) String() string {
	return fmt.Sprintf("%d of %d right, accuracy %.3f; %d undecided, %d wrong, %d wrong and accepted (%.1f %%); parts of %d of %d hybrids right",
		r.Right, r.Rows, r.Accuracy(), r.Undecided, r.Wrong, r.AcceptedWrong, 100*r.AcceptedWrongShare(), r.HybridParts, r.Hybrids)
}

// Markdown is the confusion matrix as a table, labels down and answers across.
func (r Report) Markdown() string {
	var b strings.Builder
	b.WriteString("| labelled |")
	for _, m := range labels {
		b.WriteString(" " + label(m) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(labels)) + "\n")
	for _, want := range labels {
		b.WriteString("| " + label(want) + " |")
		for _, got := range labels {
			fmt.Fprintf(&b, " %d |", r.Confusion[want][got])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func label(m classify.Model) string {
	if m == "" {
		return "none"
	}
	return string(m)
}
