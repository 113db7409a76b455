package metric

import (
	"encoding/binary"
	"errors"
)

// encoding is the version written in front of encoded facts. A new field is
// coded at the end under a new version, and left out when an older one is read.
const encoding = 5

// Version names how facts and contributions are made. When it changes, those of
// a store are made again from its events.
const Version = "6"

// Encode writes the facts for keeping; equal facts give equal bytes.
func (f Facts) Encode() []byte { return f.Append(make([]byte, 0, 512)) }

// Append is Encode behind other bytes.
func (f Facts) Append(b []byte) []byte {
	c := coder{buf: b}
	f.s.code(&c)
	return c.buf
}

// DecodeFacts reads what Encode wrote; no bytes stand for no events.
func DecodeFacts(b []byte) (Facts, error) {
	var f Facts
	if len(b) == 0 {
		return f, nil
	}
	c := coder{buf: b, text: string(b), reading: true}
	if f.s.code(&c); c.bad || len(c.buf) > 0 {
		return Facts{}, errors.New("decode facts: not an encoding of this version")
	}
	return f, nil
}

// code names every field once, for writing and for reading. The order is the
// format. Times count from the entry, which keeps them short.
func (s *state) code(c *coder) {
	c.version = encoding
	if c.int(&c.version); c.version < 1 || c.version > encoding {
		c.bad = true
		return
	}
	c.int(&s.entry)
	c.entry = s.entry
	c.time(&s.seen)
	c.time(&s.start)
	for i := range s.stages {
		c.time(&s.stages[i])
	}
	c.flags(&s.bot, &s.onTime, &s.uncertain)
	coded(c, &s.landing, func(v *visit) { c.string(&v.source); c.string(&v.device) })
	coded(c, &s.website, c.string)
	coded(c, &s.model, func(v *model) { c.string(&v.name); c.int(&v.confidence) })
	coded(c, &s.plan, c.string)
	coded(c, &s.choice, func(v *choice) { c.strings(&v.selected); c.int(&v.cents) })
	coded(c, &s.finish, func(v *finish) { c.int(&v.questions); c.int(&v.seconds); c.int(&v.confidence) })
	c.strings(&s.offered)
	listed(c, &s.loops, func(l *loop) { c.int(&l.number); c.stamp(&l.first); c.flags(&l.correct) })
	for _, n := range []*int64{&s.question, &s.asked, &s.conflicts, &s.documents, &s.injections} {
		c.int(n)
	}
	if c.version > 2 {
		s.codeConversation(c)
	}
	if c.version > 3 {
		c.strings(&s.trials)
	}
	if c.version > 4 {
		coded(c, &s.judged, func(v *bool) { c.flags(v) })
	}
}

// codeConversation codes what version 3 added.
func (s *state) codeConversation(c *coder) {
	coded(c, &s.language, c.string)
	coded(c, &s.prompt, c.string)
	listed(c, &s.turns, func(t *turn) {
		c.int(&t.number)
		c.int(&t.seq)
		c.time(&t.at)
		c.string(&t.question)
		c.int(&t.dwell)
	})
	listed(c, &s.votes, func(v *vote) { c.string(&v.question); c.stamp(&v.last); c.int(&v.rating) })
	listed(c, &s.steps, func(p *step) { c.int(&p.seq); c.time(&p.at); c.int(&p.stage) })
}

// listed codes a list.
func listed[T any](c *coder, list *[]T, item func(*T)) {
	n := c.length(len(*list))
	if c.reading && n > 0 {
		*list = make([]T, n)
	}
	for i := range n {
		item(&(*list)[i])
	}
}

// coded codes a register that may be missing.
func coded[T any](c *coder, r **register[T], value func(*T)) {
	set := *r != nil
	if c.flags(&set); !set {
		return
	}
	if c.reading {
		*r = new(register[T])
	}
	c.stamp(&(*r).stamp)
	value(&(*r).value)
}

// coder writes fields to the end of buf, or reads them from its front.
type coder struct {
	buf     []byte
	text    string // everything there was to read: strings read are parts of it
	reading bool
	bad     bool
	version int64 // 1 had no running numbers, 2 no conversation, 3 no trials, 4 no judgement
	entry   int64
}

func (c *coder) int(v *int64) {
	if !c.reading {
		c.buf = binary.AppendVarint(c.buf, *v)
		return
	}
	x, n := binary.Varint(c.buf)
	if n <= 0 {
		c.bad, c.buf, n = true, nil, 0
	}
	*v, c.buf = x, c.buf[n:]
}

// time codes 0 as 0 and every other time as its distance from the entry.
func (c *coder) time(v *int64) {
	x := *v
	if x != 0 {
		x += 1 - c.entry
	}
	c.int(&x)
	if !c.reading {
		return // what is shared with others is not even written back as it was
	}
	if x != 0 {
		x += c.entry - 1
	}
	*v = x
}

func (c *coder) flags(list ...*bool) {
	var x int64
	for i, v := range list {
		if *v {
			x |= 1 << i
		}
	}
	c.int(&x)
	if !c.reading {
		return // as above
	}
	for i, v := range list {
		*v = x>>i&1 == 1
	}
}

// length codes the length of what follows. What is read can be no longer than
// the bytes that are left, so a wrong length cannot exhaust the memory.
func (c *coder) length(n int) int {
	x := int64(n)
	c.int(&x)
	if c.reading && (x < 0 || x > int64(len(c.buf))) {
		c.bad, c.buf, x = true, nil, 0
	}
	return int(x)
}

func (c *coder) string(v *string) {
	n := c.length(len(*v))
	if !c.reading {
		c.buf = append(c.buf, *v...)
		return
	}
	start := len(c.text) - len(c.buf)
	*v, c.buf = c.text[start:start+n], c.buf[n:]
}

func (c *coder) strings(v *[]string) {
	n := c.length(len(*v))
	if c.reading && n > 0 {
		*v = make([]string, n)
	}
	for i := range n {
		c.string(&(*v)[i])
	}
}

func (c *coder) stamp(v *stamp) {
	if c.version > 1 {
		c.int(&v.seq)
	}
	c.time(&v.at)
	c.string((*string)(&v.id))
}
