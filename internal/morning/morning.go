// Package morning makes the mails of a day: the figures of yesterday with the
// news that could wait, on Mondays those of the week before, on the first those
// of the month before. When they are due and what is in them is decided here;
// package watch stores their jobs together with the notices that they hold.
//
// Start with Service.Due.
package morning

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

// Kind is that of the jobs.
const Kind = "morning"

// hour is when the mails of a day go out, on the clock of the agency.
const hour = 9

// Config is what a Service needs. Store and Zone are required; without Mail and
// Tell nothing is ever due.
type Config struct {
	Store  *store.Store
	Zone   *time.Location
	Mail   func(ctx context.Context, m letter.Message, key string) (providerID string, err error) // nil: no mails
	Tell   func(ctx context.Context, p alert.Parcel) (answer string, err error)                   // takes the news of a day; nil: they are in the mail
	News   alert.Channel                                                                          // that of the news
	Agency letter.Agency
	To     letter.Address
	Base   func() string // public address without a slash at its end
}

// Service makes the mails. Due is for one goroutine, Handle for any.
type Service struct {
	cfg  Config
	done string // the last day whose mails were all made
}

// New makes a Service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// work is the payload of the mail of a morning.
type work struct {
	Period   summary.Period
	Date     string // of the morning
	From, To int64  // days that the figures are about
	Parcel   alert.Parcel
}

// Job is the durable work of a mail, and the news that it tells.
type Job struct {
	store.NewJob

	Notices []alert.Notice
}

// Due makes the mails of this morning, each once, at nine or as soon after it as
// somebody is there to do it. The key of its job says that it was made, whatever
// happened to the process since.
func (s *Service) Due(ctx context.Context, news []alert.Notice, now time.Time) (list []Job, err error) {
	local := now.In(s.cfg.Zone)
	date := local.Format(time.DateOnly)
	if local.Hour() < hour || date == s.done || s.cfg.Mail == nil && s.cfg.Tell == nil {
		return nil, nil
	}
	for _, w := range s.worksOf(local) {
		key := Kind + "/" + string(w.Period) + "/" + w.Date
		made, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Key: key, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(made) > 0 {
			continue
		}
		if w.Period == newsOnly || w.Period == summary.Daily && s.cfg.Tell == nil {
			w.Parcel = alert.Parcel{Key: alert.Key(key), Channel: s.cfg.News, Kind: alert.KindFiring, Severity: alert.Info, Group: "digest", After: now, Notices: news}
		}
		payload, err := json.Marshal(w)
		if err != nil {
			return nil, fmt.Errorf("encode the mail of %s: %w", w.Date, err)
		}
		list = append(list, Job{NewJob: store.NewJob{Kind: Kind, Key: key, Payload: payload, Due: now}, Notices: w.Parcel.Notices})
	}
	if len(list) == 0 {
		s.done = date // all of it was made before
	}
	return list, nil
}

// newsOnly is the period of the work that tells the news of a day through a
// channel. It is apart from the mail, so that either can fail and be tried again
// without the other being told twice.
const newsOnly summary.Period = "news"

// worksOf are the news and the mails of a day.
func (s *Service) worksOf(local time.Time) (out []work) {
	date := local.Format(time.DateOnly)
	if s.cfg.Tell != nil {
		out = append(out, work{Period: newsOnly, Date: date})
	}
	if s.cfg.Mail == nil {
		return out
	}
	today := metric.DayBucket(local, local.Location())
	out = append(out, work{Period: summary.Daily, Date: date, From: today - 1, To: today - 1})
	if local.Weekday() == time.Monday {
		out = append(out, work{Period: summary.Weekly, Date: date, From: today - 7, To: today - 1})
	}
	if local.Day() == 1 {
		days := int64(local.AddDate(0, 0, -1).Day())
		out = append(out, work{Period: summary.Monthly, Date: date, From: today - days, To: today - 1})
	}
	return out
}

// Handle writes the mail of a morning. Without figures and news there is none.
func (s *Service) Handle(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w work
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read the work of %s: %w", t.Key, err), Permanent: true}
	}
	done := store.Effects{Accepted: alert.Key(t.Key)}
	if w.Period == newsOnly {
		return s.tell(ctx, w, done)
	}
	if s.cfg.Mail == nil { // there was a mailbox when the job was made
		if len(w.Parcel.Notices) > 0 {
			return store.Effects{}, &job.Failure{Err: fmt.Errorf("mail is not set up any more; nobody was told the news of %s", w.Date), Permanent: true}
		}
		return done, nil
	}
	mail, some, err := s.figures(ctx, w)
	if err != nil {
		return store.Effects{}, err
	}
	if !some {
		done.Result = []byte("nothing to tell")
		return done, nil
	}
	id, err := s.cfg.Mail(ctx, mail, mail.ID)
	if err != nil {
		return store.Effects{}, err
	}
	done.Result = []byte("taken by the mail provider as " + id)
	return done, nil
}

// tell tells the news of a day through the channel.
func (s *Service) tell(ctx context.Context, w work, done store.Effects) (store.Effects, error) {
	if len(w.Parcel.Notices) == 0 {
		done.Result = []byte("nothing to tell")
		return done, nil
	}
	if s.cfg.Tell == nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("channel %s is not set up any more; nobody was told the news of %s", s.cfg.News, w.Date), Permanent: true}
	}
	answer, err := s.cfg.Tell(ctx, w.Parcel)
	if err != nil {
		return store.Effects{}, err
	}
	done.Result = []byte(answer)
	return done, nil
}

// MailID makes the id of a mail of the watch from a key. The same key makes the same id.
func MailID(key string) string {
	return "alert-" + string(alert.FingerprintOf(alert.RuleID(key), nil))
}

// figures composes the mail of a period.
func (s *Service) figures(ctx context.Context, w work) (m letter.Message, some bool, err error) {
	view := metric.View{From: w.From, To: w.To}
	ranges := append(view.Needed(), view.Previous().Needed()...)
	ranges = append(ranges, metric.Range{Tier: metric.Day, Metric: metric.Probes, Dimension: metric.All, From: w.From, To: w.To, One: true})
	rows, err := s.cfg.Store.Rollups(ctx, ranges)
	if err != nil {
		return m, false, err
	}
	r := metric.NewReport(view, rows, rows, metric.Open{}, func(id string) (string, int64) { return id, 0 })
	id := MailID(string(w.Period) + w.Date)
	note := letter.Figures{ID: id, To: s.cfg.To, Admin: s.cfg.Base() + "/admin/dashboard"}
	note.Title, note.Blocks = summary.Of(w.Period, r, rows)
	if w.Period == summary.Monthly {
		spent, err := s.spent(ctx, w)
		if err != nil {
			return m, false, err
		}
		if spent != (summary.Spent{}) {
			note.Blocks = append(note.Blocks, summary.Costs(spent, r))
		}
	}
	if note.Simulated, err = s.cfg.Store.Simulated(ctx); err != nil {
		return m, false, err
	}
	for _, n := range w.Parcel.Notices {
		line := letter.AlertLine{Title: n.Title, Where: n.Where(), Detail: n.Detail, From: n.From.In(s.cfg.Zone)}
		if !n.To.IsZero() {
			line.To = n.To.In(s.cfg.Zone)
		}
		note.News = append(note.News, line)
	}
	some = r.Started > 0 || r.Funnel[0].Count > 0 || len(note.News) > 0
	return letter.Summary(s.cfg.Agency, note), some, nil
}

// spent is what the model cost in the days of a mail.
func (s *Service) spent(ctx context.Context, w work) (summary.Spent, error) {
	from, err := time.ParseInLocation(time.DateOnly, metric.Date(w.From), s.cfg.Zone)
	if err != nil {
		return summary.Spent{}, fmt.Errorf("read the first day of the mail of %s: %w", w.Date, err)
	}
	f, err := s.cfg.Store.AdvisorFigures(ctx, from, from.AddDate(0, 0, int(w.To-w.From)+1))
	return summary.Spent{Micro: f.MicroUSD, Unpriced: f.Unpriced}, err
}
