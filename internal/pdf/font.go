package pdf

import (
	"embed"
	"encoding/binary"
	"fmt"
)

//go:embed fonts/*.ttf
var fontFiles embed.FS

// face names a font of this package.
type face uint8

// The faces in the order in which a character looks for a glyph. The first
// three are styles of the same family.
const (
	regular face = iota
	semibold
	display
	hebrew
	arabic
	han
	faces
)

// file is the name of the font file, and of the font in the document.
func (f face) file() string {
	return [faces]string{
		regular: "Inter-Regular", semibold: "Inter-SemiBold", display: "InterDisplay-SemiBold",
		hebrew: "NotoSansHebrew", arabic: "NotoSansArabic", han: "NotoSansSC",
	}[f]
}

// data reads the font file.
func (f face) data() ([]byte, error) {
	data, err := fontFiles.ReadFile("fonts/" + f.file() + ".ttf")
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", f.file(), err)
	}
	return data, nil
}

// metrics tells which characters a font has and how wide they are. It looks
// them up in the font's own tables, so that opening a font costs nothing.
type metrics struct {
	hmtx    []byte
	widths  int // entries of hmtx
	perEm   float64
	ends    []byte // the arrays of the cmap's format 4
	starts  []byte
	deltas  []byte
	offsets []byte // with the glyph ids behind them
}

// newMetrics reads the tables of a font. The fonts are part of the program, so
// only what can differ among them is checked.
func newMetrics(font []byte) (*metrics, error) {
	tables := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		entry := font[12+16*i:]
		from, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		tables[string(entry[:4])] = font[from : from+size]
	}
	m := &metrics{
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
	return nil, fmt.Errorf("read font: no character map of format 4; make the file anew with subset.py")
}

// glyph finds the glyph of a character, 0 when there is none.
func (m *metrics) glyph(r rune) int {
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

// width is the advance of a character in thousandths of the font size.
func (m *metrics) width(r rune) float64 {
	i := min(m.glyph(r), m.widths-1)
	return float64(binary.BigEndian.Uint16(m.hmtx[4*i:])) * 1000 / m.perEm
}
