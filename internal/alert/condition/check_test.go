package condition_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert/condition"
)

func minutes(n int) condition.Duration { return condition.Duration(time.Duration(n) * time.Minute) }

func long(text string) condition.Duration {
	var d condition.Duration
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

func threshold(op condition.Op, fire float64, clear *float64) condition.Condition {
	return condition.Condition{Threshold: &condition.Threshold{Op: op, Fire: fire, Clear: clear}}
}

// notes is what Check says.
func notes(c condition.Condition) (out []string) {
	c.Check(func(path, format string, args ...any) { out = append(out, path+": "+fmt.Sprintf(format, args...)) })
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ratio := func(c *condition.Condition) *condition.Ratio {
		c.Threshold, c.Ratio = nil, &condition.Ratio{Op: condition.Above, Fire: 0.05, Windows: []condition.Need{{Span: minutes(5), Sample: 50, Events: 5}}}
		return c.Ratio
	}
	drop := func(c *condition.Condition) *condition.Drop {
		c.Threshold, c.Drop = nil, &condition.Drop{
			Least: 0.2, Clear: 0.1, Confidence: 0.99, Usual: 0.6, Age: minutes(120),
			Windows: []condition.Lookback{{Span: long("24h"), Before: long("14d"), Sample: 50}},
		}
		return c.Drop
	}
	burn := func(c *condition.Condition) *condition.Burn {
		c.Threshold, c.Burn = nil, &condition.Burn{Objective: 0.995, Events: 5, Pairs: []condition.Pair{{Times: 6, Long: minutes(60), Short: minutes(5)}}}
		return c.Burn
	}
	tests := []struct {
		want string // empty: it is right
		edit func(*condition.Condition)
	}{
		{"", func(*condition.Condition) {}},
		{"", func(c *condition.Condition) { ratio(c) }},
		{"", func(c *condition.Condition) { drop(c) }},
		{"", func(c *condition.Condition) { burn(c) }},
		{"drop.windows[1].span: must be longer than the window before it", func(c *condition.Condition) {
			d := drop(c)
			d.Windows = append(d.Windows, d.Windows[0])
		}},
		{"drop.windows[0].sample: must be 1 or more", func(c *condition.Condition) { drop(c).Windows[0].Sample = 0 }},
		{"", func(c *condition.Condition) { drop(c).Windows[0].Sample = 1 }},
		{"drop.least: must be a share", func(c *condition.Condition) { drop(c).Least = 1 }},
		{"drop.usual: must be a share", func(c *condition.Condition) { drop(c).Usual = 0 }},
		{"drop.usual: must be a share", func(c *condition.Condition) { drop(c).Usual = 1 }},
		{"drop.clear: must be from 0", func(c *condition.Condition) { drop(c).Clear = 0.2 }},
		{"burn.pairs[0]: times must be above 0", func(c *condition.Condition) { burn(c).Pairs[0].Times = 0 }},
		{"", func(c *condition.Condition) { ratio(c).Sure = 0.5 }},
		{"absence.after: must be longer than 0", func(c *condition.Condition) { c.Threshold, c.Absence = nil, &condition.Absence{} }},
		{"ratio.fire: must be a share", func(c *condition.Condition) { ratio(c).Fire = 5 }},
		{"ratio.clear: must be a share", func(c *condition.Condition) { q := ratio(c); q.Op, q.Clear = condition.Below, new(1.1) }},
		{"ratio.sure: must be 0 or", func(c *condition.Condition) { ratio(c).Sure = 1 }},
		{"ratio.windows: must name a window", func(c *condition.Condition) { ratio(c).Windows = nil }},
		{"ratio.windows[0].sample: must be 1 or more", func(c *condition.Condition) { ratio(c).Windows[0].Sample = 0 }},
		{"ratio.windows[0].events: must be from 0 to the sample", func(c *condition.Condition) { ratio(c).Windows[0].Events = 51 }},
		{"ratio.windows[1].span: must be longer", func(c *condition.Condition) { q := ratio(c); q.Windows = append(q.Windows, q.Windows[0]) }},
		{"drop.least: must be a share", func(c *condition.Condition) { drop(c).Least = 1 }},
		{"drop.clear: must be from 0 to below least", func(c *condition.Condition) { drop(c).Clear = 0.2 }},
		{"drop.confidence: must be from 0.9", func(c *condition.Condition) { drop(c).Confidence = 0.5 }},
		{"drop.usual: must be a share", func(c *condition.Condition) { drop(c).Usual = 0 }},
		{"drop.age: must not be below 0", func(c *condition.Condition) { drop(c).Age = -1 }},
		{"drop.windows[0].before: must be as long", func(c *condition.Condition) { drop(c).Windows[0].Before = 1 }},
		{"burn.objective: must be a share", func(c *condition.Condition) { burn(c).Objective = 1 }},
		{"burn.events: must be 1 or more", func(c *condition.Condition) { burn(c).Events = 0 }},
		{"burn.pairs: must name a pair", func(c *condition.Condition) { burn(c).Pairs = nil }},
		{"burn.pairs[0]: times must be above 0", func(c *condition.Condition) { burn(c).Pairs[0].Long = 1 }},
		{"exactly one of threshold, ratio, drop, absence and burn must be given, not 0", func(c *condition.Condition) { c.Threshold = nil }},
		{"not 2", func(c *condition.Condition) { c.Absence = &condition.Absence{After: 1} }},
		{`threshold.op: "over" is unknown`, func(c *condition.Condition) { c.Threshold.Op = "over" }},
		{"threshold.fire: must be a number", func(c *condition.Condition) { c.Threshold.Fire = math.NaN() }},
		{"threshold.clear: must be on the good side of fire (10)", func(c *condition.Condition) { *c.Threshold.Clear = 11 }},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			c := threshold(condition.Above, 10, new(5.0))
			tt.edit(&c)
			got := strings.Join(notes(c), "; ")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("Check notes %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"90s": "1m30s", "5m": "5m", "60m": "1h", "24h": "24h", "14d": "14d", "48h": "2d", "1d": "24h", "36h": "36h", "0s": "0s", "1h0m5s": "1h0m5s", "1500ms": "1.5s",
	} {
		if got := long(text).String(); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "d", "1.5d", "99999d", "soon"} {
		var d condition.Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%q) = %v, want an error", text, d)
		}
	}
}
