package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // a logo may be one
	"image/png"

	"codeberg.org/go-pdf/fpdf"
)

// Limits of a logo in pixels: of what is read, and of what goes into the
// document, where it is at most five centimetres wide.
const (
	maxPixels = 6000
	maxLogo   = 700
)

// picture is a logo made ready for the document.
type picture struct {
	png    []byte
	aspect float64 // width by height
}

// readLogo turns a picture into a PNG of the plainest kind, because the PDF
// library does not read all of them. It returns nil for no data.
func readLogo(data []byte) (*picture, error) {
	if len(data) == 0 {
		return nil, nil //nolint:nilnil // no logo is a way to have none
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && (config.Width > maxPixels || config.Height > maxPixels || config.Width < 1 || config.Height < 1) {
		err = errors.New("it is larger than 6000 pixels, or empty")
	}
	var img image.Image
	if err == nil {
		img, _, err = image.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return nil, fmt.Errorf("read the logo: %w; give a PNG or JPEG, or none", err)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, reduce(img)); err != nil {
		return nil, fmt.Errorf("write the logo: %w", err)
	}
	return &picture{buf.Bytes(), float64(config.Width) / float64(config.Height)}, nil
}

// reduce averages the pixels of a picture that is larger than needed.
func reduce(img image.Image) *image.NRGBA {
	b := img.Bounds()
	step := (max(b.Dx(), b.Dy()) + maxLogo - 1) / maxLogo
	out := image.NewNRGBA(image.Rect(0, 0, (b.Dx()+step-1)/step, (b.Dy()+step-1)/step))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			area := image.Rect(b.Min.X+x*step, b.Min.Y+y*step, b.Min.X+(x+1)*step, b.Min.Y+(y+1)*step).Intersect(b)
			out.Set(x, y, average(img, area))
		}
	}
	return out
}

func average(img image.Image, area image.Rectangle) color.Color {
	var r, g, b, a uint64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			pr, pg, pb, pa := img.At(x, y).RGBA()
			r, g, b, a = r+uint64(pr), g+uint64(pg), b+uint64(pb), a+uint64(pa)
		}
	}
	n := uint64(max(1, area.Dx()*area.Dy()))
	return color.RGBA64{uint16(r / n), uint16(g / n), uint16(b / n), uint16(a / n)} //nolint:gosec // averages of 16 bits
}

// stamp draws the logo into a box, as large as it fits, and returns its width.
func (d *doc) stamp(x, y, width, height float64) float64 {
	options := fpdf.ImageOptions{ImageType: "PNG"}
	if d.f.GetImageInfo("logo") == nil {
		d.f.RegisterImageOptionsReader("logo", options, bytes.NewReader(d.logo.png))
	}
	w, h := height*d.logo.aspect, height
	if w > width {
		w, h = width, width/d.logo.aspect
	}
	d.f.ImageOptions("logo", x, y+(height-h)/2, w, h, false, options, 0, "")
	return w
}
