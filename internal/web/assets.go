package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// assets are the static files under names that hold a hash of their content,
// so that browsers may keep them for good.
type assets struct {
	urls  map[string]string // by plain name: "app.css" -> "/static/app.1a2b3c4d5e.css"
	files map[string]asset  // by hashed name
}

type asset struct {
	mime string
	tag  string // hash of body
	body []byte
	zip  []byte // gzip of body, when that is smaller
}

// newAssets reads the embedded files and adds those made from the agency's
// looks: theme.css and, if there is one, the logo.
func newAssets(a Agency) (*assets, error) {
	out := &assets{urls: make(map[string]string), files: make(map[string]asset)}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	for _, e := range entries {
		body, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", e.Name(), err)
		}
		out.add(e.Name(), body)
	}
	theme, err := themeCSS(a.Colour)
	if err != nil {
		return nil, err
	}
	out.add("theme.css", theme)
	if len(a.Logo) > 0 {
		ending, err := logoEnding(a.Logo)
		if err != nil {
			return nil, err
		}
		out.add("logo"+ending, a.Logo)
		out.urls["logo"] = out.urls["logo"+ending]
	}
	return out, nil
}

func (a *assets) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	tag := hex.EncodeToString(sum[:])
	hashed := strings.TrimSuffix(name, ext) + "." + tag[:10] + ext
	file := asset{mime: mimeOf(ext), tag: tag, body: body}
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	_, _ = z.Write(body) // A bytes.Buffer takes everything.
	_ = z.Close()
	if zip.Len() < len(body)*9/10 {
		file.zip = zip.Bytes()
	}
	a.urls[name] = "/static/" + hashed
	a.files[hashed] = file
}

// mimeOf does not ask the machine's own tables, which differ.
func mimeOf(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg":
		return "image/jpeg"
	case ".webp":
		return "image/webp"
	}
	return mime.TypeByExtension(ext)
}

func logoEnding(logo []byte) (string, error) {
	switch http.DetectContentType(logo) {
	case "image/png":
		return ".png", nil
	case "image/jpeg":
		return ".jpg", nil
	case "image/webp":
		return ".webp", nil
	}
	if bytes.Contains(logo[:min(len(logo), 1024)], []byte("<svg")) {
		return ".svg", nil
	}
	return "", errors.New("the agency's logo is no SVG, PNG, JPEG or WebP file")
}

// url is the address of a file; an unknown name is a fault in a template.
func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("no static file %q", name)
	}
	return u, nil
}

// static serves one file for good.
func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	file, ok := s.assets.files[r.PathValue("name")]
	if !ok {
		return notFound()
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	body := file.body
	if file.prefers(w, r) {
		body = file.zip
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(body) // A client that left needs no answer.
	return nil
}

// prefers writes the headers that tell what the body is, and reports whether
// it goes out packed.
func (a *asset) prefers(w http.ResponseWriter, r *http.Request) (packed bool) {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("Vary", "Accept-Encoding")
	if a.zip == nil || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return false
	}
	h.Set("Content-Encoding", "gzip")
	return true
}

// collector serves the event collector under a name that stays, so that other
// sites can import it. An hour is how long a new release may take to arrive.
func (s *Server) collector(w http.ResponseWriter, r *http.Request) error {
	file := s.assets.files[path.Base(s.assets.urls["collector.js"])]
	body, tag := file.body, file.tag
	if file.prefers(w, r) {
		body, tag = file.zip, file.tag+"-gzip" // other bytes, so another strong tag
	}
	h := w.Header()
	h.Set("ETag", `"`+tag+`"`)
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(w, r, "collector.js", time.Time{}, bytes.NewReader(body))
	return nil
}

// robots keeps search engines to the public pages.
func (s *Server) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /admin\nDisallow: /api\nDisallow: /intake\nDisallow: /proposal\nDisallow: /success\n"))
	return nil
}
