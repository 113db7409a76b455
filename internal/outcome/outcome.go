// Package outcome tells an installation what came of an operation that ran
// elsewhere: a deployment, a rollback, a smoke test. When the installation does
// not take it, which after a bad deployment is likely, the result waits in a
// folder of this machine and is told with the next one.
//
// Start with Teller.Tell.
package outcome

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Result is what came of an operation.
type Result struct {
	ID      string    `json:"id"` // the same twice is told once
	Kind    string    `json:"kind"`
	At      time.Time `json:"at"`
	Good    bool      `json:"good"`
	Version string    `json:"version,omitempty"`
	Step    string    `json:"step,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// maxDetail is how much of a reason is told, in characters.
const maxDetail = 300

// Reason is what is told of an error: its first line. What follows may be the
// log of somebody else's machine.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	text, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail-1]) + "…"
	}
	return text
}

// Doer makes one HTTP request. *http.Client is one.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Teller tells one installation.
type Teller struct {
	URL   string // its public address, without a slash at the end
	Token string // an API token of it
	HTTP  Doer
	Dir   string // where results wait; empty: they do not
}

// waiting is a result in the folder.
type waiting struct {
	URL    string `json:"url"`
	Result Result `json:"result"`

	path string
}

// maxWaiting is how many results wait at most; the oldest go first.
const maxWaiting = 100

// timeLimit bounds all telling of one command.
const timeLimit = 30 * time.Second

// Tell tells a result, and those that still wait, in the order in which they
// happened. The error says what is not told yet and where it waits, and what was
// refused for good, which keeps up none of the others.
func (t Teller) Tell(ctx context.Context, r Result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeLimit) // a command that was interrupted has most to tell
	defer cancel()
	if t.Dir == "" {
		_, err := t.post(ctx, r)
		return err
	}
	if err := t.keep(r); err != nil { // before it is told: a kill must not lose it
		_, told := t.post(ctx, r)
		return errors.Join(err, told)
	}
	list, err := t.list()
	if err != nil {
		return err
	}
	var refused error
	for i, w := range list {
		final, err := t.post(ctx, w.Result)
		if err != nil && !final {
			return errors.Join(refused, fmt.Errorf("results that wait in %s and are told the next time: %d; %w", t.Dir, len(list)-i, err))
		}
		if rm := os.Remove(w.path); rm != nil && !errors.Is(rm, os.ErrNotExist) {
			return fmt.Errorf("a result was told and could not be taken out of the folder; it is told again, which changes nothing: %w", rm)
		}
		refused = errors.Join(refused, err)
	}
	return refused
}

// keep writes a result to the folder, so that it is whole or not there.
func (t Teller) keep(r Result) error {
	data, err := json.Marshal(waiting{URL: t.URL, Result: r})
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	if err := os.MkdirAll(t.Dir, 0o700); err != nil {
		return fmt.Errorf("the result cannot wait for the installation: %w", err)
	}
	path := filepath.Join(t.Dir, r.ID+suffix)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("the result cannot wait for the installation: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("the result cannot wait for the installation: %w", err)
	}
	return nil
}

const suffix = ".result.json"

// list reads what waits for this installation, the earliest first. A file that
// cannot be read is left where it is.
func (t Teller) list() (out []waiting, err error) {
	names, err := filepath.Glob(filepath.Join(t.Dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("list the results that wait: %w", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name) //nolint:gosec // of our own folder
		w := waiting{path: name}
		if err != nil || json.Unmarshal(data, &w) != nil || w.URL != t.URL {
			continue
		}
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b waiting) int {
		return cmp.Or(a.Result.At.Compare(b.Result.At), strings.Compare(a.Result.ID, b.Result.ID))
	})
	for ; len(out) > maxWaiting; out = out[1:] {
		if err := os.Remove(out[0].path); err != nil {
			return nil, fmt.Errorf("make room for results: %w", err)
		}
	}
	return out, nil
}

// post tells one. Final means that telling it again is of no use.
func (t Teller) post(ctx context.Context, r Result) (final bool, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return true, fmt.Errorf("encode the result: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL+"/api/admin/operations/results", bytes.NewReader(body))
	if err != nil {
		return true, fmt.Errorf("APP_URL is %q: %w", t.URL, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+t.Token)
	req.Header.Set("X-Introspect-Canary", t.Token) // no figure counts this request
	resp, err := t.HTTP.Do(req)
	if err != nil {
		return false, fmt.Errorf("tell the installation: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // its answer says nothing but the status
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	switch resp.StatusCode {
	case http.StatusOK:
		return true, nil
	case http.StatusBadRequest:
		return true, errors.New("the installation cannot read the result (400); it may be older than this program")
	case http.StatusUnauthorized:
		return false, errors.New("the installation answers 401; INTROSPECT_ADMIN_TOKEN has to be a token of it")
	}
	return false, fmt.Errorf("the installation answers %d", resp.StatusCode)
}
