// Package doctor examines an installation and says what to do about what it
// finds (S104, S105, S123, S125, S126): the settings, the key, the files and
// their permissions, the database, its statements and its indexes, and every
// check that package health makes.
//
// It works beside a running server and without one, changes nothing but the one
// row of the write check, and names a remedy for everything that is not well.
// Start with Report.Add and Report.Statements.
package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// Finding is what was found about one thing.
type Finding struct {
	Area   string       `json:"area"` // what it belongs to, such as "key"
	Name   string       `json:"name"` // stable, such as "key_escrow"
	Grade  health.Grade `json:"grade"`
	Detail string       `json:"detail"`           // a sentence, without secrets and personal data
	Remedy string       `json:"remedy,omitempty"` // what to do; never empty unless Grade is pass
}

// Report is everything that was found.
type Report struct {
	At       time.Time `json:"at"`
	Version  string    `json:"version"`
	Findings []Finding `json:"findings"`
	// Slow are the slowest statements by their mean, the slowest first (S123).
	Slow []Slow `json:"slow,omitempty"`
	// Source says where the times of Slow come from.
	Source  string     `json:"source,omitempty"`
	Indexes []IndexUse `json:"indexes,omitempty"`
}

// Slow is a slow statement and how the database runs it.
type Slow struct {
	store.Statement
	Mean  time.Duration `json:"mean"`            // nanoseconds
	Scans []string      `json:"scans,omitempty"` // tables that it reads from the first row to the last
	Steps []string      `json:"steps,omitempty"` // of its plan
}

// IndexUse tells how many of the known statements use an index.
type IndexUse struct {
	store.Index
	Statements int `json:"statements"`
}

// Add adds findings. One that is not well and brings no remedy gets that of its
// name.
func (r *Report) Add(list ...Finding) {
	for _, f := range list {
		if f.Grade != health.Pass && f.Remedy == "" {
			f.Remedy = remedyFor(f.Name)
		}
		if f.Grade == health.Pass {
			f.Remedy = ""
		}
		r.Findings = append(r.Findings, f)
	}
}

// Worst is the worst grade of all.
func (r *Report) Worst() health.Grade {
	worst := health.Pass
	for _, f := range r.Findings {
		if f.Grade == health.Fail || worst == health.Pass {
			worst = f.Grade
		}
	}
	return worst
}

// Health are the findings of a checker.
func Health(list []health.Finding) []Finding {
	var out []Finding
	for _, f := range list {
		out = append(out, Finding{Area: areaOf(f.Name), Name: f.Name, Grade: f.Grade, Detail: f.Title + ": " + f.Detail})
	}
	return out
}

func areaOf(name string) string {
	switch name {
	case "database", "database_write":
		return "database"
	case "claude", "email", "redis":
		return "services"
	case "encryption":
		return "key"
	case "backup", "disk", "certificate", "clock":
		return name
	case "restore_drill":
		return "backup"
	}
	return "work"
}

// remedyFor is what helps, by the name of a finding.
func remedyFor(name string) string {
	switch name {
	case "database":
		return "Look whether the file in DATA_DIR can be read, and restore the newest backup when it is damaged: introspect restore."
	case "database_write":
		return "Free room on the disk, or look whether it is read-only and what makes it slow; writes go on by themselves."
	case "disk":
		return "Find what grows (backups, replaced databases, logs of others), delete it or raise the size of the disk."
	case "clock":
		return "Switch on time synchronisation; signed links and tokens fail when the clock is wrong."
	case "certificate":
		return "See at the host why it was not renewed; the DNS records of the domain have to lead there."
	case "encryption":
		return "Stop the server and compare ENCRYPTION_KEY with its copy; nothing may be sealed with a broken key."
	case "backup":
		return "Make one now with introspect backup create, and read in the log why the last one failed."
	case "restore_drill":
		return "Make a new backup and restore it for practice: introspect backup create, introspect backup drill. If that fails too, change nothing big until one works."
	case "jobs_waiting":
		return "Read the log of the server; a restart takes up what was interrupted."
	case "jobs_dead":
		return "Open /admin/jobs, mend the cause that is written there, and replay them."
	case "claude":
		return "Compare with status.anthropic.com and check the key; the built-in rules serve meanwhile."
	case "email":
		return "Check the key and the status page of the provider; mails wait and are sent later."
	case "redis":
		return "Look whether Redis runs; the product works without it."
	case "rollup_drift":
		return "Run introspect rollup rebuild, and report what introspect rollup rebuild --verify says before it."
	}
	return "Look at the log of the server and at /admin/runbook."
}

// Print writes a report for people, what is worst first within its area.
func (r *Report) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	area := ""
	for _, f := range r.sorted() {
		if f.Area != area {
			area = f.Area
			fmt.Fprintf(w, "%s\n", strings.ToUpper(area[:1])+area[1:])
		}
		fmt.Fprintf(w, "  %s\t%s\n", f.Grade, f.Detail)
		if f.Remedy != "" {
			fmt.Fprintf(w, "  \t-> %s\n", f.Remedy)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	r.printSlow(out)
	r.printIndexes(out)
	count := map[health.Grade]int{}
	for _, f := range r.Findings {
		count[f.Grade]++
	}
	_, err := fmt.Fprintf(out, "\n%d well, %d to look at, %d failed.\n", count[health.Pass], count[health.Warn], count[health.Fail])
	return err
}

// sorted keeps the areas in their order and puts the worst first within each.
func (r *Report) sorted() []Finding {
	var areas []string
	for _, f := range r.Findings {
		if !slices.Contains(areas, f.Area) {
			areas = append(areas, f.Area)
		}
	}
	rank := map[health.Grade]int{health.Fail: 0, health.Warn: 1, health.Pass: 2}
	list := slices.Clone(r.Findings)
	slices.SortStableFunc(list, func(a, b Finding) int {
		if a.Area != b.Area {
			return slices.Index(areas, a.Area) - slices.Index(areas, b.Area)
		}
		return rank[a.Grade] - rank[b.Grade]
	})
	return list
}

// width is how much of a statement fits on a line of a terminal.
const width = 110

func (r *Report) printSlow(out io.Writer) {
	if len(r.Slow) == 0 {
		return
	}
	fmt.Fprintf(out, "\nSlowest statements by mean time (%s)\n", r.Source)
	for i, s := range r.Slow {
		fmt.Fprintf(out, "%3d. mean %s, %s, most %s\n     %s\n", i+1, rounded(s.Mean), scope.Plural(s.Calls, "call"), rounded(s.Max), s.Short(width))
		if len(s.Scans) > 0 {
			fmt.Fprintf(out, "     reads all of %s\n", strings.Join(s.Scans, ", "))
		}
	}
}

func (r *Report) printIndexes(out io.Writer) {
	if len(r.Indexes) == 0 {
		return
	}
	fmt.Fprintln(out, "\nIndexes, and how many of the known statements use them")
	for _, i := range r.Indexes {
		fmt.Fprintf(out, "  %3d  %s on %s\n", i.Statements, i.Name, i.Table)
	}
}

func rounded(d time.Duration) string {
	if d < time.Millisecond {
		return d.Round(time.Microsecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
