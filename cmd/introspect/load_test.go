package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
)

// BenchmarkIngest sends batches of 100 new events to the real binary over so
// many connections, load generator and server on the same machine. Each event is
// on disk, known to be new, part of its session's facts and of every rollup when
// its batch is answered. It prints events a second, the processor time that the
// server needed for a million of them, the time until the answer, and the server's
// memory at the end.
func BenchmarkIngest(b *testing.B) {
	bin := build(b)
	for _, connections := range []int{16, 64} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) { ingests(b, bin, connections, 100, 0) })
	}
}

// BenchmarkIngestOne sends events one by one, 200 a second.
func BenchmarkIngestOne(b *testing.B) { ingests(b, build(b), 8, 1, 200) }

// bodies are batches as browsers' collectors and servers send them: forty visits
// at a time, their events as they happen. They are made before the clock runs.
func bodies(n, size int) [][]byte {
	out := make([][]byte, 0, n)
	var visits [][]event.Event
	next := 0
	for len(out) < n {
		var body bytes.Buffer
		body.WriteString(`{"events":[`)
		for i := range size {
			for len(visits) < 40 {
				visits = append(visits, session(next, time.Now().Add(-time.Hour)))
				next++
			}
			v := (next*7 + i) % len(visits)
			e := visits[v][0]
			if visits[v] = visits[v][1:]; len(visits[v]) == 0 {
				visits = slices.Delete(visits, v, v+1)
			}
			if i > 0 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, `{"id":%q,"name":%q,"sessionId":%q,"timestamp":%q,"properties":%s}`, e.ID, e.Name, e.SessionID, e.At.Format(time.RFC3339Nano), e.Properties)
		}
		body.WriteString(`]}`)
		out = append(out, body.Bytes())
	}
	return out
}

// ingests runs one load; perSecond 0 is as fast as it goes.
func ingests(b *testing.B, bin string, connections, size, perSecond int) {
	b.Helper()
	p := started(b, bin, b.TempDir())
	defer p.end()
	list := bodies(max(b.N, 1), size)
	var next atomic.Int64
	var wg sync.WaitGroup
	times := make([]time.Duration, len(list))
	b.ResetTimer()
	began, spent := time.Now(), p.cpu()
	for range connections {
		wg.Go(func() {
			c, err := dial(p.base)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.conn.Close()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				if perSecond > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
				}
				at := time.Now()
				if err := c.send(list[i], size); err != nil {
					b.Error(err)
					return
				}
				times[i] = time.Since(at)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	took := time.Since(began)
	slices.Sort(times)
	b.ReportMetric(float64(len(list)*size)/took.Seconds(), "events/s")
	b.ReportMetric((p.cpu()-spent).Seconds()/float64(len(list)*size)*1e6, "server-cpu-s/M")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(p.rss())/1024, "rss-MB")
}

// sender sends batches over one connection. It costs a fraction of what an
// http.Client costs, which would take from the server's two processors, and still
// reads every answer to its end.
type sender struct {
	conn    net.Conn
	in      *bufio.Reader
	request bytes.Buffer
	answer  bytes.Buffer
}

func dial(base string) (*sender, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		return nil, err
	}
	return &sender{conn: conn, in: bufio.NewReader(conn)}, nil
}

// send sends a batch and checks that each of its events was accepted.
func (s *sender) send(body []byte, size int) error {
	s.request.Reset()
	fmt.Fprintf(&s.request, "POST /api/metrics/batch HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	s.request.Write(body)
	if _, err := s.conn.Write(s.request.Bytes()); err != nil {
		return err
	}
	res, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	s.answer.Reset()
	if _, err := s.answer.ReadFrom(res.Body); err != nil {
		return err
	}
	answer := s.answer.Bytes()
	want := fmt.Sprintf(`{"accepted":%d,"duplicates":0,"dropped":0,"results":[`, size)
	if res.StatusCode != http.StatusOK || !bytes.HasPrefix(answer, []byte(want)) || bytes.Count(answer, []byte(`{"id":"`)) != size {
		return fmt.Errorf("batch = %d, %.300s", res.StatusCode, answer)
	}
	return nil
}
