package typeset

import (
	"encoding/binary"
	"errors"
)

// Metrics tells which characters a font has and how wide they are. It looks
// them up in the font's own tables, so that opening a font costs nothing.
type Metrics struct {
	hmtx    []byte
	widths  int // entries of hmtx
	perEm   float64
	ends    []byte // the arrays of the cmap's format 4
	starts  []byte
	deltas  []byte
	offsets []byte // with the glyph ids behind them
}

// NewMetrics reads the tables of a TrueType font. It trusts the font, which is
// part of the program, but for what can differ among good ones.
func NewMetrics(font []byte) (*Metrics, error) {
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		entry := font[12+16*i:]
		from, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		tables[string(entry[:4])] = font[from : from+size]
	}
	m := &Metrics{
		hmtx: tables["hmtx"], widths: int(binary.BigEndian.Uint16(tables["hhea"][34:])),
		perEm: float64(binary.BigEndian.Uint16(tables["head"][18:])),
	}
	cmap := tables["cmap"]
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		sub := cmap[binary.BigEndian.Uint32(cmap[8+8*i:]):]
		if binary.BigEndian.Uint16(sub) != 4 {
			continue
		}
		n := int(binary.BigEndian.Uint16(sub[6:])) // twice the segments
		m.ends, m.starts = sub[14:14+n], sub[16+n:16+2*n]
		m.deltas, m.offsets = sub[16+2*n:16+3*n], sub[16+3*n:]
		return m, nil
	}
	return nil, errors.New("read font: it has no character map of format 4, the only one known here; convert the font")
}

// glyph finds the glyph of a character, 0 when there is none.
func (m *Metrics) glyph(r rune) int {
	at := func(b []byte, i int) int { return int(binary.BigEndian.Uint16(b[2*i:])) }
	if r < 0 || r >= 0xffff {
		return 0
	}
	low, high := 0, len(m.ends)/2
	for low < high {
		if mid := (low + high) / 2; at(m.ends, mid) < int(r) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == len(m.ends)/2 || at(m.starts, low) > int(r) {
		return 0
	}
	offset := at(m.offsets, low)
	if offset == 0 {
		return (int(r) + at(m.deltas, low)) & 0xffff
	}
	if id := at(m.offsets, low+offset/2+int(r)-at(m.starts, low)); id != 0 {
		return (id + at(m.deltas, low)) & 0xffff
	}
	return 0
}

// Width is the advance of a character in thousandths of the font size.
func (m *Metrics) Width(r rune) float64 {
	i := min(m.glyph(r), m.widths-1)
	return float64(binary.BigEndian.Uint16(m.hmtx[4*i:])) * 1000 / m.perEm
}

// Has reports whether the font has a character.
func (m *Metrics) Has(r rune) bool { return m.glyph(r) != 0 }
