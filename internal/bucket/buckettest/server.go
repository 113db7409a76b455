// Package buckettest is a small S3 service for tests. It checks signatures,
// understands signed uploads in chunks, lists in pages, and misbehaves when it
// is told to. It keeps everything in memory. Start with New.
package buckettest

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What a client has to know.
const (
	Bucket    = "backups"
	AccessKey = "AKTEST"
	Secret    = "a secret of the test"
	Region    = "us-east-1"
)

// pageSize is small, so that lists have several pages.
const pageSize = 2

// Trouble is how the service misbehaves.
type Trouble int

// Kinds of trouble. The zero value is none.
const (
	None        Trouble = iota
	Broken              // every answer is 500
	CutUpload           // the connection breaks in the middle of an upload
	CutDownload         // the connection breaks in the middle of a download
	Stall               // an answer begins and then nothing comes until the client gives up
	StallUpload         // an upload is not read to its end, and nothing is answered
	LoseHalf            // an upload is acknowledged, but only half of it is kept
)

// Server is a running service.
type Server struct {
	URL string

	done chan struct{} // closed when the test ends

	mu      sync.Mutex
	objects map[string][]byte
	trouble Trouble
	times   int // how often trouble still strikes; negative: always
	asked   int
}

// New starts a service that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{objects: make(map[string][]byte), done: make(chan struct{})}
	srv := httptest.NewServer(s)
	tb.Cleanup(func() { close(s.done); srv.Close() })
	s.URL = srv.URL
	return s
}

// Set makes the next requests fail in one way; times is how many, negative
// meaning all.
func (s *Server) Set(t Trouble, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble, s.times = t, times
}

// Objects copies what is kept.
func (s *Server) Objects() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects)
}

// Asked is the number of requests so far.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// next says what shall go wrong with a request, if that concerns its method.
func (s *Server) next(method string) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	concerned := map[Trouble]string{CutUpload: http.MethodPut, StallUpload: http.MethodPut, LoseHalf: http.MethodPut, CutDownload: http.MethodGet, Stall: http.MethodGet, Broken: method}
	if s.times == 0 || concerned[s.trouble] != method {
		return None
	}
	s.times--
	return s.trouble
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	trouble := s.next(r.Method)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch code := refusal(r); {
	case trouble == Broken:
		fail(w, http.StatusInternalServerError, "InternalError")
	case code != "":
		fail(w, http.StatusForbidden, code)
	case bucket != Bucket:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case r.Method == http.MethodPut:
		s.put(w, r, key, trouble)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case key == "":
		s.list(w, r.URL.Query())
	default:
		s.get(w, r, key, trouble)
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Error><Code>%s</Code><Message>test</Message></Error>`, code)
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, key string, trouble Trouble) {
	if trouble == CutUpload || trouble == StallUpload {
		_, _ = io.CopyN(io.Discard, r.Body, 1000)
		if trouble == StallUpload {
			<-s.done // the context of the request would not end while its body is unread
		}
		panic(http.ErrAbortHandler)
	}
	body, err := content(r)
	if err != nil {
		fail(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	if trouble == LoseHalf {
		body = body[:len(body)/2]
	}
	s.mu.Lock()
	s.objects[key] = body
	s.mu.Unlock()
	w.Header().Set("ETag", `"x"`)
}

// content reads the body of an upload, which a client without TLS sends in
// signed chunks.
func content(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var out bytes.Buffer
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, signature, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || !strings.HasPrefix(signature, "chunk-signature=") {
			return nil, fmt.Errorf("chunk begins with %q", line)
		}
		if _, err := io.CopyN(&out, in, n); err != nil {
			return nil, err
		}
		if _, err := in.ReadString('\n'); err != nil && n > 0 {
			return nil, err
		}
		if n == 0 {
			break
		}
	}
	if want := r.Header.Get("X-Amz-Decoded-Content-Length"); want != strconv.Itoa(out.Len()) {
		return nil, errors.New("another length than announced")
	}
	return out.Bytes(), nil
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string, trouble Trouble) {
	s.mu.Lock()
	body, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("ETag", `"x"`)
	w.Header().Set("Last-Modified", "Wed, 18 Nov 2026 12:00:00 GMT")
	switch trouble {
	case CutDownload:
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	case Stall:
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush() // the client waits for the rest
		<-r.Context().Done()
	default:
		_, _ = w.Write(body)
	}
}

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listed
}

type listed struct {
	Key          string
	Size         int
	LastModified string
	ETag         string
}

// list answers version 2 of the listing, where a token is the last key.
func (s *Server) list(w http.ResponseWriter, q url.Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out listing
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(key, q.Get("prefix")) || key <= q.Get("continuation-token") {
			continue
		}
		if len(out.Contents) == pageSize {
			out.IsTruncated, out.NextContinuationToken = true, out.Contents[pageSize-1].Key
			break
		}
		out.Contents = append(out.Contents, listed{key, len(s.objects[key]), "2026-11-18T12:00:00.000Z", `"x"`})
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out) // the client will notice
}

// refusal checks the signature of a request (AWS Signature Version 4) and
// returns the code of the error, empty when it is right.
func refusal(r *http.Request) string {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok || r.Header.Get("X-Amz-Date") == "" || r.Header.Get("X-Amz-Content-Sha256") == "" {
		return "AccessDenied"
	}
	parts := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	key, scope, _ := strings.Cut(parts["Credential"], "/")
	if key != AccessKey {
		return "InvalidAccessKeyId"
	}
	canonical := []string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")}
	for name := range strings.SplitSeq(parts["SignedHeaders"], ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		canonical = append(canonical, name+":"+strings.TrimSpace(value))
	}
	canonical = append(canonical, "", parts["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256"))
	sum := sha256.Sum256([]byte(strings.Join(canonical, "\n")))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(sum[:])}, "\n")
	sign := []byte("AWS4" + Secret)
	for part := range strings.SplitSeq(scope, "/") {
		sign = mac(sign, part)
	}
	if hex.EncodeToString(mac(sign, text)) != parts["Signature"] {
		return "SignatureDoesNotMatch"
	}
	return ""
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
