package pdf_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
)

// file is what a test reads out of a document.
type file struct {
	objects [][]byte // with streams inflated
	raw     []byte
}

var object = regexp.MustCompile(`(?s)\d+ 0 obj\n(.*?)endobj`)

// parse takes a document apart. It knows just what the library writes.
func parse(tb testing.TB, data []byte) file {
	tb.Helper()
	if !bytes.HasPrefix(data, []byte("%PDF-1.")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF")) {
		tb.Fatalf("%d bytes are no PDF", len(data))
	}
	f := file{raw: data}
	for _, m := range object.FindAllSubmatch(data, -1) {
		body := m[1]
		if head, stream, ok := bytes.Cut(body, []byte("\nstream\n")); ok && bytes.Contains(head, []byte("/FlateDecode")) && !bytes.Contains(head, []byte("/Subtype /Image")) {
			r, err := zlib.NewReader(bytes.NewReader(stream))
			if err != nil {
				tb.Fatalf("inflate: %v", err)
			}
			plain, err := io.ReadAll(r)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				tb.Fatalf("inflate: %v", err)
			}
			body = append(append(bytes.Clone(head), '\n'), plain...)
		}
		f.objects = append(f.objects, body)
	}
	return f
}

func (f file) count(pattern string) int {
	n, re := 0, regexp.MustCompile(pattern)
	for _, o := range f.objects {
		n += len(re.FindAll(o, -1))
	}
	return n
}

func (f file) has(text string) bool {
	return slices.ContainsFunc(f.objects, func(o []byte) bool { return bytes.Contains(o, []byte(text)) })
}

// fonts lists the names of the fonts that are embedded.
func (f file) fonts() []string {
	var out []string
	re := regexp.MustCompile(`/FontName /(?:utf8)?([\w-]+)`)
	for _, o := range f.objects {
		if m := re.FindSubmatch(o); m != nil && bytes.Contains(o, []byte("/FontFile2")) {
			out = append(out, string(m[1]))
		}
	}
	slices.Sort(out)
	return out
}

// says is a text as the document holds it in its pages.
func says(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		for _, c := range []byte{byte(u >> 8), byte(u)} {
			if strings.IndexByte(`\()`, c) >= 0 {
				b.WriteByte('\\')
			}
			if c == '\r' {
				b.WriteString(`\r`)
				continue
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

// spots are all places of text: x, y and size in points.
func (f file) spots(tb testing.TB) [][2]float64 {
	tb.Helper()
	var out [][2]float64
	re := regexp.MustCompile(`BT (-?[\d.]+) (-?[\d.]+) Td`)
	for _, o := range f.objects {
		for _, m := range re.FindAllSubmatch(o, -1) {
			x, errX := strconv.ParseFloat(string(m[1]), 64)
			y, errY := strconv.ParseFloat(string(m[2]), 64)
			if err := errors.Join(errX, errY); err != nil {
				tb.Fatal(err)
			}
			out = append(out, [2]float64{x, y})
		}
	}
	return out
}

func TestStructure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, title string
		pages       int
		entries     []string
		fonts       []string
	}{
		{
			"salon", "Website proposal for Bella Hair Studio", 6,
			[]string{"Cover", "Executive summary", "Understanding your needs", "Proposed solution", "Included features", "Project timeline", "Investment summary", "Next steps", "About Applicreations"},
			[]string{"Inter-Regular", "Inter-SemiBold", "InterDisplay-SemiBold"},
		},
		{
			"details", "Website proposal for Bella Hair Studio", 6,
			[]string{"Cover", "Executive summary", "Understanding your needs", "Proposed solution", "Included features", "Project timeline", "Investment summary", "Next steps", "About Applicreations"},
			[]string{"Inter-Regular", "Inter-SemiBold", "InterDisplay-SemiBold"},
		},
		{
			"barely", "Website proposal for Jo Doe", 4,
			[]string{"Cover", "Executive summary", "Proposed solution", "Project timeline", "Investment summary", "Next steps", "About Applicreations"},
			[]string{"Inter-Regular", "Inter-SemiBold", "InterDisplay-SemiBold"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := offer(t, tt.name)
			f := parse(t, render(t, p, pdf.Brand{}))
			if got := f.count(`/Type /Page\b[^s]`); got != tt.pages {
				t.Errorf("%d pages, want %d", got, tt.pages)
			}
			if got := f.fonts(); !slices.Equal(lower(got), lower(tt.fonts)) {
				t.Errorf("embedded fonts %q, want %q", got, tt.fonts)
			}
			if got := f.count(`/ToUnicode`); got != len(tt.fonts) {
				t.Errorf("%d fonts can be selected, want %d", got, len(tt.fonts))
			}
			for what, text := range map[string]string{
				"title": "/Title (" + "\xfe\xff" + says(tt.title), "language": "/Lang (en)", "outline": "/Type /Outlines", "page size": "/MediaBox [0 0 595.28 841.89]",
				"snapshot": says("Snapshot " + p.Snapshot), "total": says(p.Investment.Total.String()), "page number": says(fmt.Sprintf("Page 2 of %d", tt.pages)),
			} {
				if !f.has(text) {
					t.Errorf("no %s in the document", what)
				}
			}
			for _, entry := range tt.entries {
				if !f.has("<</Title (" + "\xfe\xff" + says(entry)) {
					t.Errorf("no entry %q in the outline", entry)
				}
			}
			if got := f.count(`<</Title`); got != len(tt.entries) {
				t.Errorf("%d entries in the outline, want %d", got, len(tt.entries))
			}
		})
	}
}

func lower(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	return out
}

func TestEveryFigureIsOnThePages(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	f := parse(t, render(t, p, pdf.Brand{}))
	want := []string{p.Investment.Monthly.String() + " a month", p.Investment.FirstYear.String(), p.Worth.Annual.String(), p.Worth.Payback}
	for _, pos := range p.Investment.Positions {
		want = append(want, strings.Replace(pos.Amount.String(), "-", "–", 1))
	}
	for _, part := range p.Investment.Payments {
		want = append(want, part.Amount.String())
	}
	for _, o := range p.Options {
		want = append(want, "+ "+o.Price.String())
	}
	for _, text := range want {
		if !f.has(says(text)) {
			t.Errorf("%q is on no page", text)
		}
	}
}

func TestFontsComeWithTheirScripts(t *testing.T) {
	t.Parallel()
	f := parse(t, render(t, world(t), pdf.Brand{}))
	want := []string{"inter-regular", "inter-semibold", "interdisplay-semibold", "notosansarabic", "notosanshebrew", "notosanssc"}
	if got := lower(f.fonts()); !slices.Equal(got, want) {
		t.Errorf("embedded fonts %q, want %q", got, want)
	}
	for _, text := range []string{"東京ヘアサロン・さくら", "Zażółć gęślą jaźń", "Русский", "םולש", "서울", "Ελληνικά", "bold letters"} {
		if !f.has(says(text)) {
			t.Errorf("%q is on no page", text)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	brand := pdf.Brand{Logo: logo(t)}
	first := render(t, world(t), brand)
	for range 3 {
		if !bytes.Equal(first, render(t, world(t), brand)) {
			t.Fatal("two documents of one proposal differ")
		}
	}
	later := world(t)
	later.Date = later.Date.AddDate(0, 0, 1)
	if bytes.Equal(first, render(t, later, brand)) {
		t.Error("the date changes nothing")
	}
}

func TestLogo(t *testing.T) {
	t.Parallel()
	p := offer(t, "barely")
	if f := parse(t, render(t, p, pdf.Brand{Logo: logo(t)})); f.count("/Subtype /Image") == 0 {
		t.Error("the logo is missing")
	}
	for name, data := range map[string][]byte{"text": []byte("no picture"), "half a picture": logo(t)[:200]} {
		if _, err := pdf.Render(p, pdf.Brand{Logo: data}); err == nil || !strings.Contains(err.Error(), "give a PNG or JPEG") {
			t.Errorf("Render(logo is %s) err = %v, want one that says what to give", name, err)
		}
	}
}

// stuffed is a proposal with as much of everything as there can be.
func stuffed(tb testing.TB, text string, features int) proposal.Proposal {
	tb.Helper()
	p := offer(tb, "salon")
	p.Title, p.Project, p.Kind, p.Client, p.Snapshot = proposal.TitlePrefix+text, text, text, text, text
	p.Agency = proposal.Agency{Name: text, Email: text, Phone: text, URL: text, About: text}
	p.Summary = []string{text, "", text}
	p.Outcomes = []proposal.Figure{{Value: text, Label: text}, {}, {Value: text}, {Label: text}, {Value: text, Label: text}}
	p.Understanding = proposal.Understanding{
		Quotes:     []proposal.Quote{{Topic: text, Text: text}, {Topic: proposal.Goal, Text: text}, {}},
		Figures:    []proposal.Figure{{Value: text, Label: text}},
		Challenges: []string{text, ""}, Needs: []proposal.Need{{Name: text, Text: text}, {}, {Text: text}},
	}
	p.Solution = proposal.Solution{Package: text, From: true, Why: text, Reasons: []proposal.Need{{Name: text, Text: text}}}
	p.Inclusions = []catalog.Inclusion{{Name: text, Description: text}, {}}
	p.Features, p.Investment.Positions, p.Options, p.Worth.Features = nil, nil, nil, nil
	for i := range features {
		p.Features = append(p.Features, proposal.Feature{Name: text, Benefit: text, What: text, Free: i%2 == 0, Gain: text})
		p.Investment.Positions = append(p.Investment.Positions, scope.Position{Name: text, Quantity: i, Amount: catalog.Cents(-i), Free: i%3 == 0})
		p.Options = append(p.Options, proposal.Option{Name: text, Reason: text, State: text})
		p.Worth.Features = append(p.Worth.Features, scope.FeatureWorth{Name: text, Basis: text})
		p.Timeline.Milestones = append(p.Timeline.Milestones, proposal.Milestone{Name: text, Start: i, Weeks: i % 5, Duty: text})
		p.Investment.Payments = append(p.Investment.Payments, catalog.Payment{Milestone: text, Percent: i})
		p.Open, p.NotIncluded = append(p.Open, text), append(p.NotIncluded, text)
		p.Steps = append(p.Steps, proposal.Step{Title: text, Text: text})
	}
	p.Timeline.Launch, p.Timeline.Notes = text, []string{text}
	p.Investment.Hosting, p.Investment.HostingTerms, p.Investment.Budget, p.Worth.Payback = text, []string{text, text}, text, text
	return p
}

func TestNothingLeavesThePage(t *testing.T) {
	t.Parallel()
	long := map[string]proposal.Proposal{"world": world(t), "details": offer(t, "details"), "blank": {}}
	for name, text := range map[string]string{
		"one long word": strings.Repeat("m", 4000), "many words": strings.Repeat("wide words ", 400), "Han": strings.Repeat("東京", 2000), "Arabic": strings.Repeat("سلام ", 800),
	} {
		long[name] = stuffed(t, text, 12)
	}
	for name, p := range long {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range parse(t, render(t, p, pdf.Brand{})).spots(t) {
				if at[0] < 60 || at[0] > 535 || at[1] < 28 || at[1] > 810 {
					t.Fatalf("text at %.0f, %.0f points leaves the frame of the page", at[0], at[1])
				}
			}
		})
	}
}

func TestManyFeatures(t *testing.T) {
	t.Parallel()
	f := parse(t, render(t, stuffed(t, "A feature with a name", 60), pdf.Brand{}))
	if got := f.count(`/Type /Page\b[^s]`); got < 6 || got > 40 {
		t.Errorf("60 features take %d pages, want 6 to 40", got)
	}
	if _, err := pdf.Render(proposal.Proposal{}, pdf.Brand{}); err != nil {
		t.Errorf("Render(nothing) err = %v", err)
	}
}

func FuzzRender(f *testing.F) {
	for _, text := range []string{
		"", "Bella", "\xff\xfe\x00", "\x1b[31m\u202e\u2066", "🎉👩‍👩‍👧", "東京", "שלום (abc) 12%", "مرحبا لا إله", "𝗕𝗼𝗹𝗱 𒀀", strings.Repeat("x", 4000), "a\u0301\u0302\u0303", "\uffff\ufffe", "((((", "\\)\r\n(",
	} {
		f.Add(text, uint8(3), int64(0))
	}
	f.Add("Sixty", uint8(60), int64(-1<<62))
	f.Fuzz(func(t *testing.T, text string, features uint8, cents int64) {
		p := stuffed(t, text, int(features%61))
		p.Investment.Total, p.Investment.Monthly, p.Solution.Price = catalog.Cents(cents), catalog.Cents(cents), catalog.Cents(cents)
		p.Timeline.Low = int(features) - 30
		out, err := pdf.Render(p, pdf.Brand{Name: text})
		if err != nil {
			t.Fatalf("Render(%q, %d features) err = %v", text, features, err)
		}
		if !bytes.HasPrefix(out, []byte("%PDF-")) {
			t.Fatalf("Render(%q) = %d bytes that are no PDF", text, len(out))
		}
	})
}

func BenchmarkRender(b *testing.B) {
	for name, p := range map[string]proposal.Proposal{"salon": offer(b, "salon"), "details": offer(b, "details"), "world": world(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				render(b, p, pdf.Brand{})
			}
		})
	}
}
