package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// anyText are settings that may be any text, those of commands that do not serve,
// and those that have a test of their own.
const anyText = `HOST DATA_DIR AGENCY_NAME AGENCY_PHONE AGENCY_ABOUT INGEST_KEYS INTROSPECT_ADMIN_TOKEN INTROSPECT_STATE_DIR
	BACKUP_DIR BACKUP_REPLICA_DIR BACKUP_S3_REGION BACKUP_S3_PREFIX BACKUP_S3_ACCESS_KEY BACKUP_S3_SECRET_KEY STATUS_EXPORT_DIR
	ANTHROPIC_API_KEY ANTHROPIC_MODEL RESEND_API_KEY POSTHOG_KEY GA_API_SECRET OTEL_SERVICE_NAME
	WATCH_WEBHOOK_URL RENDER_API_KEY RENDER_SERVICE_ID RENDER_BASE_URL RENDER_GIT_COMMIT DEPLOY_REQUIRED`

// docs/config.md says that a wrong value stops the start with a sentence that
// names the setting. That holds for every setting that can be wrong by its form.
func TestWrongValueOfEverySetting(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{
		"PORT": "99999", "DATABASE_URL": "mysql://h/x", "CONFIG_DIR": "/nowhere", "INTROSPECT_ENV": "prod", "APP_URL": "https://x.example/intake", "NEXT_PUBLIC_APP_URL": "x.example",
		"INTROSPECT_ZONE": "Mars/Base", "TRUSTED_PROXY": "yes", "SHUTDOWN_TIMEOUT": "20", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml",
		"ENCRYPTION_KEY": "short", "ENCRYPTION_KEYS_OLD": "short", "AGENCY_EMAIL": "nobody", "AGENCY_URL": "example.com", "AGENCY_CALENDAR_URL": "javascript:alert(1)",
		"AGENCY_LOGO": "nowhere.svg", "AGENCY_COLOR": "blue", "AGENCY_ACCENT": "red", "INGEST": "maybe", "INGEST_ORIGINS": "www.example.com",
		"EVENT_RETENTION_DAYS": "3", "SESSION_RETENTION_DAYS": "-1", "ABANDONED_RETENTION_DAYS": "x", "MAIL_RETENTION_DAYS": "x", "ADVISOR_RETENTION_DAYS": "x", "AUDIT_RETENTION_DAYS": "x",
		"BACKUP_PITR": "of", "BACKUP_S3_BUCKET": "alone", "BACKUP_S3_ENDPOINT": "minio:9000",
		"ANTHROPIC_BASE_URL": "api.anthropic.com", "RESEND_BASE_URL": "x", "RESEND_WEBHOOK_SECRET": "x", "ADVISOR_SOFT_DEADLINE": "5", "ADVISOR_TRY_TIMEOUT": "x", "ADVISOR_PER_MINUTE": "0",
		"ADVISOR_BUDGET_TURN": "x", "ADVISOR_BUDGET_SESSION": "x", "ADVISOR_BUDGET_NETWORK": "x", "ADVISOR_BUDGET_DAY": "x", "ADVISOR_BUDGET_MONTH": "-1", "ADVISOR_CONSENT": "maybe",
		"FALLBACK_CONVERSATIONS": "-1", "SMTP_URL": "host", "MAIL_FROM": "nobody", "TEAM_EMAIL": "nobody", "ALERT_EMAIL": "nobody", "ALERT_RULES": "nowhere.json", "WEBHOOKS_PRIVATE": "yes",
		"REDIS_URL": "http://x", "METRICS_TOKEN": "short", "HEARTBEAT_URL": "x", "WATCH_CONTROL_URL": "x", "MONITORING_WEBHOOK_URL": "x", "MONITORING_WEBHOOK_FORMAT": "x", "MONITORING_WEBHOOK_SECRET": "x",
		"CONTACT_ON_CALL": "a\nb", "CONTACT_LEAD": "a\nb", "CONTACT_CTO": "a\nb", "CONTACT_CHANNEL": "a\nb", "STATUS_URL": "x",
		"INGEST_PER_MINUTE": "0", "INGEST_NETWORK_PER_MINUTE": "x", "INGEST_SESSION_PER_MINUTE": "x", "INGEST_MEMORY_MB": "x", "WRITE_QUEUE": "x", "HOT_MEMORY_MB": "x", "GOGC": "x",
		"SLACK_WEBHOOK_URL": "x", "DISCORD_WEBHOOK_URL": "x", "TEAMS_WEBHOOK_URL": "x", "PAGERDUTY_ROUTING_KEY": "abc", "PAGERDUTY_BASE_URL": "x", "ALERT_ROUTES": "page=x", "ALERT_FALLBACK": "x", "RUNBOOK_URL": "x",
		"SENTRY_DSN": "https://sentry.example.com/7", "POSTHOG_HOST": "x", "GA_ID": "alone", "ANALYTICS_CONSENT": "maybe",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_EXPORTER_OTLP_HEADERS": "x", "OTEL_TRACES_SAMPLER_ARG": "7",
	}
	free := strings.Fields(anyText)
	for _, name := range strings.Fields(settingNames) {
		if _, ok := wrong[name]; ok == slices.Contains(free, name) {
			t.Errorf("%s needs a wrong value here, or a place in anyText", name)
		}
	}
	for name, value := range wrong {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{"DATA_DIR": t.TempDir(), "ENCRYPTION_KEY": killSecret, "HOST": "192.0.2.1"} // which is nobody's, so it never serves
			vars[name] = value
			log := new(output)
			code := run(t.Context(), environment{getenv(vars), log, log, nil}, []string{"serve"})
			named := strings.TrimPrefix(name, "NEXT_PUBLIC_")
			if code != 1 || !strings.Contains(log.String(), named) || strings.Contains(log.String(), "listen") {
				t.Errorf("%s=%q: exit code %d, said %q; want 1 and its name", name, value, code, log)
			}
		})
	}
}

// What can only be found out by trying says what to set, and claims nothing that
// was not done.
func TestPlacesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		vars map[string]string
		says string
	}{
		{"a data folder in a file", map[string]string{"DATA_DIR": filepath.Join(file, "data")}, "set DATA_DIR to a folder"},
		{"the same with a key", map[string]string{"DATA_DIR": filepath.Join(file, "data"), "ENCRYPTION_KEY": killSecret}, "set DATA_DIR to a folder"},
		{"an address of another machine", map[string]string{"HOST": "192.0.2.1"}, "HOST is \"192.0.2.1\""},
		{"a port in use", map[string]string{"HOST": "127.0.0.1", "PORT": port}, "choose another one with PORT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{"DATA_DIR": t.TempDir(), "PORT": "0"}
			for k, v := range tt.vars {
				vars[k] = v
			}
			log := new(output)
			code := run(t.Context(), environment{getenv(vars), log, log, nil}, []string{"serve"})
			if code != 1 || !strings.Contains(log.String(), tt.says) || strings.Contains(tt.says, "DATA_DIR") && strings.Contains(log.String(), "made a key file") {
				t.Errorf("exit code %d, said %q, want %q", code, log, tt.says)
			}
		})
	}
}

// TestAddressWithASlash: an address is often copied with the slash that browsers
// show.
func TestAddressWithASlash(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"APP_URL": "https://intake.example.com/", "DATA_DIR": t.TempDir()}
	c, _, err := load(environment{get: getenv(vars)}, "serve", nil)
	if err != nil || c.appURL != "https://intake.example.com" {
		t.Errorf("address %q, %v", c.appURL, err)
	}
}
