package scope_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

func TestFileName(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct{ name, business, client, want string }{
		{"blanks become underscores", "Bella Hair Studio", "Jo", "SCOPE_Bella_Hair_Studio.md"},
		{"marks between words become one underscore", " Smith & Sons, Ltd. / NY ", "Jo", "SCOPE_Smith_and_Sons_Ltd_NY.md"},
		{"German letters are written in ASCII", "Bäckerei Größe", "Jo", "SCOPE_Baeckerei_Groesse.md"},
		{"Polish, Czech, Spanish and Nordic letters too", "Łódź Žižkov Señor Ångström Øre", "Jo", "SCOPE_Lodz_Zizkov_Senor_Aangstroem_Oere.md"},
		{"combining accents go", "Cafe\u0301", "Jo", "SCOPE_Cafe.md"},
		{"an apostrophe belongs to its word", "Maria's", "Jo", "SCOPE_Marias.md"},
		{"a path is no path", "../../etc/passwd", "Jo", "SCOPE_etc_passwd.md"},
		{"a name without Latin letters gives way to the session", "寿司", "Jo", "SCOPE_0193a1b2.md"},
		{"without a business name the client's is used", "", "Jo Doe", "SCOPE_Project_of_Jo_Doe.md"},
		{"without any name the session's is used", "", "", "SCOPE_Project_0193a1b2.md"},
		{"a long name is cut", "An Extraordinarily Long Name For A Business That Goes On And On Forever", "Jo", "SCOPE_An_Extraordinarily_Long_Name_For_A_Business_That_Goes_On_And.md"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := barely(t, cat)
			s.Client.Name = tt.client
			if tt.business != "" {
				s.Facts = []intake.Fact{said(5, slot.BusinessName, tt.business)}
			}
			if got := build(t, s, cat).FileName; got != tt.want {
				t.Errorf("FileName(%q) = %q, want %q", tt.business, got, tt.want)
			}
		})
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	if got, want := build(t, salon(t, cat), cat).Title, "Project Scope: Bella Hair Studio"; got != want {
		t.Errorf("Title = %q, want %q", got, want)
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	base := scope.Snapshot(salon(t, cat))
	if len(base) != 12 || base != build(t, salon(t, cat), cat).Snapshot {
		t.Fatalf("Snapshot = %q, want the 12 digits of the document", base)
	}
	tests := []struct {
		name    string
		change  func(s *intake.Session)
		differs bool
	}{
		{"counters and activity change nothing", func(s *intake.Session) {
			s.Events, s.Turns, s.LastActivity, s.Suspicious, s.Furthest = 99, 99, time.Time{}, 7, 88
		}, false},
		{"confidence changes nothing", func(s *intake.Session) { s.Facts[0].Confidence = 1 }, false},
		{"an older value of a fact changes nothing", func(s *intake.Session) {
			s.Facts = append([]intake.Fact{said(5, slot.BusinessDescription, "old")}, s.Facts...)
		}, false},
		{"another value is another snapshot", func(s *intake.Session) { s.Facts[0].Value += "." }, true},
		{"another status is another snapshot", func(s *intake.Session) { s.Facts[0].Status = intake.Confirmed }, true},
		{"another quotation is another snapshot", func(s *intake.Session) { s.Facts[0].Evidence.Quote = "x" }, true},
		{"another client is another snapshot", func(s *intake.Session) { s.Client.Phone = "" }, true},
		{"another price is another snapshot", func(s *intake.Session) { s.Features.Estimate.Total++ }, true},
		{"another correction is another snapshot", func(s *intake.Session) { s.Loops[1].Clarification = "" }, true},
		{"another resolution is another snapshot", func(s *intake.Session) { s.Conflicts[0].Label = "" }, true},
		{"another open point is another snapshot", func(s *intake.Session) { s.OpenPoints = nil }, true},
		{"another session is another snapshot", func(s *intake.Session) { s.ID = "x" }, true},
		{"a forced end is another snapshot", func(s *intake.Session) { s.Completion.Forced = true }, true},
		{"another day is another snapshot", func(s *intake.Session) { s.Completion.At = s.Completion.At.AddDate(0, 0, 1) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			tt.change(s)
			if got := scope.Snapshot(s); (got != base) != tt.differs {
				t.Errorf("Snapshot = %s, base %s, want different: %v", got, base, tt.differs)
			}
		})
	}
}
