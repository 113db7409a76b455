package seal

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
)

// What is too large for one sealed text is a stream: format (1 byte), key id,
// salt, nonce prefix, and then chunks, each sealed on its own. The nonce of a
// chunk is the prefix, its number and whether it is the last one, so that
// chunks cannot be moved, left out or cut off (the STREAM construction of Hoang,
// Reyhanitabar, Rogaway and Vizár). The salt gives each stream a key of its own.
const (
	streamFormat = 2
	streamSalt   = 32
	streamPrefix = 7
	streamHeader = header + streamSalt + streamPrefix
	streamChunk  = 64 << 10
	streamTag    = 16
)

// Has reports whether the key that an ID names is in the ring.
func (k *Keyring) Has(id string) bool {
	_, ok := k.find(id)
	return ok
}

func (k *Keyring) find(id string) (key, bool) {
	if k == nil {
		return key{}, false
	}
	for _, candidate := range k.keys {
		if hex.EncodeToString(candidate.id[:]) == id {
			return candidate, true
		}
	}
	return key{}, false
}

// stream is what both directions share.
type stream struct {
	aead  cipher.AEAD
	nonce [12]byte
	bound []byte
	n     uint32
}

func (k key) stream(head []byte, context string) (stream, error) {
	raw, err := hkdf.Expand(sha256.New, k.prk, "stream "+string(head[header:header+streamSalt]), 32)
	if err != nil {
		return stream{}, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return stream{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return stream{}, err
	}
	s := stream{aead: aead, bound: bind(head, context)}
	copy(s.nonce[:], head[header+streamSalt:])
	return s, nil
}

// next is the nonce of the next chunk.
func (s *stream) next(last bool) ([]byte, error) {
	if s.n == math.MaxUint32 {
		return nil, errors.New("a stream holds at most 256 TiB")
	}
	binary.BigEndian.PutUint32(s.nonce[streamPrefix:], s.n)
	s.nonce[11] = 0
	if last {
		s.nonce[11] = 1
	}
	s.n++
	return s.nonce[:], nil
}

// Writer seals what is written to it with the newest key and writes the result
// to w. The stream is whole only after Close, which does not close w. The
// context says where the stream belongs, as in Seal.
func (k *Keyring) Writer(w io.Writer, context string) (io.WriteCloser, error) {
	if k == nil || len(k.keys) == 0 {
		return nil, ErrNoSecret
	}
	head := make([]byte, streamHeader)
	head[0] = streamFormat
	copy(head[1:], k.keys[0].id[:])
	_, _ = rand.Read(head[header:]) // never fails since Go 1.24
	s, err := k.keys[0].stream(head, context)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(head); err != nil {
		return nil, err
	}
	return &streamWriter{stream: s, w: w, buf: make([]byte, 0, streamChunk+streamTag)}, nil
}

type streamWriter struct {
	stream
	w   io.Writer
	buf []byte
	err error // of the first write that failed; what follows would not be readable
}

var errStreamClosed = errors.New("write to a sealed stream that is closed")

func (s *streamWriter) Write(p []byte) (n int, err error) {
	for s.err == nil && len(p) > 0 {
		if len(s.buf) == streamChunk {
			s.flush(false) // more follows, so it is not the last
			continue
		}
		took := min(len(p), streamChunk-len(s.buf))
		s.buf, p, n = append(s.buf, p[:took]...), p[took:], n+took
	}
	return n, s.err
}

func (s *streamWriter) Close() error {
	if errors.Is(s.err, errStreamClosed) {
		return nil
	}
	if s.err == nil {
		s.flush(true)
	}
	err := s.err
	s.err = errStreamClosed
	return err
}

func (s *streamWriter) flush(last bool) {
	nonce, err := s.next(last)
	if err == nil {
		_, err = s.w.Write(s.aead.Seal(s.buf[:0], nonce, s.buf, s.bound))
	}
	s.buf, s.err = s.buf[:0], err
}

// Reader opens a stream that Writer made. It hands out only what has been
// authenticated, and io.EOF only after the true end: anything else that does
// not fit is ErrDamaged, and a key that is not in the ring ErrUnknownKey.
func (k *Keyring) Reader(r io.Reader, context string) (io.Reader, error) {
	if k == nil || len(k.keys) == 0 {
		return nil, ErrNoSecret
	}
	head := make([]byte, streamHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, cut(err, context)
	}
	if head[0] != streamFormat {
		return nil, fmt.Errorf("open %s: %w", context, ErrDamaged)
	}
	used, ok := k.find(hex.EncodeToString(head[1:header]))
	if !ok {
		return nil, fmt.Errorf("open %s, key %x: %w", context, head[1:header], ErrUnknownKey)
	}
	s, err := used.stream(head, context)
	if err != nil {
		return nil, err
	}
	return &streamReader{stream: s, r: bufio.NewReader(r), buf: make([]byte, streamChunk+streamTag), context: context}, nil
}

// cut says that a stream ended too early, unless reading itself went wrong.
func cut(err error, context string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("open %s: it is cut off: %w", context, ErrDamaged)
	}
	return err
}

type streamReader struct {
	stream
	r       *bufio.Reader
	buf     []byte
	plain   []byte // opened and not handed out yet
	err     error
	context string
}

func (s *streamReader) Read(p []byte) (int, error) {
	for len(s.plain) == 0 && s.err == nil {
		s.fill()
	}
	if len(s.plain) == 0 {
		return 0, s.err
	}
	n := copy(p, s.plain)
	s.plain = s.plain[n:]
	return n, nil
}

// fill opens the next chunk.
func (s *streamReader) fill() {
	n, err := io.ReadFull(s.r, s.buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.err = cut(err, s.context)
		return
	}
	last := err != nil
	if !last {
		_, err = s.r.Peek(1)
		if last = errors.Is(err, io.EOF); err != nil && !last {
			s.err = err
			return
		}
	}
	nonce, err := s.next(last)
	if err != nil {
		s.err = err
		return
	}
	if s.plain, err = s.aead.Open(s.buf[:0], nonce, s.buf[:n], s.bound); err != nil {
		s.plain, s.err = nil, fmt.Errorf("open %s, part %d: %w", s.context, s.n, ErrDamaged)
		return
	}
	if last {
		s.err = io.EOF
	}
}
