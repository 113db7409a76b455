package pdf_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
)

// written is the day of the proposals of these tests.
func written() time.Time { return time.Date(2026, time.November, 24, 15, 0, 0, 0, time.UTC) }

// offer makes the proposal of one of the golden interviews of package scope.
func offer(tb testing.TB, name string) proposal.Proposal {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "scope", "testdata", "sessions", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	var s intake.Session
	if err := json.Unmarshal(data, &s); err != nil {
		tb.Fatalf("read session %s: %v", name, err)
	}
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := proposal.Build(&s, cat, proposal.Agency{
		Name: "Applicreations", Email: "david@applicreations.com", Phone: "(555) 010-2000", URL: "applicreations.com",
		About: "Applicreations builds websites for small firms that take bookings, sell or teach.",
	}, written())
	if err != nil {
		tb.Fatalf("Build(%s) err = %v", name, err)
	}
	return p
}

// logo is a picture with a transparent ground.
func logo(tb testing.TB) []byte {
	tb.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 1600, 500))
	for x := range 1600 {
		for y := range 500 {
			if (x/100+y/100)%2 == 0 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(x / 7), 60, 120, 255})
			}
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func render(tb testing.TB, p proposal.Proposal, b pdf.Brand) []byte {
	tb.Helper()
	out, err := pdf.Render(p, b)
	if err != nil {
		tb.Fatalf("Render(%s) err = %v", p.Project, err)
	}
	return out
}

// world is a proposal with text in many scripts.
func world(tb testing.TB) proposal.Proposal {
	tb.Helper()
	p := offer(tb, "salon")
	p.Title, p.Project, p.Client = proposal.TitlePrefix+"東京ヘアサロン・さくら", "東京ヘアサロン・さくら", "山田 花子"
	p.Summary = []string{
		"Zażółć gęślą jaźń; Příliš žluťoučký kůň; Đặng Thị Ánh Nguyệt; Ελληνικά: Η γρήγορη αλεπού; Русский: съешь же ещё этих мягких булок.",
		"中文: 我们的客户希望随时在线预约, 并减少爽约。繁體: 預約與付款。한국어: 서울 미용실 예약. 日本語の文章は空白なしで続くので、行末で文字の間に改行されます。長い文でも正しく折り返されることを確かめます。",
		"שלום עולם: מספרה (בלה) פותחת ב-2026 עם 18 % פחות ביטולים.",
		"مرحبا بالعالم: صالون الجمال (بيلا) يفتح في 2026 مع خصم 18%، لا إله إلا الله.",
		"An English sentence with שלום (עולם) and مرحبا inside, and emoji 💇‍♀️🎉 that go, and 𝗯𝗼𝗹𝗱 letters that stay.",
	}
	p.Understanding.Quotes = []proposal.Quote{
		{Topic: "Your business", Text: "אנחנו מספרה קטנה בתל אביב, וכל לקוחה נשארת עם אותו ספר שנים רבות. הלקוחות מתקשרות במשך היום."},
		{Topic: "Your goal", Text: "نريد أن يحجز العملاء عبر الإنترنت في أي ساعة."},
		{Topic: "Your audience", Text: "नमस्ते and ไทย have no font here 🙈"},
	}
	return p
}

// TestPictures writes the golden proposals to a directory, to be looked at.
func TestPictures(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("INTROSPECT_PDF_DIR")
	if dir == "" {
		dir = t.TempDir() // set it to a directory to look at the golden proposals
	}
	if err := os.WriteFile(filepath.Join(dir, "world.pdf"), render(t, world(t), pdf.Brand{Primary: pdf.Colour{R: 255, G: 200, B: 40}, Accent: pdf.Colour{R: 200, G: 30, B: 90}, Logo: logo(t)}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"salon", "barely", "details", "hostile"} {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), render(t, offer(t, name), pdf.Brand{}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
