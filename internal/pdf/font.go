package pdf

import (
	"embed"
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
