package web

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
)

// themeCSS makes the stylesheet that carries the agency's colour. It finds by
// itself a tone for text that reaches a contrast of 4.5 on white and its tint, and
// one that reaches it on the dark background, so that no colour makes a page
// unreadable. An empty colour keeps the tones of app.css.
func themeCSS(colour string) ([]byte, error) {
	if colour == "" {
		return []byte(":root{}\n"), nil
	}
	main, err := parseColour(colour)
	if err != nil {
		return nil, err
	}
	onLight := main.toward(rgb{}, rgb{1, 1, 1}, tinted)
	onDark := main.toward(rgb{1, 1, 1}, darkBackground(), tinted)
	return fmt.Appendf(nil, `:root{--brand:%[1]s;--brand-ink:%[2]s;--brand-text:%[1]s}
@media (prefers-color-scheme:dark){:root{--brand:%[3]s;--brand-ink:%[4]s;--brand-text:%[3]s}}
`, onLight.hex(), inkOn(onLight), onDark.hex(), inkOn(onDark)), nil
}

// tinted is the contrast on the plain background that leaves 4.5 on one tinted
// with the colour itself (--brand-soft), and for its paler notes on the colour.
const tinted = 5.4

// darkBackground is --surface of the dark theme in app.css.
func darkBackground() rgb { return rgb{0.11, 0.11, 0.12} }

// rgb is a colour in sRGB, each part 0 to 1.
type rgb struct{ r, g, b float64 }

func parseColour(text string) (rgb, error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "#"))
	if err != nil || len(raw) != 3 || !strings.HasPrefix(text, "#") {
		return rgb{}, fmt.Errorf("the agency's colour %q is not of the form #1f6a96", text)
	}
	return rgb{float64(raw[0]) / 255, float64(raw[1]) / 255, float64(raw[2]) / 255}, nil
}

func (c rgb) hex() string {
	b := func(x float64) int { return int(math.Round(x * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", b(c.r), b(c.g), b(c.b))
}

// luminance and contrast follow WCAG 2.1.
func (c rgb) luminance() float64 {
	lin := func(x float64) float64 {
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.r) + 0.7152*lin(c.g) + 0.0722*lin(c.b)
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// toward mixes c with an end colour, just as much as the contrast on the
// background needs.
func (c rgb) toward(end, background rgb, want float64) rgb {
	for step := range 51 {
		t := float64(step) / 50
		mixed := rgb{c.r + (end.r-c.r)*t, c.g + (end.g-c.g)*t, c.b + (end.b-c.b)*t}
		if contrast(mixed, background) >= want {
			return mixed
		}
	}
	return end
}

func inkOn(c rgb) string {
	dark := rgb{0.07, 0.07, 0.08}
	if contrast(c, rgb{1, 1, 1}) >= contrast(c, dark) {
		return "#ffffff"
	}
	return dark.hex()
}
