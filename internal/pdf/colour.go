package pdf

import (
	"fmt"
	"math"
	"strconv"
)

// Colour is a colour of the screen. The zero value, black, stands for the
// colour of the house.
type Colour struct{ R, G, B uint8 }

// ParseColour reads "#1f6a96".
func ParseColour(text string) (Colour, error) {
	n, err := strconv.ParseUint(text[min(1, len(text)):], 16, 32)
	if err != nil || len(text) != 7 || text[0] != '#' {
		return Colour{}, fmt.Errorf("read colour %q: it has to be a number sign and six hexadecimal digits, such as #1f6a96", text)
	}
	return Colour{uint8(n >> 16 & 0xff), uint8(n >> 8 & 0xff), uint8(n & 0xff)}, nil
}

// palette is the colours of one document.
type palette struct {
	primary Colour // areas
	onto    Colour // text on primary
	strong  Colour // primary as text on white
	accent  Colour // decoration, never text
	ink     Colour
	soft    Colour // secondary text, readable on white and on pale
	rule    Colour
	pale    Colour // areas behind text
	tint    Colour // a breath of primary
	white   Colour
}

func newPalette(b Brand) palette {
	p := palette{
		primary: b.Primary, accent: b.Accent, white: Colour{255, 255, 255}, ink: Colour{27, 32, 42}, soft: Colour{88, 97, 112},
		rule: Colour{219, 224, 231}, pale: Colour{245, 247, 250},
	}
	if p.primary == (Colour{}) {
		p.primary = Colour{21, 66, 101}
	}
	if p.accent == (Colour{}) {
		p.accent = Colour{25, 178, 137}
	}
	p.onto = p.white
	if contrast(p.primary, p.white) < 3 {
		p.onto = p.ink
	}
	for contrast(p.primary, p.onto) < 4.6 { // a shade darker is still the agency's colour
		p.primary = mix(p.primary, Colour{}, 0.05)
	}
	p.strong = p.primary
	for contrast(p.strong, p.white) < 5 {
		p.strong = mix(p.strong, Colour{}, 0.12)
	}
	p.tint = mix(p.primary, p.white, 0.93)
	return p
}

// mix goes from one colour to another by a share.
func mix(from, to Colour, share float64) Colour {
	at := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*share)) }
	return Colour{at(from.R, to.R), at(from.G, to.G), at(from.B, to.B)}
}

// contrast is the ratio of WCAG 2.1, 1 to 21.
func contrast(a, b Colour) float64 {
	high, low := luminance(a), luminance(b)
	return (max(high, low) + 0.05) / (min(high, low) + 0.05)
}

func luminance(c Colour) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}
