package vitals

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
)

// Where Linux tells of memory: the control group in which containers and most
// services run, and the machine.
const (
	groupUsed  = "/sys/fs/cgroup/memory.current"
	groupLimit = "/sys/fs/cgroup/memory.max"
	groupStat  = "/sys/fs/cgroup/memory.stat"
	machine    = "/proc/meminfo"
)

// memory is how much of its memory the control group or the machine uses,
// whichever is nearer to its end (S117). The cache of files is not counted,
// because the system gives it back. A system that tells of neither has no data.
func (v *Vitals) memory(time.Time) (alert.Reading, error) {
	read := v.cfg.Read
	if read == nil {
		read = os.ReadFile
	}
	worst, known := 0.0, false
	for _, ask := range []func(func(string) ([]byte, error)) (float64, bool, error){groupMemory, machineMemory} {
		percent, told, err := ask(read)
		if err != nil {
			return alert.Reading{}, err
		}
		worst, known = max(worst, percent), known || told
	}
	if !known {
		return nothing(), nil
	}
	return value(worst), nil
}

// groupMemory is the share of its limit that the control group uses.
func groupMemory(read func(string) ([]byte, error)) (percent float64, known bool, err error) {
	limit, err := number(read, groupLimit)
	if errors.Is(err, fs.ErrNotExist) || err == nil && limit == 0 {
		return 0, false, nil // no control group, or one without a limit
	}
	if err != nil {
		return 0, false, err
	}
	used, err := number(read, groupUsed)
	if err != nil {
		return 0, false, err
	}
	cache, err := field(read, groupStat, "inactive_file")
	if err != nil {
		return 0, false, err
	}
	return 100 * float64(used-min(cache, used)) / float64(limit), true, nil
}

// machineMemory is the share of the machine's memory that is not available.
func machineMemory(read func(string) ([]byte, error)) (percent float64, known bool, err error) {
	all, err := field(read, machine, "MemTotal:")
	if errors.Is(err, fs.ErrNotExist) || err == nil && all == 0 {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	free, err := field(read, machine, "MemAvailable:")
	if err != nil {
		return 0, false, err
	}
	return 100 * float64(all-min(free, all)) / float64(all), true, nil
}

// number reads a file with one number, or with max, which is 0.
func number(read func(string) ([]byte, error), name string) (int64, error) {
	data, err := read(name)
	if err != nil {
		return 0, err
	}
	text := strings.TrimSpace(string(data))
	if text == "max" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	return n, nil
}

// field reads the number after a word at the beginning of a line; 0 where there
// is no such line.
func field(read func(string) ([]byte, error), name, word string) (int64, error) {
	data, err := read(name)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if parts := strings.Fields(line); len(parts) >= 2 && parts[0] == word {
			n, err := strconv.ParseInt(parts[1], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read %s: %w", name, err)
			}
			return n, nil
		}
	}
	return 0, nil
}

// diskUsed is how much of the disk of the data directory is used, in percent.
func (v *Vitals) diskUsed(now time.Time) (alert.Reading, error) {
	free, all, err := diskSpace(v.cfg.DataDir)
	if err != nil {
		return alert.Reading{}, err
	}
	v.disk.note(now, free)
	if all == 0 {
		return nothing(), nil
	}
	return value(100 * (all - free) / all), nil
}

// diskLeft is in how many hours the disk is full if it goes on filling as in the
// last hour.
func (v *Vitals) diskLeft(now time.Time) (alert.Reading, error) {
	free, _, err := diskSpace(v.cfg.DataDir)
	if err != nil {
		return alert.Reading{}, err
	}
	v.disk.note(now, free)
	hours, known := v.disk.left(now)
	if !known {
		return nothing(), nil
	}
	return value(hours), nil
}

// How a filling disk is recognized: it grew in every third of an hour, so that a
// backup, which is written in minutes and then stays or goes, is none.
const (
	fillingFor = time.Hour
	thirds     = 3
	farAway    = 1000 // hours; a disk that does not fill has as many
	lateNote   = 5 * time.Minute
)

// filling remembers how much room there was.
type filling struct {
	mu    sync.Mutex
	notes []room
}

type room struct {
	at   time.Time
	free float64
}

func (f *filling) note(now time.Time, free float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.notes) > 0 && (now.Sub(f.notes[0].at) > fillingFor+2*lateNote || now.Before(f.notes[len(f.notes)-1].at)) {
		f.notes = f.notes[1:]
	}
	if n := len(f.notes); n == 0 || now.Sub(f.notes[n-1].at) >= time.Minute {
		f.notes = append(f.notes, room{now, free})
	}
}

// left is in how many hours nothing is free. known is false until an hour was
// watched.
func (f *filling) left(now time.Time) (hours float64, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var edges [thirds + 1]float64
	for i := range edges {
		at, ok := f.at(now.Add(-fillingFor / thirds * time.Duration(thirds-i)))
		if !ok {
			return 0, false
		}
		edges[i] = at
	}
	lost := edges[0] - edges[thirds]
	for i := range thirds {
		if edges[i]-edges[i+1] < lost/(2*thirds) {
			return farAway, true
		}
	}
	if lost <= 0 {
		return farAway, true
	}
	return min(farAway, edges[thirds]/lost*fillingFor.Hours()), true
}

// at is how much was free at a time, by the nearest note.
func (f *filling) at(t time.Time) (free float64, ok bool) {
	best := lateNote + 1
	for _, n := range f.notes {
		if away := t.Sub(n.at).Abs(); away < best {
			best, free, ok = away, n.free, true
		}
	}
	return free, ok
}
