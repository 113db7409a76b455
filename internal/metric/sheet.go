package metric

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// And holds further values that sessions of a view must have, by the place of
// their dimension in Filters; empty for any. Rollups know one dimension at a
// time, so such a view is added up from Sheets.
type And [len(sliced)]string

// Narrow is the view of those of its sessions that also have a value. A second
// value of the same dimension takes the place of the first; a dimension that is
// none of Filters changes nothing.
func (v View) Narrow(l Label) View {
	if !slices.Contains(sliced[:], l.Dimension) || l.Value == "" {
		return v
	}
	want := v.values()
	want[slices.Index(sliced[:], l.Dimension)] = l.Value
	v.Filter, v.And = Label{}, And{}
	for i, value := range want { // the first is the filter, whatever the order in which they came
		switch {
		case value == "":
		case v.Filter.Dimension == "":
			v.Filter = Label{sliced[i], value}
		default:
			v.And[i] = value
		}
	}
	return v
}

// Labels lists the values that sessions of the view have, in the order of
// Filters.
func (v View) Labels() []Label {
	var out []Label
	for i, value := range v.values() {
		if value != "" {
			out = append(out, Label{sliced[i], value})
		}
	}
	return out
}

// Without is the view with any value of a dimension.
func (v View) Without(dimension string) View {
	out := v
	out.Filter, out.And = Label{}, And{}
	for _, l := range v.Labels() {
		if l.Dimension != dimension {
			out = out.Narrow(l)
		}
	}
	return out
}

// Combined reports whether the view wants values of several dimensions.
func (v View) Combined() bool { return v.And != And{} }

// values are all values that the view wants, by place.
func (v View) values() And {
	want := v.And
	if i := slices.Index(sliced[:], v.Filter.Dimension); i >= 0 {
		want[i] = v.Filter.Value
	}
	return want
}

// holds reports whether a session at a place belongs to the view.
func (v View) holds(p place) bool {
	for i, want := range v.values() {
		if want != "" && p.values[i] != want {
			return false
		}
	}
	return v.Filter.Dimension == "" || slices.Contains(sliced[:], v.Filter.Dimension)
}

// Sheets hold what the sessions of some days count, added up for those that have
// the same values of all dimensions, so that the sessions with any values of any
// dimensions can be added up quickly. They are made from facts and say the same as
// the rollups. The zero value holds no day; Sheets do not lock.
type Sheets struct {
	days    map[int64]*sheet
	texts   map[string]uint32 // values of dimensions, from 1
	columns map[column]uint32
	order   []column
	size    int // bytes of all days, about
}

// column is what an entry of a sheet counts: an index of a row.
type column struct {
	metric, dimension, value string
	index                    int
}

// values are what sessions of a kind have in common: a text of each dimension, 0
// for none.
type values [len(sliced)]uint32

// sheet is one bucket. A day of a busy site has thousands of sessions and few
// hundred kinds of them.
type sheet struct {
	kinds  []kind
	totals Totalled
}

// kind is what the sessions with the same values count together.
type kind struct {
	values values
	counts []byte // see pack
}

// Totalled is what a day of the sheets comes to, for comparing with the rollups.
type Totalled struct {
	Entered, Stages   int64 // sessions by their first day, and all stages that they reached
	Started, Finished int64 // sessions by the day of their start
	Questions, Cents  int64
}

// Add counts the rows of one day of dimension All, as they stand in the rollups.
func (t *Totalled) Add(metric string, v Vector) {
	switch metric {
	case Funnel:
		t.Entered += v[0]
		for _, n := range v {
			t.Stages += n
		}
	case Sessions:
		t.Started, t.Finished, t.Cents = t.Started+v[sumStarted], t.Finished+v[sumCompleted], t.Cents+v[sumCents]
		t.Questions += v[sumOpenQuestions] + v[sumDoneQuestions]
	}
}

// Size is about how many bytes the sheets take.
func (s *Sheets) Size() int { return s.size }

// Total returns what a day comes to; false for a day that is not there.
func (s *Sheets) Total(day int64) (Totalled, bool) {
	d := s.days[day]
	if d == nil {
		return Totalled{}, false
	}
	return d.totals, true
}

// Drop forgets a day.
func (s *Sheets) Drop(day int64) {
	if d := s.days[day]; d != nil {
		s.size -= d.size()
		delete(s.days, day)
	}
}

// Days lists the days that are there, in order.
func (s *Sheets) Days() []int64 {
	out := make([]int64, 0, len(s.days))
	for day := range s.days {
		out = append(out, day)
	}
	slices.Sort(out)
	return out
}

func (d *sheet) size() int {
	n := cap(d.kinds) * (4*len(sliced) + 24)
	for _, k := range d.kinds {
		n += cap(k.counts)
	}
	return n
}

// Fill makes days anew from the facts of sessions. Each session whose entry or
// start lies on one of them must come once; others may come.
func (s *Sheets) Fill(days []int64, zone *time.Location, sessions func(yield func(Facts) bool)) {
	if s.days == nil {
		s.days, s.texts, s.columns = make(map[int64]*sheet), make(map[string]uint32), make(map[column]uint32)
	}
	fresh := make(map[int64]*filling, len(days))
	for _, day := range days {
		s.Drop(day)
		fresh[day] = &filling{kinds: make(map[values][]byte)}
	}
	var entered, begun []count
	for f := range sessions {
		at := f.s.place(zone)
		atEntry, atStart := fresh[at.entry], fresh[at.day]
		if f.s.start == 0 {
			atStart = nil
		}
		if at.bot || atEntry == nil && atStart == nil {
			continue
		}
		entered, begun = s.entries(&f, entered[:0], begun[:0])
		if atEntry == atStart {
			entered, begun = append(entered, begun...), begun[:0]
		}
		s.write(atEntry, &at, entered)
		s.write(atStart, &at, begun)
	}
	for day, f := range fresh {
		d := &sheet{kinds: make([]kind, 0, len(f.kinds)), totals: f.totals}
		for v, counts := range f.kinds {
			d.kinds = append(d.kinds, kind{v, counts})
		}
		s.days[day] = d
		s.size += d.size()
	}
}

// filling is a sheet that is being made.
type filling struct {
	kinds  map[values][]byte // the counts of each kind so far
	totals Totalled
	sum    []count // memory
	packed []byte  // likewise
}

// add counts one more session of a kind.
func (f *filling) add(v values, counts []count) {
	before := f.kinds[v]
	f.sum = unpack(append(f.sum[:0], counts...), before)
	f.packed = pack(f.packed[:0], f.sum)
	if len(f.packed) > cap(before) { // room for a few more, so that not each of them needs a new place
		before = make([]byte, 0, len(f.packed)+len(f.packed)/4)
	}
	f.kinds[v] = append(before[:0], f.packed...)
}

// count is one entry of a session.
type count struct {
	column uint32
	n      int64
}

// entries appends what a session counts on the day of its entry and on that of
// its start.
func (s *Sheets) entries(f *Facts, entered, begun []count) (atEntry, atStart []count) {
	f.s.all(func(p part) {
		c := count{s.column(p), p.n}
		if p.atEntry {
			entered = append(entered, c)
		} else {
			begun = append(begun, c)
		}
	})
	return entered, begun
}

func (s *Sheets) column(p part) uint32 {
	c := column{p.metric, All, "", p.index}
	if p.subDim != "" {
		c.dimension, c.value = p.subDim, p.sub
	}
	n, ok := s.columns[c]
	if !ok {
		n = uint32(len(s.order)) //nolint:gosec // far below four thousand millions
		s.columns[c] = n
		s.order = append(s.order, c)
	}
	return n
}

// write adds a session to a day.
func (s *Sheets) write(f *filling, at *place, counts []count) {
	if f == nil || len(counts) == 0 {
		return
	}
	var v values
	for i, value := range at.values {
		v[i] = s.text(value)
	}
	for _, c := range counts {
		if col := s.order[c.column]; col.metric == Funnel || col.metric == Sessions {
			f.totals.Add(col.metric, Vector{col.index: c.n})
		}
	}
	f.add(v, counts)
}

func (s *Sheets) text(value string) uint32 {
	if value == "" {
		return 0
	}
	n, ok := s.texts[value]
	if !ok {
		n = uint32(len(s.texts) + 1) //nolint:gosec // as above
		s.texts[value] = n
	}
	return n
}

// pack writes counts by ascending column: twice the distance to the column
// before, plus one when the count is not 1 and follows.
func pack(out []byte, counts []count) []byte {
	slices.SortFunc(counts, func(a, b count) int { return cmp.Compare(a.column, b.column) })
	var last uint32
	for i := 0; i < len(counts); {
		c := counts[i]
		for i++; i < len(counts) && counts[i].column == c.column; i++ {
			c.n += counts[i].n
		}
		head := uint64(c.column-last) << 1
		last = c.column
		if c.n == 1 {
			out = binary.AppendUvarint(out, head)
			continue
		}
		out = binary.AppendVarint(binary.AppendUvarint(out, head|1), c.n)
	}
	return out
}

// unpack appends what pack wrote.
func unpack(out []count, packed []byte) []count {
	var at uint64
	for len(packed) > 0 {
		head, n := shortUvarint(packed)
		packed = packed[n:]
		at += head >> 1
		c := count{uint32(at), 1} //nolint:gosec // pack wrote it
		if head&1 == 1 {
			c.n, n = binary.Varint(packed)
			packed = packed[n:]
		}
		out = append(out, c)
	}
	return out
}

// Rows adds up the sessions of a view, all of whose days must be there, as rows
// that a report of it reads. They equal the rollups that there would be of these
// sessions alone, but for the day of what no figure shows by day: it stands at
// the last one.
func (s *Sheets) Rows(v View) []Row {
	var want values
	for i, value := range v.values() {
		if value == "" {
			continue
		}
		n, ok := s.texts[value]
		if !ok {
			return nil // nobody has it
		}
		want[i] = n
	}
	sum := adding{sheets: s, want: want, all: make([]int64, len(s.order)), models: make(map[uint32][]int64)}
	var out []Row
	for day := v.From; day <= v.To; day++ {
		if d := s.days[day]; d != nil {
			if sums := sum.day(d); len(sums) > 0 {
				out = append(out, Row{Key{Day, Sessions, All, "", day}, sums})
			}
		}
	}
	return append(out, sum.rows(v.To)...)
}

// adding is a sum under way.
type adding struct {
	sheets *Sheets
	want   values
	all    []int64            // by column; those of Sessions are of one day
	models map[uint32][]int64 // the sums of Sessions by model
	counts []count            // memory
}

// day adds the sessions of a day, and returns their figures.
func (a *adding) day(d *sheet) Vector {
	order := a.sheets.order
	sums := Vector{}
	for _, k := range d.kinds {
		if !a.wants(k.values) {
			continue
		}
		a.counts = unpack(a.counts[:0], k.counts)
		for _, c := range a.counts {
			a.all[c.column] += c.n
			if order[c.column].metric == Sessions {
				a.model(k.values[0])[order[c.column].index] += c.n
			}
		}
	}
	for _, c := range a.sheets.sessionColumns() {
		if n := a.all[c]; n != 0 {
			sums[order[c].index], a.all[c] = n, 0
		}
	}
	return sums
}

// shortUvarint is binary.Uvarint, quick for one byte.
func shortUvarint(b []byte) (x uint64, n int) {
	if b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

func (a *adding) wants(have values) bool {
	for i, want := range a.want {
		if want != 0 && have[i] != want {
			return false
		}
	}
	return true
}

func (a *adding) model(text uint32) []int64 {
	sums := a.models[text]
	if sums == nil {
		sums = make([]int64, sumCount)
		a.models[text] = sums
	}
	return sums
}

// sessionColumns are the columns of metric Sessions.
func (s *Sheets) sessionColumns() (out []uint32) {
	for index := range sumCount {
		if n, ok := s.columns[column{Sessions, All, "", index}]; ok {
			out = append(out, n)
		}
	}
	return out
}

// rows are the sums of what is not told by day.
func (a *adding) rows(bucket int64) []Row {
	sums := Delta{}
	for i, n := range a.all {
		c := a.sheets.order[i]
		sums.Add(Key{Day, c.metric, c.dimension, c.value, bucket}, c.index, n)
	}
	for value, text := range a.sheets.texts {
		for index, n := range a.models[text] {
			sums.Add(Key{Day, Sessions, DimModel, value, bucket}, index, n)
		}
	}
	out := make([]Row, 0, len(sums))
	for k, v := range sums {
		out = append(out, Row{k, v})
	}
	return out
}
