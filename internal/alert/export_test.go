package alert

// Backtest says what the rule would have done.
func Backtest(rule Rule, series []Stretch) []Episode {
	b := NewRerun(rule)
	for i := range series {
		b.Add(&series[i])
	}
	return b.Episodes()
}
