package claude

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotRecorded is the answer of an offline cassette to a question that nobody
// recorded.
var ErrNotRecorded = errors.New("this question was not recorded; record it with a key and without offline")

// cassette keeps the vendor's good answers in files, named by the hash of what
// was asked, and plays them again. Neither the key nor the canary is in a
// file, nor what was asked; an answer may quote it, so only simulated clients
// belong there.
type cassette struct {
	dir     string
	next    http.RoundTripper // nil: offline
	secrets []string          // are written as the word "secret"
}

// taped is one file.
type taped struct {
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Body        string `json:"body"`
}

// RoundTrip plays a recorded answer, or asks and records.
func (c cassette) RoundTrip(req *http.Request) (*http.Response, error) {
	var asked []byte
	if req.Body != nil {
		var err error
		asked, err = io.ReadAll(req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, fmt.Errorf("read the question: %w", err)
		}
	}
	sum := sha256.Sum256([]byte(req.Method + " " + req.URL.Path + "\n" + c.scrub(string(asked))))
	file := filepath.Join(c.dir, hex.EncodeToString(sum[:16])+".json")
	tape, err := os.ReadFile(file) //nolint:gosec // a hash in a folder of the operator
	if err == nil {
		return play(req, tape, file)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read a recorded answer: %w", err)
	}
	if c.next == nil {
		return nil, ErrNotRecorded
	}
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(asked))
	resp, err := c.next.RoundTrip(again)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err //nolint:wrapcheck // the SDK reads it
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err = errors.Join(err, resp.Body.Close()); err == nil && len(body) <= maxBody {
		err = c.record(file, taped{resp.StatusCode, resp.Header.Get("Content-Type"), c.scrub(string(body))})
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

func (c cassette) scrub(text string) string {
	for _, s := range c.secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "secret")
		}
	}
	return text
}

// record writes a file as a whole or not at all.
func (c cassette) record(file string, t taped) error {
	text, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return fmt.Errorf("record an answer: %w", err)
	}
	part, err := os.CreateTemp(c.dir, ".part-*")
	if err != nil {
		return fmt.Errorf("record an answer: %w", err)
	}
	_, err = part.Write(append(text, '\n'))
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("record an answer: %w", errors.Join(err, os.Remove(part.Name())))
	}
	return nil
}

func play(req *http.Request, tape []byte, file string) (*http.Response, error) {
	var t taped
	if err := json.Unmarshal(tape, &t); err != nil {
		return nil, fmt.Errorf("the recorded answer %s is damaged; delete it: %w", file, err)
	}
	return &http.Response{
		Status: http.StatusText(t.Status), StatusCode: t.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {t.ContentType}}, Body: io.NopCloser(strings.NewReader(t.Body)), ContentLength: int64(len(t.Body)),
	}, nil
}
