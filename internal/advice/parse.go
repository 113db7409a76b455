package advice

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/strictjson"
)

// maxAnswer is far above what the schema can hold in the tokens that are paid
// for; more is a fault of the vendor or an attack.
const maxAnswer = 64 << 10

// maxFacts is far above what one answer of a client can hold.
const maxFacts = 40

// ErrMalformed marks an answer that is no advice at all. The turn goes on
// without advice.
var ErrMalformed = errors.New("the model's answer is no advice")

// Parse reads a model's answer strictly: one JSON object of the decision
// schema and nothing around it, no unknown, repeated, missing or null field.
// Letter case of enums may drift and is forgiven (references/intake.md 4.4).
// Whether the values mean anything is for Review. The error wraps ErrMalformed
// and quotes nothing of the answer.
func Parse(raw []byte) (Advice, error) {
	switch {
	case len(raw) > maxAnswer:
		return Advice{}, fmt.Errorf("%w: it has %d bytes, above %d; the turn goes on by rules", ErrMalformed, len(raw), maxAnswer)
	case !utf8.Valid(raw):
		return Advice{}, fmt.Errorf("%w: it is not UTF-8; the turn goes on by rules", ErrMalformed)
	}
	var a Advice
	file, err := strictjson.Decode(raw, &a)
	if err != nil {
		return Advice{}, fmt.Errorf("%w: it is not JSON; the turn goes on by rules", ErrMalformed)
	}
	if len(a.Facts) > maxFacts || len(a.Conflicts) > maxFacts {
		file.Wrong("facts", "more than %d entries", maxFacts)
	}
	if err := file.Err(); err != nil {
		return Advice{}, fmt.Errorf("%w: it does not keep the schema in %d places; the turn goes on by rules", ErrMalformed, mistakes(err))
	}
	a.Quality, a.Action = fold(a.Quality), fold(a.Action)
	for i := range a.Facts {
		a.Facts[i].Certainty = fold(a.Facts[i].Certainty)
	}
	return a, nil
}

func mistakes(err error) int {
	all, ok := errors.AsType[strictjson.Problems](err)
	if !ok {
		return 1
	}
	return len(all)
}

func fold[T ~string](s T) T { return T(strings.ToLower(strings.TrimSpace(string(s)))) }
