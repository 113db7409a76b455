package pdf

import _ "embed"

// The font files. Nobody may write into them; the PDF library does, so it gets
// copies.
var (
	//go:embed fonts/Inter-Regular.ttf
	interRegular []byte
	//go:embed fonts/Inter-SemiBold.ttf
	interSemiBold []byte
	//go:embed fonts/InterDisplay-SemiBold.ttf
	interDisplay []byte
	//go:embed fonts/NotoSansHebrew.ttf
	notoHebrew []byte
	//go:embed fonts/NotoSansArabic.ttf
	notoArabic []byte
	//go:embed fonts/NotoSansSC.ttf
	notoSC []byte
)

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

// data is the font file, for reading only.
func (f face) data() []byte {
	return [faces][]byte{
		regular: interRegular, semibold: interSemiBold, display: interDisplay,
		hebrew: notoHebrew, arabic: notoArabic, han: notoSC,
	}[f]
}
