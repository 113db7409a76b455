package typeset

// Shape writes Arabic letters in the forms that join with their neighbours,
// and lam with alef as the one letter it becomes. The forms are characters of
// their own (Arabic Presentation Forms-B), for writers that cannot choose
// among the glyphs of a character. A joiner that keeps letters apart is used
// up.
func Shape(text []rune) []rune {
	if !hasArabic(text) {
		return text
	}
	out := make([]rune, 0, len(text))
	joins := false // the letter before reaches forward
	for i := 0; i < len(text); i++ {
		r := text[i]
		isolated, both, ok := joining(r)
		if !ok {
			joins = r == '\u0640' // the stroke that only joins
			if r != '\u200c' {
				out = append(out, r)
			}
			continue
		}
		if ligature := lamAlef(text[i:]); ligature != 0 {
			out = append(out, form(ligature, joins, false))
			i++
			joins = false
			continue
		}
		next := both && i+1 < len(text) && reachesBack(text[i+1])
		out = append(out, form(isolated, joins && r != 'ء', next))
		joins = next
	}
	return out
}

// form chooses among the isolated, final, initial and medial form, which
// follow one another.
func form(isolated rune, before, after bool) rune {
	switch {
	case before && after:
		return isolated + 3
	case after:
		return isolated + 2
	case before:
		return isolated + 1
	}
	return isolated
}

func hasArabic(text []rune) bool {
	for _, r := range text {
		if r >= 0x600 && r <= 0x6ff || r == '\u200c' {
			return true
		}
	}
	return false
}

// reachesBack reports whether a letter joins with the one before it.
func reachesBack(r rune) bool {
	_, _, ok := joining(r)
	return ok && r != 'ء' || r == '\u0640'
}

// lamAlef is the isolated form of lam with an alef behind it, if a text begins
// so, or 0.
func lamAlef(text []rune) rune {
	if len(text) < 2 || text[0] != 'ل' {
		return 0
	}
	switch text[1] {
	case 'آ':
		return 0xfef5
	case 'أ':
		return 0xfef7
	case 'إ':
		return 0xfef9
	case 'ا':
		return 0xfefb
	}
	return 0
}

// joining gives the isolated form of a letter; the final form follows it, and
// of letters that join on both sides the initial and the medial one.
func joining(r rune) (isolated rune, both, ok bool) {
	switch r { // the letters of Persian and Urdu stand elsewhere
	case 'پ':
		return 0xfb56, true, true
	case 'چ':
		return 0xfb7a, true, true
	case 'ژ':
		return 0xfb8a, false, true
	case 'ک':
		return 0xfb8e, true, true
	case 'گ':
		return 0xfb92, true, true
	case 'ی':
		return 0xfbfc, true, true
	}
	if r < 'ء' || r > 'ي' || r > 'غ' && r < 'ف' {
		return 0, false, false
	}
	isolated = 0xfe80
	for c := 'ء'; c <= 'ي'; c++ {
		if c > 'غ' && c < 'ف' {
			continue
		}
		size := forms(c)
		if c == r {
			return isolated, size == 4, true
		}
		isolated += size
	}
	return 0, false, false
}

// forms is how many forms a letter has.
func forms(r rune) rune {
	switch r {
	case 'ء':
		return 1
	case 'آ', 'أ', 'ؤ', 'إ', 'ا', 'ة', 'د', 'ذ', 'ر', 'ز', 'و', 'ى':
		return 2
	}
	return 4
}
