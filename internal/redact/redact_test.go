package redact_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"applicreations.com/introspect/internal/redact"
)

var ann = redact.Person{Name: "Ann-Marie O'Brien", Email: "ann@bella.example", Phone: "+1 (555) 123-4567"}

func TestOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		person redact.Person
		in     string
		want   string
	}{
		{"nothing to hide", ann, "A salon with 12 chairs.", "A salon with 12 chairs."},
		{"the whole name", ann, "I am Ann-Marie O'Brien.", "I am {{client}}."},
		{"the whole name in other letters", ann, "ann-marie o'brien here", "{{client}} here"},
		{"a part of the name", ann, "Ask Marie or Mrs Brien", "Ask {{client}} or Mrs {{client_2}}"},
		{"one spelling, one placeholder", ann, "Marie, Marie and MARIE", "{{client}}, {{client}} and {{client_2}}"},
		{"a name inside a word stays", ann, "Annual banner", "Annual banner"},
		{"a name that is a word", redact.Person{Name: "Will Young"}, "Will says we will serve young people", "{{client}} says we will serve young people"},
		{"a name inside a business name", redact.Person{Name: "Rosa Diaz"}, "Rosa's Flowers", "{{client}}'s Flowers"},
		{"a name in another alphabet", redact.Person{Name: "Анна Иванова"}, "это Анна", "это {{client}}"},
		{"an accent", redact.Person{Name: "Zoë Müller"}, "zoë müller", "{{client}}"},
		{"the own address", ann, "Write to ANN@Bella.Example.", "Write to {{email}}."},
		{"anybody's address", ann, "or joe.public+web@mail.example, please", "or {{email}}, please"},
		{"an at sign alone", ann, "3 @ 4, @bella on Instagram", "3 @ 4, @bella on Instagram"},
		{"the own number in another grouping", ann, "call 5551234567 or 555.123.4567", "call {{phone}} or {{phone_2}}"},
		{"anybody's number", ann, "+44 20 7946 0958 or 020 7946 0958", "{{phone}} or {{phone_2}}"},
		{"an American number", ann, "(212) 555-0187, 212-555-0187", "{{phone}}, {{phone_2}}"},
		{"the own number of seven digits", redact.Person{Phone: "901-8201"}, "call 9018201", "call {{phone}}"},
		{"the own address of a house", redact.Person{Email: "ann@intranet"}, "write to Ann@Intranet, not ann@extranet", "write to {{email}}, not ann@extranet"},
		{"the name of an account", ann, "@bella.hair on Instagram", "@bella.hair on Instagram"},
		{"figures far apart", ann, "+12 .... 3456 7890", "+12 .... 3456 7890"},
		{"the longest number there is, and longer", redact.Person{}, "+123456789012345, +1234567890123456, 0123456789012345", "{{phone}}, +1234567890123456, 0123456789012345"},
		{"the shortest", ann, "+500 12345, 030 901820; +500 1234, 030 90182", "{{phone}}, {{phone_2}}; +500 1234, 030 90182"},
		{"prices stay", ann, "$10,000-15,000 or 4500.00", "$10,000-15,000 or 4500.00"},
		{"dates stay", ann, "2027-03-15, 03/15/2027, 15.03.2027", "2027-03-15, 03/15/2027, 15.03.2027"},
		{"counts stay", ann, "12000000 visits, 500 SKU", "12000000 visits, 500 SKU"},
		{"what looks like a placeholder", ann, "{{client}} {{{", "{{brace}}client}} {{brace}}{"},
		{"nobody", redact.Person{}, "Ann and ann@bella.example", "Ann and {{email}}"},
		{"a name without its accents", redact.Person{Name: "Zoë Müller"}, "Zoe Muller, or Mueller, wrote", "{{client}}, or {{client_2}}, wrote"},
		{"accents beside their letters", redact.Person{Name: "Zoë Müller"}, "Zoe\u0308 Mu\u0308ller", "{{client}}"},
		{"accents that the name does not have", redact.Person{Name: "Jose Nunez"}, "José Núñez runs it", "{{client}} runs it"},
		{"a name in a script without spaces", redact.Person{Name: "田中 太郎"}, "私は田中太郎です", "私は{{client}}です"},
		{"a name with an ending", redact.Person{Name: "김철수"}, "저는 김철수입니다", "저는 {{client}}입니다"},
		{"dashes of all lengths", redact.Person{}, "503‑555‑0147, 503–555–0147, 503−555−0147", "{{phone}}, {{phone_2}}, {{phone_3}}"},
		{"spaces that do not break", redact.Person{}, "+49\u00a030\u202f901820", "{{phone}}"},
		{"the own number with dashes", redact.Person{Phone: "901-8201"}, "call 901–8201", "call {{phone}}"},
		{"dashes with spaces", redact.Person{}, "503 - 555 - 0147", "{{phone}}"},
		{"ten digits in a row", redact.Person{}, "5035550147, 15035550147, 503 5550147", "{{phone}}, {{phone_2}}, {{phone_3}}"},
		{"digits of other scripts", redact.Person{}, "＋１ ５０３ ５５５ ０１４７ or ٠٥٠١٢٣٤٥٦٧", "＋{{phone}} or {{phone_2}}"},
		{"a number that is announced", redact.Person{}, "tel. 49 30 901820, WhatsApp: 98765 43210, call us at 9018201", "tel. {{phone}}, WhatsApp: {{phone_2}}, call us at {{phone_3}}"},
		{"what is announced and no number", ann, "call 500 people on 2027-03-15, text 120 members", "call 500 people on 2027-03-15, text 120 members"},
		{"an address in words", redact.Person{}, "ann at bella dot example, ann (at) bella.example, ann[at]bella[dot]co[dot]example, ann @ bella.example", "{{email}}, {{email_2}}, {{email_3}}, {{email_4}}"},
		{"a place in words", ann, "We are at bella.example, meet us at Portland dot", "We are at bella.example, meet us at Portland dot"},
		{"ranges and large figures stay", ann, "500-1000 visitors, 100 – 1500 orders, 2500000 views, 20,000 - 30,000 dollars, 4 500 000", "500-1000 visitors, 100 – 1500 orders, 2500000 views, 20,000 - 30,000 dollars, 4 500 000"},
		{"hours and days stay", ann, "08:00 - 18:00, 15.03. - 18.03.2027, Mon 9-12, 2025/2026", "08:00 - 18:00, 15.03. - 18.03.2027, Mon 9-12, 2025/2026"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := redact.New(tt.person)
			got := r.Out(tt.in)
			if got != tt.want {
				t.Errorf("Out(%q) = %q, want %q", tt.in, got, tt.want)
			}
			if back := r.Back()(got); back != tt.in {
				t.Errorf("Back(%q) = %q, want %q", got, back, tt.in)
			}
		})
	}
}

// TestAPlaceholderKnownByHeart: a model that greets a client who has not named
// themselves says the name, not the placeholder.
func TestAPlaceholderKnownByHeart(t *testing.T) {
	t.Parallel()
	r := redact.New(ann)
	r.Out("We bake bread.")
	if got := r.Back()("{{client}}, is there a logo?"); got != "Ann-Marie O'Brien, is there a logo?" {
		t.Errorf("Back = %q, want the name in the place of its placeholder", got)
	}
	r.Out("Marie bakes bread.")
	if got := r.Back()("{{client}}, is there a logo?"); got != "Marie, is there a logo?" {
		t.Errorf("Back = %q, want the spelling that the placeholder stands for", got)
	}
}

func TestOneRedactorManyTexts(t *testing.T) {
	t.Parallel()
	r := redact.New(ann)
	first, second := r.Out("Marie wrote"), r.Out("MARIE and Marie")
	back := r.Back()
	if first != "{{client}} wrote" || second != "{{client_2}} and {{client}}" {
		t.Errorf("Out = %q and %q, want one placeholder a spelling", first, second)
	}
	if got := back(second + "; " + first); got != "MARIE and Marie; Marie wrote" {
		t.Errorf("Back = %q, want every spelling again", got)
	}
}

// Whatever surrounds them, the whole name, the address and the number never
// stay, and everything comes back.
func TestNothingOfThePersonStays(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	for range 5000 {
		var b strings.Builder
		for range rng.IntN(8) {
			b.WriteString(pick("Ann-Marie O'Brien", "ANN-MARIE O'BRIEN", "ann@bella.example", "Ann@Bella.example", "+1 (555) 123-4567", "555 123 4567", "15551234567",
				"{{", "}}", "{", "{{client}}", "a salon", "4,500", "2027-03-15", "é", "\n", "@", "+", "(", "0", "Marie", "\xff"))
			b.WriteString(pick(" ", ", ", ". ", " - ", "\n", "", "(", "{"))
		}
		text := b.String()
		r := redact.New(ann)
		out := r.Out(text)
		if back := r.Back()(out); back != text {
			t.Fatalf("Back(Out(%q)) = %q", text, back)
		}
		leaked(t, text, out)
	}
}

func leaked(t *testing.T, text, out string) {
	t.Helper()
	low := strings.ToLower(out)
	if strings.Contains(low, "ann@bella.example") || strings.Contains(low, "5551234567") || strings.Contains(low, "555 123 4567") || strings.Contains(low, "123-4567") {
		t.Fatalf("Out(%q) = %q still tells how to reach the person", text, out)
	}
	for at := 0; ; {
		i := strings.Index(low[at:], "ann-marie o'brien")
		if i < 0 {
			return
		}
		at += i
		end := at + len("ann-marie o'brien")
		// A name glued to other letters is another word.
		glued := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
		if !glued(last(low[:at])) && !glued(first(low[end:])) {
			t.Fatalf("Out(%q) = %q still names the person", text, out)
		}
		at = end
	}
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}

func last(s string) rune {
	out := ' '
	for _, r := range s {
		out = r
	}
	return out
}

func FuzzBack(f *testing.F) {
	f.Add("I am Ann-Marie O'Brien, ann@bella.example", "Ann-Marie O'Brien", "ann@bella.example", "+1 555 123 4567")
	f.Add("{{{client}}}", "client", "a@b", "{{")
	f.Add("a@b.c@d.e", "a b c", "@", "0000000")
	f.Fuzz(func(t *testing.T, text, name, email, phone string) {
		r := redact.New(redact.Person{Name: name, Email: email, Phone: phone})
		out := r.Out(text)
		if back := r.Back()(out); back != text {
			t.Errorf("Back(Out(%q)) = %q by way of %q", text, back, out)
		}
	})
}

// Telephone numbers of many countries go, whatever their grouping; figures
// that clients write about their business stay.
func TestPhones(t *testing.T) {
	t.Parallel()
	for _, phone := range []string{
		"+49 30 901820", "+49-30-901820", "+49 (0)30 901820", "0049 30 901820", "030 90 18 20 11", "+33 1 70 18 99 00", "01 70 18 99 00", "+1 212 555 0187",
		"1-212-555-0187", "(212) 555 0187", "212.555.0187", "+81 3-1234-5678", "+91 98765 43210", "+55 11 91234-5678", "07700 900123", "+447700900123", "(030) 9018201",
	} {
		for _, frame := range []string{"%", "call % please", "tel.: %.", "(%)", "%, or later", "12 chairs, % is mine"} {
			text := strings.Replace(frame, "%", phone, 1)
			r := redact.New(redact.Person{})
			out := r.Out(text)
			if digits(out) > 3 || !strings.Contains(out, "{{phone}}") {
				t.Errorf("Out(%q) = %q, want the number out", text, out)
			}
			if back := r.Back()(out); back != text {
				t.Errorf("Back(%q) = %q, want %q", out, back, text)
			}
		}
	}
	for _, figure := range []string{
		"$4,500", "4500-6000", "10,000 to 15,000", "12.50", "2027-03-15", "03/15/2027", "15.03.2027", "1987", "40 bookings", "0.18", "9-17", "24/7", "1,000,000 visitors",
		"10 000 000", "3 x 4 x 5", "50%", "192 pages", "2 or 3", "(12)", "+20%", "+ 3 more", "#336699", "A4", "100 000 - 200 000 euros",
	} {
		if out := redact.New(ann).Out("It is " + figure + " now"); out != "It is "+figure+" now" {
			t.Errorf("Out(%q) = %q, want it to stay", figure, out)
		}
	}
}

func digits(s string) (n int) {
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"a@b.co", "first.last@sub.domain.example", "x+tag@mail.example", "o'neil@mail.example", "UPPER@MAIL.EXAMPLE", "zoë@müller.example", "1234@mail.example", "a_b-c@mail-host.example",
	} {
		for _, frame := range []string{"%", "<%>", "mail % please", "(%)", "%.", "%, thanks", "mailto:%", "\"%\""} {
			text := strings.Replace(frame, "%", address, 1)
			r := redact.New(redact.Person{})
			out := r.Out(text)
			if strings.Contains(out, "@") || !strings.Contains(out, "{{email}}") {
				t.Errorf("Out(%q) = %q, want the address out", text, out)
			}
			if back := r.Back()(out); back != text {
				t.Errorf("Back(%q) = %q, want %q", out, back, text)
			}
		}
	}
}

// A person's own name goes in every order and letter case that names have in
// letters and signatures.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"Anna Schmidt", "Schmidt, Anna", "{{client}}, {{client_2}}"},
		{"Anna Schmidt", "A. Schmidt", "A. {{client}}"},
		{"Anna Schmidt", "ANNA SCHMIDT", "{{client}}"},
		{"Anna Schmidt", "anna\nschmidt", "{{client}}"},
		{"Anna Schmidt", "anna - schmidt", "{{client}}"},
		{"Anna Schmidt", "ask anna", "ask {{client}}"},
		{"Anna Schmidt", "hannah schmidtke", "hannah schmidtke"},
		{"Anna Schmidt", "Anna's and Schmidts", "{{client}}'s and Schmidts"},
		{"Jo Li", "Jo Li, jo li, Jo, jo, liquid", "{{client}}, {{client_2}}, {{client_3}}, jo, liquid"},
		{"Rose Hill", "Rose sells a rose on the hill. Rose Hill.", "{{client}} sells a rose on the hill. {{client_2}}."},
		{"María José Álvarez", "MARÍA JOSÉ ÁLVAREZ and maría", "{{client}} and {{client_2}}"},
		{"李 小龙", "我是李 小龙", "我是李 {{client}}"},
		{"  ", "nobody at all", "nobody at all"},
		{"X", "X marks the spot", "X marks the spot"},
		{"Will", "Will will win", "{{client}} will win"},
	} {
		r := redact.New(redact.Person{Name: tt.name})
		got := r.Out(tt.text)
		if got != tt.want {
			t.Errorf("%s: Out(%q) = %q, want %q", tt.name, tt.text, got, tt.want)
		}
		if back := r.Back()(got); back != tt.text {
			t.Errorf("%s: Back(%q) = %q, want %q", tt.name, got, back, tt.text)
		}
	}
}
