package speak

import (
	"fmt"
	"strings"
)

// Text is the message as lines.
func (m Message) Text() string {
	var lines []string
	for _, i := range m.Items {
		lines = append(lines, i.Lines()...)
		for _, l := range i.Links {
			lines = append(lines, l.Label+": "+l.URL)
		}
		lines = append(lines, "")
	}
	if m.More > 0 {
		lines = append(lines, fmt.Sprintf("%d more", m.More))
	}
	for _, b := range m.Before {
		lines = append(lines, "Changed before: "+b)
	}
	if m.Link.URL != "" {
		lines = append(lines, m.Link.Label+": "+m.Link.URL)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Lines says everything of a trouble but its links.
func (i Item) Lines() []string {
	lines := []string{i.Title}
	for _, f := range i.Facts() {
		lines = append(lines, f[0]+": "+f[1])
	}
	return lines
}
