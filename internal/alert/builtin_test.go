package alert_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// The shortest ways to write a reading.

func figure(v float64) alert.Reading             { return alert.Reading{Value: v} }
func mean(v float64, sample int64) alert.Reading { return alert.Reading{Value: v, Sample: sample} }

// in is a share in a window; more windows may follow.
func in(span string, hits, of int64, more ...alert.Reading) alert.Reading {
	out := alert.Reading{Counts: []condition.Count{{Span: long(span), Now: rate(hits, of)}}}
	for _, m := range more {
		out.Counts = append(out.Counts, m.Counts...)
	}
	return out
}

// against is a share in a window and in the time before it.
func against(span string, now, before stat.Rate) alert.Reading {
	return alert.Reading{Counts: []condition.Count{{Span: long(span), Now: now, Before: before}}}
}

// silent is a reading whose last event was so long ago when it is judged, which
// is kept true by the driver.
func silent(text string) alert.Reading { return alert.Reading{Expected: float64(long(text))} }

func long(text string) alert.Duration {
	var d alert.Duration
	if err := d.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return d
}

// mapping is every alert of the seed's runbook, and of the additions, by the
// rule that stands for it: with a reading that fires and one at the edge that
// does not.
var mapping = []struct {
	alert       string
	rule        alert.RuleID
	fires, edge alert.Reading
}{
	// seed, critical
	{"health check fails: probes", "site_down", in("40s", 3, 4), in("40s", 2, 4)},
	{"health check fails: no sign of life", "heartbeat_missing", silent("2m"), silent("119s")},
	{"error rate above 5%", "error_rate", in("5m", 9, 50), in("5m", 8, 50)},
	{"error rate above 5%, few requests", "error_rate", in("5m", 1, 1, in("30m", 5, 20)), in("5m", 1, 1, in("30m", 19, 19))},
	{"error rate above 5%, surely", "error_rate", in("5m", 76, 1000), in("5m", 75, 1000)},
	{"error budget, an hour", "error_budget", in("5m", 8, 100, in("1h", 80, 1000), in("30m", 0, 9), in("6h", 0, 9)), in("5m", 0, 100, in("1h", 80, 1000), in("30m", 0, 9), in("6h", 0, 9))},
	{"error budget, six hours", "error_budget", in("5m", 0, 9, in("1h", 0, 9), in("30m", 4, 100), in("6h", 40, 1000)), in("5m", 0, 9, in("1h", 0, 9), in("30m", 4, 100), in("6h", 4, 100))},
	{"error budget, three days", "error_budget_slow", in("6h", 6, 1000, in("3d", 60, 10000)), in("6h", 6, 1000, in("3d", 50, 10000))},
	{"API latency above 10 s", "latency_10s", in("5m", 5, 20), in("5m", 4, 20)},
	{"P95 above 3 s", "latency_3s", in("30m", 8, 50), in("30m", 7, 50)},
	{"database connection failures: ping", "db_ping", in("30s", 2, 3), in("30s", 1, 3)},
	{"database connection failures: pool", "db_pool", figure(3), figure(2)},
	{"database connection failures: file", "db_storage", figure(1), figure(0)},
	{"database connection failures: server", "db_server", figure(3), figure(2)},
	{"payment failures: in a row", "payment_consecutive", figure(3), figure(2)},
	{"payment failures: share", "payment_failures", in("1h", 2, 20), in("1h", 1, 20)},
	{"payment failures: without order", "payment_unmatched", figure(11), figure(10)},
	// seed, warning
	{"conversion drop: landing to CTA", "conversion_cta", against("24h", rate(15, 50), rate(420, 700)), against("24h", rate(24, 50), rate(420, 700))},
	{"conversion drop: CTA to foundation", "conversion_foundation", against("24h", rate(8, 20), rate(252, 280)), against("24h", rate(15, 20), rate(252, 280))},
	{"conversion drop: foundation to conversation", "conversion_conversation", against("24h", rate(10, 50), rate(350, 700)), against("24h", rate(10, 49), rate(350, 700))},
	{"conversion drop: conversation to features", "conversion_features", against("24h", rate(20, 50), rate(490, 700)), against("24h", rate(20, 50), rate(174, 249))},
	{"conversion drop: features to complete", "conversion_complete", against("3d", rate(48, 150), rate(420, 700)), against("3d", rate(75, 150), rate(420, 700))},
	{"conversion drop: overall", "conversion_overall", against("7d", rate(25, 350), rate(252, 1400)), against("7d", rate(51, 350), rate(252, 1400))},
	{"conversion drop: not more than a fifth", "conversion_complete", against("24h", rate(4700, 10000), rate(60000, 100000)), against("24h", rate(4800, 10000), rate(60000, 100000))},
	{"target landing to CTA 60%", "target_cta", in("7d", 19, 50), in("7d", 20, 50)},
	{"target CTA to foundation 90%", "target_foundation", in("7d", 38, 50), in("7d", 39, 50)},
	{"target foundation to conversation 50%", "target_conversation", in("7d", 14, 50), in("7d", 15, 50)},
	{"target conversation to features 70%", "target_features", in("7d", 24, 50), in("7d", 24, 49)},
	{"target features to complete 60%", "target_complete", in("7d", 19, 50), in("7d", 20, 50)},
	{"question efficiency above 28", "question_efficiency", mean(28.1, 10), mean(28, 10)},
	{"question efficiency above 28, few sessions", "question_efficiency", mean(29, 10), mean(29, 9)},
	{"question efficiency above 25, amber", "question_efficiency_amber", mean(25.1, 10), mean(25, 10)},
	{"classification delayed", "classification_delayed", in("24h", 15, 20), in("24h", 16, 20)},
	{"classification delayed, a single session", "classification_late", figure(1), figure(0)},
	{"classification confidence below 80%", "classification_confidence", in("24h", 7, 20), in("24h", 6, 20)},
	{"feature adoption below 40%", "feature_adoption", mean(0.39, 20), mean(0.40, 20)},
	{"feature adoption, few sessions", "feature_adoption", mean(0.1, 20), mean(0.1, 19)},
	{"memory above 90%", "memory", figure(90.1), figure(90)},
	{"memory at 97%", "memory_critical", figure(97), figure(96.9)},
	// seed, info
	{"new error type", "new_error", figure(1), figure(0)},
	{"new error type, many people", "new_error_users", figure(10), figure(9)},
	{"new error type, many times", "new_error_burst", figure(20), figure(19)},
	{"unusual traffic", "unusual_traffic", mean(4.1, 20), mean(4.1, 19)},
	{"unusual traffic, one source", "traffic_source", in("1h", 181, 600), in("1h", 180, 600)},
	{"unusual traffic, one client alone", "traffic_source", in("1h", 181, 600), in("1h", 599, 599)},
	{"unusual traffic, ten times", "traffic_spike", mean(10.1, 20), mean(10, 20)},
	{"low adoption of a feature", "low_adoption", in("30d", 0, 40), in("30d", 0, 19)},
	{"validation clarifications", "clarification", in("7d", 15, 20), in("7d", 14, 20)},
	{"validation clarifications rise", "clarification_rise", against("7d", rate(60, 100), rate(100, 400)), against("7d", rate(31, 100), rate(100, 400))},
	// additions
	{"backup stale", "backup_stale", figure(7.1), figure(7)},
	{"backup failed", "backup_failed", figure(1), figure(0)},
	{"backup failed twice", "backup_failed_twice", figure(2), figure(1)},
	{"restore drill failed", "restore_drill_failed", figure(1), figure(0)},
	{"restore drill stale", "restore_drill_stale", figure(48.1), figure(48)},
	{"replication lag", "replication_lag", figure(61), figure(60)},
	{"replication lag, long", "replication_lag_long", figure(901), figure(900)},
	{"disk used", "disk_used", figure(80), figure(79.9)},
	{"disk nearly full", "disk_full", figure(92), figure(91.9)},
	{"disk full within hours", "disk_slope", figure(5.9), figure(6)},
	{"certificate expires in weeks", "cert_expiry", figure(20.9), figure(21)},
	{"certificate expires in days", "cert_expiry_soon", figure(6.9), figure(7)},
	{"model unavailable", "llm_unavailable", in("5m", 4, 10), in("5m", 5, 10)},
	{"model rate limited", "llm_rate_limited", in("5m", 7, 20), in("5m", 6, 20)},
	{"model near its rate limit", "llm_rate_near", figure(80.1), figure(80)},
	{"model spend", "llm_spend", figure(80), figure(79.9)},
	{"model spend at its limit", "llm_spend_limit", figure(100), figure(99.9)},
	{"model spend capped by the vendor", "llm_spend_cap", figure(1), figure(0)},
	{"model paused", "llm_paused", figure(1), figure(0)},
	{"turns without advice", "llm_left_out", in("24h", 12, 20), in("24h", 9, 20)},
	{"model without a price", "llm_unpriced", figure(1), figure(0)},
	{"mail failures", "email_failures", in("1h", 5, 20), in("1h", 4, 20)},
	{"mail failures, few mails", "email_failures", in("1h", 1, 1, in("24h", 6, 20)), in("1h", 1, 1, in("24h", 6, 19))},
	{"mails come back", "email_bounces", in("24h", 5, 20), in("24h", 4, 20)},
	{"document generation failed", "document_generation_failed", figure(2), figure(1)},
	{"job missed", "job_missed", figure(1), figure(0)},
	{"work waits", "jobs_late", figure(901), figure(900)},
	{"work given up", "jobs_dead", figure(1), figure(0)},
	{"webhooks fail", "webhook_failures", in("1h", 5, 20), in("1h", 4, 20)},
	{"events refused", "events_refused", in("1h", 8, 50), in("1h", 7, 50)},
	{"figures drift", "rollup_drift", figure(1), figure(0)},
	{"notice in the dead letters", "notify_dead_letter", figure(1), figure(0)},
	{"evaluator stalled", "evaluator_stalled", silent("2m"), silent("119s")},
	{"passwords tried", "auth_bruteforce", figure(20), figure(19)},
	{"prompt injections", "prompt_injection_spike", figure(10), figure(9)},
	{"deploy failed", "deploy_failed", figure(1), figure(0)},
	{"smoke test failed", "smoke_failed", figure(1), figure(0)},
	{"clock skew", "clock_skew", figure(2.1), figure(2)},
	{"settings drift", "config_drift", figure(1), figure(0)},
	{"queue overflow", "queue_overflow", figure(21), figure(20)},
	{"queue wait", "queue_wait", figure(121), figure(120)},
}

// hold feeds a rule the same reading until it must have fired, and reports
// whether it did.
func hold(tb testing.TB, r alert.Rule, reading alert.Reading) bool {
	tb.Helper()
	r.Enabled = true
	var s alert.State
	rounds := 2 + r.Evaluations + int(r.For/r.Every)
	for i := range rounds {
		now, in := start.Add(time.Duration(i)*r.Every.Long()), reading
		if r.When.Absence != nil {
			in = alert.Reading{Last: now.Add(-time.Duration(reading.Expected))}
		}
		s, _ = alert.Evaluate(r, s, in, alert.Env{Now: now})
	}
	return s.Fires()
}

func TestMapping(t *testing.T) {
	t.Parallel()
	seen := make(map[alert.RuleID]bool)
	for _, m := range mapping {
		seen[m.rule] = true
		t.Run(m.alert, func(t *testing.T) {
			t.Parallel()
			r := rule(t, m.rule)
			text, side := alert.Describe(r, m.fires, start)
			if !hold(t, r, m.fires) {
				t.Errorf("%s does not fire at %s (%s)", m.rule, text, side)
			}
			text, side = alert.Describe(r, m.edge, start)
			if hold(t, r, m.edge) {
				t.Errorf("%s fires at its edge, %s (%s)", m.rule, text, side)
			}
		})
	}
	for _, r := range builtin(t) {
		if !seen[r.ID] {
			t.Errorf("rule %s stands for no alert; add it to the mapping", r.ID)
		}
	}
}

// TestSeverities holds the classes of DOMAIN 9.4 against the rules.
func TestSeverities(t *testing.T) {
	t.Parallel()
	for severity, ids := range map[alert.Severity][]alert.RuleID{
		alert.Critical: {"site_down", "error_rate", "latency_10s", "db_ping", "payment_failures"},
		alert.Warning:  {"conversion_overall", "question_efficiency", "classification_delayed", "feature_adoption", "memory"},
		alert.Info:     {"new_error", "unusual_traffic", "low_adoption", "clarification"},
	} {
		for _, id := range ids {
			if got := rule(t, id).Severity; got != severity {
				t.Errorf("%s is %s, want %s", id, got, severity)
			}
		}
	}
	for _, r := range builtin(t) {
		payment := r.Group == "payment" // there is no source of payments in this system
		if r.Enabled == payment {
			t.Errorf("%s enabled = %v, want %v", r.ID, r.Enabled, !payment)
		}
		if (r.Tell.Channels[0] == "page") != (r.Severity == alert.Critical) {
			t.Errorf("%s is %s and told to %v first", r.ID, r.Severity, r.Tell.Channels)
		}
	}
}

// TestInhibitorsComeFirst is what lets a caller fill Env.Firing as it goes.
func TestInhibitorsComeFirst(t *testing.T) {
	t.Parallel()
	seen := make(map[alert.RuleID]bool)
	for _, r := range builtin(t) {
		for _, id := range r.InhibitedBy {
			if !seen[id] {
				t.Errorf("%s comes before %s, which inhibits it", r.ID, id)
			}
		}
		seen[r.ID] = true
	}
}

// The dead-man switch is told nothing while the database keeps no row, so that its
// silence is no trouble of its own then.
func TestOneTroubleOfTheDatabaseIsOneMessage(t *testing.T) {
	t.Parallel()
	r := rule(t, "heartbeat_missing")
	silent := alert.Reading{Last: start.Add(-3 * time.Minute)}
	for _, cause := range []alert.RuleID{"db_ping", "db_storage", "db_server", "db_pool", "memory"} {
		_, told := alert.Evaluate(r, alert.State{}, silent, alert.Env{Now: start, Firing: map[alert.RuleID]bool{cause: true}})
		if got, want := len(told) > 0, cause == "memory"; got != want {
			t.Errorf("told %v while %s fires, want anything: %v", told, cause, want)
		}
	}
}
