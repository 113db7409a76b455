package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/summary"
)

// morningHour is when the mails of a day go out, on the clock of the agency.
const morningHour = 9

// morningWork is the payload of the mail of a morning.
type morningWork struct {
	Period   summary.Period
	Date     string // of the morning
	From, To int64  // days that the figures are about
	Parcel   alert.Parcel
}

// mornings makes the mails of this morning, each once, at nine or as soon after
// it as somebody is there to do it. The key of its job says that it was made,
// whatever happened to the process since.
func (s *Service) mornings(ctx context.Context, digest []alert.Notice, now time.Time) error {
	local := now.In(s.cfg.Zone)
	date := local.Format(time.DateOnly)
	if local.Hour() < morningHour || date == s.mem.day || s.cfg.Mail == nil && s.channels[Digest] == nil {
		return nil
	}
	for _, w := range morningsOf(local) {
		key := "morning/" + string(w.Period) + "/" + w.Date
		made, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Key: key, Limit: 1})
		if err != nil {
			return err
		}
		if len(made) > 0 || w.Period != summary.Daily && s.cfg.Mail == nil {
			continue
		}
		if w.Period == summary.Daily {
			w.Parcel = alert.Parcel{Key: alert.Key(key), Channel: Digest, Kind: alert.KindFiring, Severity: alert.Info, Group: "digest", After: now, Notices: digest}
		}
		payload, err := json.Marshal(w)
		if err != nil {
			return fmt.Errorf("encode the mail of %s: %w", w.Date, err)
		}
		pend(&s.mem.pending, store.NewJob{Kind: KindMorning, Key: key, Payload: payload, Due: now}, w.Parcel.Notices)
	}
	if len(s.mem.pending.Jobs) == 0 {
		s.mem.day = date // all of it was made before
	}
	return nil
}

// morningsOf are the mails of a day: that of yesterday, on Mondays that of the
// week before, on the first that of the month before.
func morningsOf(local time.Time) []morningWork {
	date := local.Format(time.DateOnly)
	today := metric.DayBucket(local, local.Location())
	out := []morningWork{{Period: summary.Daily, Date: date, From: today - 1, To: today - 1}}
	if local.Weekday() == time.Monday {
		out = append(out, morningWork{Period: summary.Weekly, Date: date, From: today - 7, To: today - 1})
	}
	if local.Day() == 1 {
		days := int64(local.AddDate(0, 0, -1).Day())
		out = append(out, morningWork{Period: summary.Monthly, Date: date, From: today - days, To: today - 1})
	}
	return out
}

// morning writes the mail of a morning. Without figures and news there is none.
func (s *Service) morning(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w morningWork
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read the work of %s: %w", t.Key, err), Permanent: true}
	}
	done := store.Effects{Accepted: alert.Key(t.Key)}
	if tell := s.channels[Digest]; tell != nil && w.Period == summary.Daily && len(w.Parcel.Notices) > 0 {
		answer, err := tell(ctx, w.Parcel)
		if err != nil {
			return store.Effects{}, refused(err)
		}
		w.Parcel.Notices, done.Result = nil, []byte(answer)
	}
	if s.cfg.Mail == nil {
		return done, nil
	}
	mail, some, err := s.figures(ctx, w)
	if err != nil {
		return store.Effects{}, err
	}
	if !some {
		done.Result = append(done.Result, " nothing to tell"...)
		return done, nil
	}
	id, err := s.cfg.Mail(ctx, mail, mail.ID)
	if err != nil {
		return store.Effects{}, refused(err)
	}
	done.Result = append(done.Result, " taken by the mail provider as "+id...)
	return done, nil
}

// figures composes the mail of a period.
func (s *Service) figures(ctx context.Context, w morningWork) (m letter.Message, some bool, err error) {
	view := metric.View{From: w.From, To: w.To}
	ranges := append(view.Needed(), view.Previous().Needed()...)
	ranges = append(ranges, metric.Range{Tier: metric.Day, Metric: metric.Probes, Dimension: metric.All, From: w.From, To: w.To, One: true})
	rows, err := s.cfg.Store.Rollups(ctx, ranges)
	if err != nil {
		return m, false, err
	}
	r := metric.NewReport(view, rows, rows, metric.Open{}, func(id string) (string, int64) { return id, 0 })
	note := letter.Figures{ID: mailID(string(w.Period) + w.Date), To: s.cfg.To, Admin: s.cfg.Base() + "/admin/dashboard"}
	note.Title, note.Blocks = summary.Of(w.Period, r, rows)
	for _, n := range w.Parcel.Notices {
		note.News = append(note.News, letter.AlertLine{Title: n.Title, Detail: n.Detail})
	}
	some = r.Started > 0 || r.Funnel[0].Count > 0 || len(note.News) > 0
	return letter.Summary(s.cfg.Agency, note), some, nil
}
