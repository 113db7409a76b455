package web

import (
	"errors"

	"applicreations.com/introspect/internal/metric"
)

// MakePages makes every page, as otherwise the first request for it does.
func (s *Server) MakePages() (made int, err error) {
	for _, page := range s.pages {
		_, pageErr := page()
		err = errors.Join(err, pageErr)
		made++
	}
	return made, err
}

// Verdict is how the card of a rate calls it.
func Verdict(r metric.Compared) string { return rateCard("", r).Word }

// TrendDots is how many days the trend of questions has a dot for.
func TrendDots(days ...metric.QuestionDay) int {
	d := metric.Dashboard{QuestionEfficiency: days}
	if len(days) > 0 {
		d.Period.To = days[len(days)-1].Date
	}
	return len(trendChart(d).Dots)
}
