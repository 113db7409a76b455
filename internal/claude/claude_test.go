package claude_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/claude"
)

const key = "sk-ant-secret-7c1f"

func TestCheckAsksLikeTheSeed(t *testing.T) {
	t.Parallel()
	var method, path string
	var header http.Header
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, path, header = r.Method, r.URL.Path, r.Header.Clone()
		w.Write([]byte(`{"data":[]}`))
	}))
	defer vendor.Close()

	if err := (claude.Client{BaseURL: vendor.URL + "/", Key: key}).Check(t.Context()); err != nil {
		t.Fatalf("Check() = %v, want nil", err)
	}
	if method != http.MethodGet || path != "/v1/models" {
		t.Errorf("asked %s %s, want GET /v1/models", method, path)
	}
	for name, want := range map[string]string{"x-api-key": key, "anthropic-version": "2023-06-01"} {
		if v := header.Get(name); v != want {
			t.Errorf("header %s = %q, want %q", name, v, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		ok     bool
	}{
		{"200 is well", 200, true},
		{"another 2xx is well", 204, true},
		{"a redirect is not followed, because it would carry the key away", 302, false},
		{"a refused key", 401, false},
		{"too many requests", 429, false},
		{"a broken vendor", 500, false},
		{"an overloaded vendor", 529, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("the redirect was followed")
			}))
			defer stranger.Close()
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", stranger.URL)
				w.WriteHeader(tt.status)
			}))
			defer vendor.Close()
			err := claude.Client{BaseURL: vendor.URL, Key: key}.Check(t.Context())
			if (err == nil) != tt.ok {
				t.Errorf("Check(vendor answers %d) = %v, want ok = %v", tt.status, err, tt.ok)
			}
			secretless(t, err)
		})
	}
}

func TestCheckEndsWithTheDeadline(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer vendor.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := claude.Client{BaseURL: vendor.URL, Key: key}.Check(ctx)
	if err == nil || ctx.Err() == nil {
		t.Errorf("Check(hanging vendor) = %v, want the deadline to end it", err)
	}
	secretless(t, err)
}

func TestCheckOfNobody(t *testing.T) {
	t.Parallel()
	vendor := httptest.NewServer(http.NotFoundHandler())
	vendor.Close()
	for name, c := range map[string]claude.Client{
		"nobody listens":       {BaseURL: vendor.URL, Key: key},
		"address is no URL":    {BaseURL: "http://bad host", Key: key},
		"key has a line break": {BaseURL: vendor.URL, Key: key + "\n"},
	} {
		err := c.Check(t.Context())
		if err == nil {
			t.Errorf("%s: Check() = nil, want an error", name)
		}
		secretless(t, err)
	}
}

func secretless(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), key) {
		t.Errorf("error %q gives the key away", err)
	}
}

// TestPromptVersion: the version of the prompt is part of the key under which
// advice is cached. With a prompt that changed under an old version, answers to
// the old one would serve.
func TestPromptVersion(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("prompt.md")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	got, want := claude.PromptVersion+" "+hex.EncodeToString(sum[:8]), "interview-1 74895ce9e4fa06ec"
	if got != want {
		t.Errorf("prompt.md is %q, want %q: give a changed prompt another PromptVersion, and write both here", got, want)
	}
}
