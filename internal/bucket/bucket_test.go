package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/bucket"
	"applicreations.com/introspect/internal/bucket/buckettest"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

var _ backup.Destination = (*bucket.Bucket)(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes a bucket at a service; change may alter the configuration.
func open(tb testing.TB, s *buckettest.Server, change func(*bucket.Config)) *bucket.Bucket {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	cfg := bucket.Config{
		Endpoint: s.URL, Bucket: buckettest.Bucket, Prefix: "/intro/", AccessKey: buckettest.AccessKey, Secret: buckettest.Secret,
		Transport: transport, Tries: 2,
	}
	if change != nil {
		change(&cfg)
	}
	b, err := bucket.Open(cfg)
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	return b
}

func put(tb testing.TB, b *bucket.Bucket, name string, content []byte) {
	tb.Helper()
	if err := b.Put(tb.Context(), name, bytes.NewReader(content), int64(len(content))); err != nil {
		tb.Fatalf("Put(%s): %v", name, err)
	}
}

func get(ctx context.Context, b *bucket.Bucket, name string) ([]byte, error) {
	r, err := b.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	b := open(t, s, nil)
	large := bytes.Repeat([]byte("backup "), 200_000)
	for name, content := range map[string][]byte{"a.backup": large, "b.json": []byte("{}"), "c": {}, "d": []byte("d"), "e": []byte("e")} {
		put(t, b, name, content)
		got, err := get(t.Context(), b, name)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("Get(%s) = %d bytes, %v, want %d", name, len(got), err, len(content))
		}
	}
	if !bytes.Equal(s.Objects()["intro/a.backup"], large) {
		t.Error("the service keeps something else than was sent")
	}
	put(t, open(t, s, func(c *bucket.Config) { c.Prefix = "" }), "beside.json", []byte("not below the prefix"))
	names, err := b.List(t.Context())
	if want := []string{"a.backup", "b.json", "c", "d", "e"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("List over several pages = %v, %v, want %v", names, err, want)
	}
	for range 2 { // the second time there is nothing
		if err := b.Delete(t.Context(), "c"); err != nil {
			t.Errorf("Delete: %v", err)
		}
	}
	if _, err := get(t.Context(), b, "c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of what was deleted err = %v, want fs.ErrNotExist", err)
	}
	if b.String() != strings.TrimPrefix(s.URL, "http://")+"/backups/intro/" {
		t.Errorf("String = %q", b.String())
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	upload := func(ctx context.Context, b *bucket.Bucket) error {
		return b.Put(ctx, "new", bytes.NewReader(content), int64(len(content)))
	}
	download := func(ctx context.Context, b *bucket.Bucket) error {
		got, err := get(ctx, b, "old")
		if err == nil && !bytes.Equal(got, content) {
			return errors.New("another content")
		}
		return err
	}
	list := func(ctx context.Context, b *bucket.Bucket) error { _, err := b.List(ctx); return err }
	remove := func(ctx context.Context, b *bucket.Bucket) error { return b.Delete(ctx, "old") }
	tests := []struct {
		name    string
		trouble buckettest.Trouble
		times   int
		do      func(ctx context.Context, b *bucket.Bucket) error
		want    string // in the error; empty: none
	}{
		{"one 500 of an upload is tried again", buckettest.Broken, 1, upload, ""},
		{"one 500 of a download is tried again", buckettest.Broken, 1, download, ""},
		{"a service that is down ends an upload", buckettest.Broken, -1, upload, "store new in"},
		{"a service that is down ends a download", buckettest.Broken, -1, download, "read old from"},
		{"a service that is down ends a list", buckettest.Broken, -1, list, "list"},
		{"a service that is down ends a deletion", buckettest.Broken, -1, remove, "delete old from"},
		{"an upload that is cut off is sent again", buckettest.CutUpload, 1, upload, ""},
		{"uploads that are cut off end in an error", buckettest.CutUpload, -1, upload, "store new in"},
		{"a download that is cut off is no short file", buckettest.CutDownload, -1, download, "cut off"},
		{"an upload that stands still ends", buckettest.StallUpload, -1, upload, "stands still"},
		{"a download that stands still ends", buckettest.Stall, -1, download, "stands still"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := buckettest.New(t)
			b := open(t, s, nil)
			put(t, b, "old", content)
			s.Set(tt.trouble, tt.times)
			if tt.trouble == buckettest.Stall || tt.trouble == buckettest.StallUpload {
				b = open(t, s, func(c *bucket.Config) { c.Stall = 50 * time.Millisecond })
			}
			err := tt.do(t.Context(), b)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("err = %v, want one with %q", err, tt.want)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) && strings.Contains(tt.name, "download") {
				t.Errorf("err = %v would be taken for a short file", err)
			}
			kept, there := s.Objects()["intro/new"]
			if there && !bytes.Equal(kept, content) || there && tt.want != "" {
				t.Errorf("%d bytes are kept of an upload of %d that ended with %v", len(kept), len(content), err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	tests := []struct {
		name   string
		change func(*bucket.Config)
		want   string
	}{
		{"another key", func(c *bucket.Config) { c.AccessKey = "AKOTHER" }, "access key"},
		{"another secret", func(c *bucket.Config) { c.Secret = "guessed-secret" }, "access key"},
		{"another bucket", func(c *bucket.Config) { c.Bucket = "nobodys" }, "create it"},
	}
	for _, tt := range tests {
		b := open(t, s, tt.change)
		_, errList := b.List(t.Context())
		errs := []error{b.Put(t.Context(), "x", strings.NewReader("x"), 1), errList}
		for _, err := range errs {
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "guessed-secret") {
				t.Errorf("%s: err = %v, want one that says %q", tt.name, err, tt.want)
			}
		}
	}
	if n := len(s.Objects()); n != 0 {
		t.Errorf("%d objects are kept of refused uploads", n)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	good := bucket.Config{Endpoint: "https://s3.example.com", Bucket: "b", AccessKey: "k", Secret: "s"}
	if b, err := bucket.Open(good); err != nil || b.String() != "s3.example.com/b/" {
		t.Errorf("Open = %v, %v", b, err)
	}
	for name, change := range map[string]func(*bucket.Config){
		"no address":         func(c *bucket.Config) { c.Endpoint = "" },
		"no scheme":          func(c *bucket.Config) { c.Endpoint = "s3.example.com" },
		"another scheme":     func(c *bucket.Config) { c.Endpoint = "ftp://s3.example.com" },
		"a path":             func(c *bucket.Config) { c.Endpoint = "https://s3.example.com/b" },
		"a secret in it":     func(c *bucket.Config) { c.Endpoint = "https://k:s@s3.example.com" },
		"no bucket":          func(c *bucket.Config) { c.Bucket = "" },
		"no key":             func(c *bucket.Config) { c.AccessKey = "" },
		"no secret":          func(c *bucket.Config) { c.Secret = "" },
		"an unparsable host": func(c *bucket.Config) { c.Endpoint = "https://a b" },
	} {
		cfg := good
		change(&cfg)
		if _, err := bucket.Open(cfg); err == nil {
			t.Errorf("Open with %s succeeded", name)
		}
	}
	b, err := bucket.Open(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Put(t.Context(), "x", strings.NewReader(""), 6<<30); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("Put of 6 GiB err = %v, want another way", err)
	}
}

// A keeper on a bucket: what the service loses silently is noticed when it is
// read back, and no trouble ever leaves a backup that looks good and is not.
func TestKeeper(t *testing.T) {
	t.Parallel()
	s := buckettest.New(t)
	st := storetest.New(t)
	if _, err := st.Record(t.Context(), storetest.Outside(storetest.Stream(1, 30, storetest.Start())...)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	k, err := backup.New(backup.Config{Store: st, Keys: storetest.Keys(t), To: open(t, s, nil), Now: storetest.Start})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	m, err := k.Create(t.Context())
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	for _, trouble := range []buckettest.Trouble{buckettest.Broken, buckettest.CutUpload, buckettest.CutDownload, buckettest.LoseHalf} {
		s.Set(trouble, -1)
		if _, err := k.Create(t.Context()); err == nil {
			t.Errorf("Create with trouble %d succeeded", trouble)
		} else if lost := trouble == buckettest.LoseHalf; errors.Is(err, backup.ErrBad) != lost {
			t.Errorf("Create with trouble %d err = %v; is it ErrBad: want %t", trouble, err, lost)
		}
		s.Set(buckettest.None, 0)
		if all, err := k.List(t.Context()); err != nil || len(all) != 1 || all[0].ID != m.ID || all[0].Err != nil {
			t.Errorf("after trouble %d: List = %+v, %v, want the backup of before", trouble, all, err)
		}
	}
	to := filepath.Join(t.TempDir(), "x.db")
	if _, err := k.Restore(t.Context(), backup.Point{}, to); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	got, err := storetest.SQLite(t, store.Config{Path: to}).Counts(t.Context())
	if err != nil || got != m.Counts || got.Facts < 30 {
		t.Errorf("restored counts = %+v, %v, want %+v", got, err, m.Counts)
	}
}
