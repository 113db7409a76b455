package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// noteMisspelt names the variables that look like a setting with a slip of the
// finger. Nobody reads them, and what they were to switch on is found to be off on
// the day when it is needed.
func noteMisspelt(out io.Writer, verb string, environ []string) {
	if verb != "serve" && verb != "doctor" {
		return
	}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		if meant := nearest(name); meant != "" && value != "" {
			fmt.Fprintf(out, "introspect: %s is no setting, so it is not read; correct its name if it is to be %s, see docs/config.md\n", name, meant)
		}
	}
}

const (
	shortestName = 7 // shorter names of others are near by chance
	slips        = 2 // letters that are wrong, missing or too many; two swapped ones count as two
)

// nearest is the setting whose name is nearly this one; empty for a setting and
// for everything else.
func nearest(name string) string {
	known := strings.Fields(settingNames + " " + aliasNames)
	if len(name) < shortestName || slices.Contains(known, name) {
		return ""
	}
	best, least := "", slips+1
	for _, k := range known {
		if d := distance(name, k); d < least && len(k) >= shortestName {
			best, least = k, d
		}
	}
	return best
}

// distance is how many letters must be changed, added or taken away to make one
// word of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			same := before
			if a[i] != b[j] {
				same++
			}
			before, row[j+1] = row[j+1], min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
