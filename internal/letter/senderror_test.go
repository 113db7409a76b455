package letter_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/letter"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                                0,
		"0":                               0,
		"7":                               7 * time.Second,
		" 7 ":                             7 * time.Second,
		"3600":                            time.Hour,
		"3601":                            time.Hour,
		"99999999999999999999":            time.Hour,
		"-7":                              0,
		"7.5":                             0,
		"soon":                            0,
		"Fri, 27 Nov 2026 12:00:30 GMT":   30 * time.Second,
		"Fri, 27 Nov 2026 11:59:30 GMT":   0,
		"Sat, 28 Nov 2026 12:00:00 GMT":   time.Hour,
		"Friday, 27-Nov-26 12:00:30 GMT":  30 * time.Second,
		"Fri Nov 27 12:00:30 2026":        30 * time.Second,
		"Fri, 27 Nov 2026 12:00:30 +0100": 0,
	} {
		if got := letter.RetryAfter(header, now); got != want {
			t.Errorf("RetryAfter(%q) = %s, want %s", header, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said string
		most int
		want string
	}{
		{"5.1.1 <ana@example.com>: user\r\nunknown", 100, "5.1.1 [address] user unknown"},
		{"\x1b[31mred\x00", 100, "[31mred"},
		{"a\xffb", 100, "ab"},
		{"äää", 3, "ä"},
		{"äää", -1, ""},
		{"", 5, ""},
	} {
		if got := letter.Line(tt.said, tt.most); got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.said, tt.most, got, tt.want)
		}
	}
}

func TestSendErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	var err error = &letter.SendError{Permanent: true, Status: 550, Reason: "mailbox unknown"}
	if got := err.Error(); !strings.HasPrefix(got, "refused for good (status 550): mailbox unknown; ") {
		t.Errorf("permanent: %q", got)
	}
	err = &letter.SendError{Status: 429, RetryAfter: 30 * time.Second}
	if got := err.Error(); !strings.HasSuffix(got, "try again in 30s") {
		t.Errorf("with a wait: %q", got)
	}
	err = &letter.SendError{Err: context.DeadlineExceeded}
	if got := err.Error(); got != "not sent yet; it can be tried again" {
		t.Errorf("without an answer: %q", got)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("the cause is lost")
	}
}
