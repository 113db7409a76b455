package main

import (
	"bytes"
	"fmt"
	"io"
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
// its batch is answered. It prints events a second, the time until the answer,
// the server's memory at the end, and what the dashboard needed meanwhile.
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
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	var next atomic.Int64
	var wg sync.WaitGroup
	times := make([]time.Duration, len(list))
	b.ResetTimer()
	began := time.Now()
	for range connections {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				if perSecond > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
				}
				at := time.Now()
				if err := send(client, p.base, list[i], size); err != nil {
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
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(p.rss())/1024, "rss-MB")
}

func send(client *http.Client, base string, body []byte, size int) error {
	res, err := client.Post(base+"/api/metrics/batch", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf(`"accepted":%d,`, size); res.StatusCode != http.StatusOK || !strings.Contains(string(answer), want) {
		return fmt.Errorf("batch = %d, %.300s", res.StatusCode, answer)
	}
	return nil
}
