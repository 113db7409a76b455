package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"applicreations.com/introspect/internal/status"
)

// exportFresh is how old the copy of the status page may get without a change:
// it says when it was made, and a reader should be able to trust that.
const exportFresh = 5 * time.Minute

// KeepStatus keeps the copy of the status page up to date until ctx ends:
// soon after every change, and at every tick when something was measured to be
// different; nil ticks mean every 15 seconds. Without a folder it does nothing.
func (s *Server) KeepStatus(ctx context.Context, ticks <-chan time.Time) {
	if s.cfg.StatusExport == "" {
		return
	}
	if ticks == nil {
		t := time.NewTicker(15 * time.Second)
		defer t.Stop()
		ticks = t.C
	}
	var last [sha256.Size]byte
	var made time.Time
	for {
		now := s.now() // before the page is read, so that a copy is never younger than it says
		page := s.statusNow(ctx)
		if sum := fingerprint(page); sum != last || now.Sub(made) >= exportFresh {
			if err := s.exportStatus(page); err != nil {
				s.log.ErrorContext(ctx, "the copy of the status page was not written", "error", err.Error())
			} else {
				last, made = sum, now
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		case <-s.status.changed:
		}
	}
}

// fingerprint tells pages apart that say something different, whenever they
// were made. Tallies grow with every probe and do not count.
func fingerprint(p status.Page) [sha256.Size]byte {
	p.Updated = time.Time{}
	p.Components = append([]status.ComponentView(nil), p.Components...)
	for i := range p.Components {
		p.Components[i].Days, p.Components[i].Tally = nil, status.Tally{}
	}
	text, err := json.Marshal(p)
	if err != nil { // Only a programmer's type can cause it.
		panic(fmt.Sprintf("encode status page: %v", err))
	}
	return sha256.Sum256(text)
}

func (s *Server) statusSummary(p status.Page, address string) ([]byte, error) {
	body, err := json.MarshalIndent(p.Summary(s.cfg.Agency.Name, address, s.cfg.Zone), "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode status: %w", err)
	}
	return append(body, '\n'), nil
}

// exportStatus writes the page and all it needs into the folder. Every file is
// replaced at once, and the page itself last, so that a reader never sees half
// of one, nor one whose files are not there yet.
func (s *Server) exportStatus(p status.Page) error {
	address := s.statusAddress(nil)
	summary, err := s.statusSummary(p, address)
	if err != nil {
		return err
	}
	rss, err := p.RSS(s.cfg.Agency.Name, address)
	if err != nil {
		return err
	}
	atom, err := p.Feed(s.cfg.Agency.Name, address)
	if err != nil {
		return err
	}
	html, files, err := s.standalone(p)
	if err != nil {
		return err
	}
	files["status.json"], files["status.rss"], files["status.atom"] = summary, rss, atom
	files["api/v2/summary.json"], files["api/v2/status.json"] = summary, summary
	if err := os.MkdirAll(filepath.Join(s.cfg.StatusExport, "api/v2"), 0o755); err != nil { //nolint:gosec // the copy is public
		return fmt.Errorf("make folder of the status page: %w", err)
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := replaceFile(filepath.Join(s.cfg.StatusExport, name), files[name]); err != nil {
			return err
		}
	}
	return replaceFile(filepath.Join(s.cfg.StatusExport, "index.html"), html)
}

// standalone renders the page so that it needs nothing of this server, and
// returns the files beside it.
func (s *Server) standalone(p status.Page) (html []byte, files map[string][]byte, err error) {
	var out bytes.Buffer
	if err := s.execute(&out, "status", s.statusView(p)); err != nil {
		return nil, nil, err
	}
	text := regexp.MustCompile(`\n?<script [^>]*></script>`).ReplaceAllString(out.String(), "")
	files = make(map[string][]byte)
	for name, url := range s.assets.urls {
		if !strings.Contains(text, `"`+url+`"`) {
			continue
		}
		file := s.assets.files[path.Base(url)]
		plain := name
		if path.Ext(plain) == "" { // "logo" stands for a file with an ending
			plain += path.Ext(url)
		}
		text = strings.ReplaceAll(text, `"`+url+`"`, `"`+plain+`"`)
		files[plain] = file.body
	}
	text = strings.NewReplacer(`href="/status.json"`, `href="status.json"`, `href="/status.rss"`, `href="status.rss"`, `href="/status.atom"`, `href="status.atom"`, `href="/`, `href="`+s.cfg.AppURL+`/`).Replace(text)
	return []byte(text), files, nil
}

// replaceFile writes a file beside the old one and then puts it in its place.
func replaceFile(name string, body []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	_, err = f.Write(body)
	for _, step := range []func() error{
		func() error { return f.Chmod(0o644) }, // the copy is public
		f.Sync,
		f.Close,
		func() error { return os.Rename(f.Name(), name) },
	} {
		if e := step(); err == nil {
			err = e
		}
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error says more
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	return nil
}
