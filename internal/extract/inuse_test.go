package extract_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

func TestToolsThatNoListKnows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, want string
		asked      bool
	}{
		{"We use Timely for bookings and Xero for the books.", "Timely,Xero", false},
		{"Everything runs on Cliniko today.", "Cliniko", false},
		{"Bookings in Jane App, invoices in Debitoor.", "Jane App,Debitoor", false},
		{"We keep invoices in Debitoor and use Trello.", "Debitoor,Trello", false},
		{"Timely, Xero", "Timely,Xero", true},
		{"We don't use Timely any more.", "", false},
		{"Customers use Facebook to find us.", "", false},
		{"We use paper and a phone.", "", false},
		{"We could use Some help.", "", false},
		{"Nothing so far", "none", true},
	} {
		c := extract.Context{Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
		if tt.asked {
			c.Asked = []slot.Key{slot.CurrentTools}
		}
		got := ""
		for _, h := range extract.All(tt.text, c) {
			if h.Slot == slot.CurrentTools {
				got = h.Value
			}
		}
		if tt.want != "" && got != tt.want || tt.want == "" && got != "" {
			t.Errorf("tools in %q = %q, want %q", tt.text, got, tt.want)
		}
	}
}
