package token

// amountAt reads the amount that starts at the token, in digits or letters,
// with the words that scale it or name its currency.
func amountAt(tokens []Token, i int) (Amount, int, bool) {
	if i >= len(tokens) {
		return Amount{}, 0, false
	}
	a, last, ok := tokens[i].Num, i, tokens[i].Kind == Number
	if !ok {
		if a, last, ok = wordsAt(tokens, i); !ok {
			return fractionAt(tokens, i)
		}
	}
	if f, end, ok := oneIn(tokens, last, a); ok {
		return f, end, true
	}
	if next(tokens, last, 1) == "and" && next(tokens, last, 2) == "a" && next(tokens, last, 3) == "half" && !a.Percent {
		a.Value, last = a.Value+0.5, last+3 // "three and a half grand"
	}
	for last+1 < len(tokens) && tokens[last+1].Gap <= GapHyphen {
		if !a.unit(tokens, last+1) {
			break
		}
		last++
		if tokens[last].Low == "per" {
			last++
		}
		last = a.rest(tokens, last)
	}
	return a, last, true
}

// rest adds what follows a hundred or thousand in letters, as in "a hundred and
// ten" or "three thousand five hundred".
func (a *Amount) rest(tokens []Token, last int) int {
	unit := map[string]float64{"hundred": 100, "thousand": 1000}[tokens[last].Low]
	at := last + 1
	if next(tokens, last, 1) == "and" {
		at++
	}
	if unit == 0 || !a.Letters || at >= len(tokens) || tokens[at].Gap >= GapComma {
		return last
	}
	more, end, ok := wordsAt(tokens, at)
	if ok && unit == 1000 && next(tokens, end, 1) == "hundred" {
		more.Value, end = more.Value*100, end+1
	}
	if !ok || more.Value >= unit || more.Value <= 0 {
		return last
	}
	a.Value += more.Value
	return end
}

// unit applies the word behind an amount when it scales it, names a currency or says
// percent.
func (a *Amount) unit(tokens []Token, at int) bool {
	switch tokens[at].Low {
	case "dozen":
		a.Value *= 12
	case "hundred":
		a.Value, a.Scaled = a.Value*1e2, true
	case "thousand", "grand":
		a.Value, a.Scaled, a.Money = a.Value*1e3, true, a.Money || tokens[at].Low == "grand"
	case "million":
		a.Value, a.Scaled = a.Value*1e6, true
	case "dollars", "dollar", "usd", "bucks", "euros", "euro", "eur", "pounds", "gbp", "quid", "cad", "aud":
		a.Money = true
	case "percent", "pct":
		a.Percent = true
	case "per":
		if next(tokens, at, 1) != "cent" {
			return false
		}
		a.Percent = true
	default:
		return false
	}
	a.Year = false
	return true
}

// oneIn reads "1 in 5" and "one in five" as a share.
func oneIn(tokens []Token, last int, a Amount) (Amount, int, bool) {
	at := last + 2
	if a.Value != 1 || a.Money || next(tokens, last, 1) != "in" || at >= len(tokens) {
		return Amount{}, 0, false
	}
	n, digits := tokens[at].Num, tokens[at].Kind == Number
	if w, _, ok := wordsAt(tokens, at); ok && !digits {
		n = w
	}
	if n.Value < 2 || n.Value > 20 || n.Money {
		return Amount{}, 0, false
	}
	return Amount{Value: 100 / n.Value, Percent: true}, at, true
}

// fractionAt reads "half of", "a third of" and the like as a share.
func fractionAt(tokens []Token, i int) (Amount, int, bool) {
	var v float64
	switch tokens[i].Low {
	case "half":
		v = 50
	case "third":
		v = 100.0 / 3
	case "quarter":
		v = 25
	case "fifth":
		v = 20
	case "tenth":
		v = 10
	}
	if v == 0 || next(tokens, i, 1) != "of" {
		return Amount{}, 0, false
	}
	return Amount{Value: v, Percent: true, Letters: true}, i, true
}

// wordsAt reads a number written in letters, up to the hundreds.
func wordsAt(tokens []Token, i int) (Amount, int, bool) {
	if i >= len(tokens) {
		return Amount{}, 0, false
	}
	a := Amount{Letters: true}
	switch low := tokens[i].Low; low {
	case "a", "an":
		switch next(tokens, i, 1) {
		case "hundred", "thousand", "million":
			a.Value = 1
			return a, i, true
		case "dozen":
			a.Value = 12
			return a, i + 1, true
		case "couple":
			a.Value = 2
			return a, i + 1 + truth(next(tokens, i, 2) == "of"), true
		}
		return a, 0, false
	case "dozen":
		a.Value = 12
		return a, i, true
	default:
		v, ok := wordValue(low)
		if !ok {
			return a, 0, false
		}
		a.Value = v
		if v >= 20 && v < 100 && i+1 < len(tokens) && tokens[i+1].Gap <= GapHyphen {
			if u, ok := wordValue(tokens[i+1].Low); ok && u >= 1 && u < 10 {
				a.Value += u
				i++
			}
		}
		return a, i, true
	}
}

// truth is 1 for true.
func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wordValue knows the number words from zero to ninety.
func wordValue(low string) (float64, bool) {
	if len(low) < 3 || len(low) > 9 {
		return 0, false
	}
	for v, w := range [...]string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	} {
		if low == w {
			return float64(v), true
		}
	}
	for v, w := range [...]string{"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"} {
		if low == w {
			return float64(20 + 10*v), true
		}
	}
	return 0, false
}
