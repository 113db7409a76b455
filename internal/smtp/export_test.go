package smtp

import (
	"bytes"
	"time"

	"applicreations.com/introspect/internal/letter"
)

// Render opens the writing of mails to tests, which read it back.
func Render(m letter.Message, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	_, err := render(m, at).WriteTo(&b)
	return b.Bytes(), err
}
