package letter_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/letter"
)

func writer() letter.Agency {
	return letter.Agency{Name: "Applicreations", From: letter.Address{Email: "introspect@example.com"}}
}

func TestAlerted(t *testing.T) {
	t.Parallel()
	m := letter.Alerted(writer(), letter.Alert{
		ID: "alert-1", To: letter.Address{Email: "team@example.com"}, Title: "[CRITICAL] Too much\r\nBcc: eve@example.com", Admin: "https://example.com/admin/alerts",
		Lines: []letter.AlertLine{{
			Title: "Too much <load>", Where: "disk of <data>", Detail: "7 of 61 = 11.48%", From: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Ack: "https://example.com/alerts/ack?token=x",
			Guide: "https://example.com/admin/runbook#load", Cause: "https://example.com/admin/sessions/1",
		}},
	})
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("the subject has more than one line: %q", m.Subject)
	}
	for _, want := range []string{"7 of 61 = 11.48%", "Where", "November 24, 2026, 12:00 UTC", "https://example.com/alerts/ack?token=x", "https://example.com/admin/alerts", "https://example.com/admin/runbook#load", "https://example.com/admin/sessions/1"} {
		if !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, want) {
			t.Errorf("the mail lacks %q", want)
		}
	}
	if strings.Contains(m.HTML, "<load>") || strings.Contains(m.Text, "Why now") {
		t.Errorf("the mail has a tag of others or an empty field:\n%s", m.HTML)
	}
	m = letter.Alerted(writer(), letter.Alert{ID: "alert-1", To: letter.Address{Email: "team@example.com"}, Title: "x", Lines: []letter.AlertLine{{Title: "y", Ack: "javascript:alert(1)"}}})
	if err := m.Check(); err == nil {
		t.Error("a mail with a link that is none may leave, want an error")
	}
}

// The mails of one trouble name the same message, so that readers show them
// together.
func TestAlertedIsAThread(t *testing.T) {
	t.Parallel()
	one := letter.Alert{ID: "alert-1", To: letter.Address{Email: "team@example.com"}, Title: "x", Thread: "alert-7"}
	m := letter.Alerted(writer(), one)
	fields := m.Headers.Fields()
	if n := len(fields); n < 2 || fields[n-2] != (letter.Field{Name: "In-Reply-To", Value: "<alert-7@example.com>"}) || fields[n-1].Name != "References" || m.Check() != nil {
		t.Errorf("headers = %v, %v", fields, m.Check())
	}
	one.Thread = "a>\r\nBcc: x"
	if m := letter.Alerted(writer(), one); m.Check() == nil {
		t.Error("a thread with a line break may leave, want an error")
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	m := letter.Summary(writer(), letter.Figures{
		ID: "day-1", To: letter.Address{Email: "team@example.com"}, Title: "The day of 2026-11-24",
		Blocks:    []letter.FigureBlock{{Head: "Figures", Rows: [][2]string{{"Sessions started", "12"}, {"Uptime", ""}}}, {Head: "Empty", Rows: [][2]string{{"Nothing", ""}}}},
		Simulated: 600,
		News: []letter.AlertLine{
			{Title: "A feature is hardly ever chosen", Where: "feature booking", Detail: "1 of 40"},
			{Title: "Traffic"},
			{Title: "Since", Detail: "1", From: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)},
			{Title: "Short", Detail: "2", From: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 24, 12, 9, 0, 0, time.UTC)},
			{Title: "Long", From: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 25, 1, 9, 0, 0, time.UTC)},
		},
	})
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Sessions started: 12", "Simulated visits are counted here as well: there are 600", "- A feature is hardly ever chosen (feature booking): 1 of 40", "- Traffic", "- Since: 1, since November 24, 12:00 UTC",
		"Over by now\n-----------\n\n- Short: 2, November 24, 12:00 to 12:09 UTC\n- Long, November 24, 12:00 to November 25, 01:09 UTC",
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, m.Text)
		}
	}
	for _, not := range []string{"Uptime", "Empty"} {
		if strings.Contains(m.Text, not) {
			t.Errorf("the mail names %q, of which there is nothing to say", not)
		}
	}
}
