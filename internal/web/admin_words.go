package web

import (
	"math"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/intake"
)

// words turns an id into plain words: "in_progress" into "In progress".
func words(id string) string {
	w := strings.ReplaceAll(id, "_", " ")
	if w != "" && w[0] >= 'a' && w[0] <= 'z' {
		w = string(w[0]-'a'+'A') + w[1:]
	}
	return w
}

// number writes x with at most so many decimals.
func number(x float64, decimals int) string {
	unit := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(x*unit)/unit, 'f', -1, 64)
}

// moment is a time on a page.
type moment struct {
	Machine string // RFC 3339
	Day     string // "Nov 23, 2026"
	Clock   string // "15:04"
}

func (s *Server) moment(t time.Time) moment {
	t = t.In(s.cfg.Zone)
	return moment{t.Format(time.RFC3339), t.Format("Jan 2, 2006"), t.Format("15:04")}
}

// statusMark is the colour of a session's status.
func statusMark(status intake.Status) string {
	switch status {
	case intake.Completed:
		return "good"
	case intake.Abandoned:
		return "warning"
	case intake.InProgress:
	}
	return ""
}
