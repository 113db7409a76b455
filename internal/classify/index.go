package classify

// keyLength is how many bytes of a word find its entries in an index.
const keyLength = 3

// index finds by the beginning of a word what may begin there, so that a text
// is read once however long the tables are.
type index[T any] map[string][]posting[T]

type posting[T any] struct {
	alt   alternative
	value T
}

func (x index[T]) add(a alternative, value T) {
	k := key(a.text)
	x[k] = append(x[k], posting[T]{a, value})
}

// each calls f for every entry that the word matches.
func (x index[T]) each(s string, f func(T)) {
	k := key(s)
	for n := 1; n <= len(k); n++ {
		for _, p := range x[k[:n]] {
			if p.alt.matches(s) {
				f(p.value)
			}
		}
	}
}

// key is the beginning of a word; all numbers share one, and all sums.
func key(s string) string {
	switch {
	case s[0] >= '0' && s[0] <= '9':
		return "#"
	case s[0] == '$':
		return "$"
	default:
		return s[:min(keyLength, len(s))]
	}
}

// start is where a sequence of words may begin: row of a table, choice of its
// pattern.
type start struct{ row, choice int }

// table holds patterns with an index of their first words.
type table struct {
	patterns []pattern
	byWord   index[start]
	byClass  map[int][]start // keyed by the place of the class
}

func newTable(patterns []pattern) table {
	t := table{patterns: patterns, byWord: index[start]{}, byClass: map[int][]start{}}
	for row, p := range patterns {
		for choice, seq := range p {
			for _, a := range seq[0].alts {
				t.byWord.add(a, start{row, choice})
			}
			for c := range classNames {
				if seq[0].classes&(1<<c) != 0 {
					t.byClass[c] = append(t.byClass[c], start{row, choice})
				}
			}
		}
	}
	return t
}

// classIndex finds the classes of a word.
var classIndex = func() index[uint32] {
	x := index[uint32]{}
	for i, name := range classNames {
		for _, a := range classes[name] {
			x.add(a, 1<<i)
		}
	}
	return x
}()

// scan calls f for every place where a pattern of the table occurs: its row,
// the first word and the word after the last.
func (t words) scan(tb table, f func(row, at, end int)) {
	for i, w := range t.list {
		try := func(s start) {
			if end := t.sequence(tb.patterns[s.row][s.choice], i, i); end > i {
				f(s.row, i, end)
			}
		}
		tb.byWord.each(w.text, try)
		for c := 0; w.classes>>c != 0; c++ {
			if w.classes&(1<<c) == 0 {
				continue
			}
			for _, s := range tb.byClass[c] {
				try(s)
			}
		}
	}
}
