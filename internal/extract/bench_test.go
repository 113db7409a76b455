package extract_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

const answer = "We do about 50 appointments a week at $85 each, no-shows are around 18% and I spend 12 hours a week on the phone. " +
	"Our budget is $4,000-$5,000 and we want to launch by mid March, photos come next week."

// brief is about 2,000 words of a wordy client.
func brief() string {
	return strings.Repeat("Harbor View is a family dental practice in Tacoma. "+answer+" People find us on Google, and most of them are parents aged 30-50 "+
		"who need evening slots. We use Square and Mailchimp, it should sync with QuickBooks, and maybe we add a blog later. "+
		"The website is outdated; the colours are teal and white, the copy is nearly finished. ", 20)
}

func BenchmarkAllAnswer(b *testing.B) {
	c := extract.Context{Now: now(), Asked: []slot.Key{slot.AppointmentsPerWeek, slot.AverageAppointmentValue}}
	b.ReportAllocs()
	for b.Loop() {
		extract.All(answer, c)
	}
}

func BenchmarkAllBrief(b *testing.B) {
	text := brief()
	b.ReportMetric(float64(len(strings.Fields(text))), "words")
	b.ReportAllocs()
	for b.Loop() {
		extract.All(text, extract.Context{Now: now()})
	}
}

func BenchmarkClean(b *testing.B) {
	text := "<p>" + brief() + "</p>"
	for b.Loop() {
		extract.Clean(text)
	}
}
