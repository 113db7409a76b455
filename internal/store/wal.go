package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
)

// The write-ahead log as https://sqlite.org/fileformat2.html#walformat says: a
// header, then frames of one page each. Sums go on from frame to frame.
const (
	walHeader   = 32
	frameHeader = 24
	walMagic    = 0x377f0682 // the lowest bit says how sums read words
)

// RescueLog looks at the write-ahead log that a process left which did not end
// by itself, before anybody opens the database. SQLite stops reading at the
// first frame that is damaged, and overwrites the rest: whole transactions that
// were acknowledged would go without a word. Then the log is kept beside the
// database, and an error is logged. It does nothing to a log that only ends in
// the middle of a transaction, as every kill leaves it, and nothing twice.
func RescueLog(ctx context.Context, file string, log *slog.Logger) error {
	salt, lost, err := examineLog(file + "-wal")
	if err != nil || lost == 0 {
		return err
	}
	kept := fmt.Sprintf("%s-wal.damaged-%016x", file, salt)
	if _, err := os.Lstat(kept); err == nil {
		return nil
	}
	if err := copyFile(file+"-wal", kept); err != nil {
		return fmt.Errorf("keep the damaged log of the database: %w", err)
	}
	log.ErrorContext(ctx, "the write-ahead log is damaged, and writes that were acknowledged are lost to the database; the log was kept; "+
		"stop the server and bring them back from the replica, if there is one: introspect restore --in-place --at TIME",
		"log", kept, "transactions", lost)
	return nil
}

// examineLog counts the transactions that were committed after the first frame
// that cannot be read, and returns the mark that all frames of this use of the
// file carry.
func examineLog(path string) (salt uint64, lost int, err error) {
	f, err := os.Open(path) //nolint:gosec // beside the database that the operator names
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read write-ahead log: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	r := bufio.NewReaderSize(f, 1<<20)
	head, frame := make([]byte, walHeader), make([]byte, frameHeader+walPage)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, 0, endOf(err)
	}
	x := newExaminer(head)
	for {
		if _, err := io.ReadFull(r, frame); err != nil {
			return x.salt, x.lost, endOf(err)
		}
		x.frame(frame)
	}
}

// endOf is nil when reading ended where the file does.
func endOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("read write-ahead log: %w", err)
}

// examiner reads a log frame by frame.
type examiner struct {
	order     binary.ByteOrder
	salt      uint64 // the mark
	known     bool   // the mark is
	whole     bool   // everything so far
	sums      [2]uint32
	committed int // transactions whose end was read after the damage, and not yet what follows
	lost      int
}

func newExaminer(head []byte) *examiner {
	x := &examiner{order: binary.LittleEndian, salt: binary.BigEndian.Uint64(head[16:])}
	if head[3]&1 == 1 {
		x.order = binary.BigEndian
	}
	x.sums = walSums(x.order, x.sums, head[:24])
	x.whole = binary.BigEndian.Uint32(head)&^1 == walMagic && x.sums == pair(head[24:])
	x.known = x.whole // it may be the mark in the header that is damaged
	return x
}

// frame reads the next one. A transaction after the damage counts only when
// another frame follows it: it had reached the disk before that one was begun,
// while the last one may have been cut off by the loss of power and was not
// acknowledged. The first bad frame may be the end of one, which cannot be known.
func (x *examiner) frame(b []byte) {
	mark := binary.BigEndian.Uint64(b[8:])
	if !x.known {
		x.salt, x.known = mark, true
	}
	if x.whole {
		next := walSums(x.order, walSums(x.order, x.sums, b[:8]), b[frameHeader:])
		if x.whole = mark == x.salt && next == pair(b[16:]); x.whole {
			x.sums = next
		}
		return
	}
	if mark != x.salt {
		return // of an earlier use of the file, or damaged as well
	}
	x.lost += x.committed
	x.committed = 0
	if binary.BigEndian.Uint32(b[4:]) != 0 {
		x.committed = 1
	}
}

// walPage is the size of a page of the database, that of SQLite by default.
const walPage = 4096

func pair(b []byte) [2]uint32 {
	return [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

// walSums adds bytes, a multiple of eight, to the two sums of a log.
func walSums(order binary.ByteOrder, s [2]uint32, b []byte) [2]uint32 {
	for ; len(b) >= 8; b = b[8:] {
		s[0] += order.Uint32(b) + s[1]
		s[1] += order.Uint32(b[4:]) + s[0]
	}
	return s
}

// copyFile makes a durable copy. A half one has another name.
func copyFile(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // beside the database
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read from
	half := to + ".part"
	out, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // likewise
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(half))
	}
	return os.Rename(half, to)
}
