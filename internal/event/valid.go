package event

// maxNesting is how deep JSON may be nested at all, as in encoding/json.
const maxNesting = 10_000

// valid is json.Valid, several times as fast: every byte from outside passes
// here, and the standard library's scanner was the largest single cost of
// taking a batch. FuzzValid holds it to the original.
func valid(b []byte) bool {
	i, ok := validValue(b, skipSpace(b, 0), 0)
	return ok && skipSpace(b, i) == len(b)
}

func validValue(b []byte, i, depth int) (end int, ok bool) {
	if i >= len(b) {
		return i, false
	}
	switch b[i] {
	case '"':
		return validString(b, i)
	case '{':
		return validList(b, i, depth+1, '}')
	case '[':
		return validList(b, i, depth+1, ']')
	case 't':
		return validWord(b, i, "true")
	case 'f':
		return validWord(b, i, "false")
	case 'n':
		return validWord(b, i, "null")
	}
	return validNumber(b, i)
}

func validWord(b []byte, i int, word string) (end int, ok bool) {
	end = i + len(word)
	return end, end <= len(b) && string(b[i:end]) == word
}

// validList checks an object or an array, whose last byte is last.
func validList(b []byte, i, depth int, last byte) (end int, ok bool) {
	if depth > maxNesting {
		return i, false
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == last {
		return i + 1, true
	}
	for {
		if i, ok = validKey(b, i, last); !ok {
			return i, false
		}
		if i, ok = validValue(b, i, depth); !ok {
			return i, false
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ',' {
			return i + 1, i < len(b) && b[i] == last
		}
		i = skipSpace(b, i+1)
	}
}

// validKey checks the name of a member and the colon, which an array does not
// have, and returns where the value begins.
func validKey(b []byte, i int, last byte) (start int, ok bool) {
	if last != '}' {
		return i, true
	}
	if i >= len(b) || b[i] != '"' {
		return i, false
	}
	if i, ok = validString(b, i); !ok {
		return i, false
	}
	if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
		return i, false
	}
	return skipSpace(b, i+1), true
}

func validString(b []byte, i int) (end int, ok bool) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, true
		case c < ' ':
			return i, false
		case c == '\\':
			n := validEscape(b[i+1:])
			if n == 0 {
				return i, false
			}
			i += n
		}
	}
	return i, false
}

// validEscape returns the length of what follows a backslash, 0 for what may
// not follow one.
func validEscape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(b) < 5 {
			return 0
		}
		for _, c := range b[1:5] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 5
	}
	return 0
}

func validNumber(b []byte, i int) (end int, ok bool) {
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i = digits(b, i)
	default:
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		start := i + 1
		if i = digits(b, start); i == start {
			return i, false
		}
	}
	return validExponent(b, i)
}

func validExponent(b []byte, i int) (end int, ok bool) {
	if i >= len(b) || b[i]|0x20 != 'e' {
		return i, true
	}
	if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	end = digits(b, i)
	return end, end > i
}

// digits returns the end of the digits from b[i] on.
func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}
