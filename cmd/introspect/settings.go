package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/scope"
)

// settingNames lists every setting of docs/config.md, for the weekly snapshot
// of them (S128). A test holds it to that document.
const settingNames = `PORT HOST DATA_DIR DATABASE_URL CONFIG_DIR INTROSPECT_ENV INTROSPECT_STATE_DIR APP_URL NEXT_PUBLIC_APP_URL INTROSPECT_ZONE TRUSTED_PROXY SHUTDOWN_TIMEOUT LOG_LEVEL LOG_FORMAT
	ENCRYPTION_KEY ENCRYPTION_KEYS_OLD INTROSPECT_ADMIN_TOKEN AGENCY_NAME AGENCY_EMAIL AGENCY_PHONE AGENCY_URL AGENCY_CALENDAR_URL AGENCY_LOGO
	AGENCY_COLOR AGENCY_ACCENT AGENCY_ABOUT INGEST INGEST_ORIGINS INGEST_KEYS EVENT_RETENTION_DAYS SESSION_RETENTION_DAYS
	ABANDONED_RETENTION_DAYS MAIL_RETENTION_DAYS ADVISOR_RETENTION_DAYS AUDIT_RETENTION_DAYS BACKUP_DIR BACKUP_REPLICA_DIR BACKUP_PITR
	BACKUP_S3_BUCKET BACKUP_S3_ENDPOINT BACKUP_S3_REGION BACKUP_S3_PREFIX BACKUP_S3_ACCESS_KEY BACKUP_S3_SECRET_KEY
	ANTHROPIC_API_KEY ANTHROPIC_BASE_URL RESEND_API_KEY RESEND_WEBHOOK_SECRET ANTHROPIC_MODEL ADVISOR_SOFT_DEADLINE ADVISOR_TRY_TIMEOUT
	ADVISOR_PER_MINUTE ADVISOR_BUDGET_TURN ADVISOR_BUDGET_SESSION ADVISOR_BUDGET_NETWORK ADVISOR_BUDGET_DAY ADVISOR_BUDGET_MONTH ADVISOR_CONSENT
	FALLBACK_CONVERSATIONS SMTP_URL MAIL_FROM TEAM_EMAIL ALERT_EMAIL ALERT_RULES WEBHOOKS_PRIVATE RESEND_BASE_URL REDIS_URL METRICS_TOKEN
	HEARTBEAT_URL STATUS_EXPORT_DIR WATCH_WEBHOOK_URL WATCH_CONTROL_URL RENDER_API_KEY RENDER_SERVICE_ID RENDER_BASE_URL RENDER_GIT_COMMIT
	MONITORING_WEBHOOK_URL DEPLOY_REQUIRED CONTACT_ON_CALL CONTACT_LEAD CONTACT_CTO CONTACT_CHANNEL STATUS_URL INGEST_PER_MINUTE
	INGEST_NETWORK_PER_MINUTE INGEST_SESSION_PER_MINUTE INGEST_MEMORY_MB WRITE_QUEUE HOT_MEMORY_MB GOGC SLACK_WEBHOOK_URL DISCORD_WEBHOOK_URL TEAMS_WEBHOOK_URL
	PAGERDUTY_ROUTING_KEY PAGERDUTY_BASE_URL MONITORING_WEBHOOK_FORMAT MONITORING_WEBHOOK_SECRET ALERT_ROUTES ALERT_FALLBACK RUNBOOK_URL SENTRY_DSN
	POSTHOG_KEY POSTHOG_HOST GA_ID GA_API_SECRET ANALYTICS_CONSENT OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_HEADERS OTEL_SERVICE_NAME
	OTEL_TRACES_SAMPLER_ARG`

// secretSettings lists those whose values are sealed in a snapshot. The keys of
// the installation are in none: they open the snapshot, so they have to be kept
// somewhere else anyway.
const secretSettings = `INTROSPECT_ADMIN_TOKEN ANTHROPIC_API_KEY RESEND_API_KEY RESEND_WEBHOOK_SECRET SMTP_URL REDIS_URL METRICS_TOKEN HEARTBEAT_URL
	WATCH_WEBHOOK_URL RENDER_API_KEY MONITORING_WEBHOOK_URL BACKUP_S3_ACCESS_KEY BACKUP_S3_SECRET_KEY
	SLACK_WEBHOOK_URL DISCORD_WEBHOOK_URL TEAMS_WEBHOOK_URL PAGERDUTY_ROUTING_KEY MONITORING_WEBHOOK_SECRET SENTRY_DSN POSTHOG_KEY GA_API_SECRET
	OTEL_EXPORTER_OTLP_HEADERS DATABASE_URL`

// keySettings are never in a snapshot, not even as a hash.
const keySettings = "ENCRYPTION_KEY ENCRYPTION_KEYS_OLD"

// aliasNames are the other names that some settings have in .env files of the
// seed (docs/config.md says "also read as"). A snapshot has the name that was set.
const aliasNames = "NEXT_PUBLIC_SENTRY_DSN NEXT_PUBLIC_POSTHOG_KEY NEXT_PUBLIC_POSTHOG_HOST NEXT_PUBLIC_GA_ID"

// settings are those that are set.
func settings(env environment) []backup.Setting {
	secrets, keys := strings.Fields(secretSettings), strings.Fields(keySettings)
	var out []backup.Setting
	for _, name := range strings.Fields(settingNames + " " + aliasNames) {
		if v := env.get(name); v != "" && !slices.Contains(keys, name) {
			out = append(out, backup.Setting{Name: name, Value: v, Secret: slices.Contains(secrets, strings.TrimPrefix(name, "NEXT_PUBLIC_"))})
		}
	}
	return out
}

const environmentUsage = "usage: introspect backup environment create | environment list | environment show [ID] | environment secrets [ID]"

// runEnvironment makes, lists and opens snapshots of the settings.
func runEnvironment(ctx context.Context, env environment, cfg config, args []string) error {
	verb, rest := first(args)
	id, rest := first(rest)
	if len(rest) > 0 || id != "" && (verb == "create" || verb == "list") {
		verb = ""
	}
	k, err := newKeeper(env, cfg, nil)
	if err != nil {
		return err
	}
	switch verb {
	case "create":
		e, err := k.CreateEnvironment(ctx)
		if err == nil {
			fmt.Fprintf(env.out, "%s holds %s by name and hash.\n", e.ID, scope.Plural(len(e.Settings), "setting"))
		}
		return err
	case "list":
		return listEnvironments(ctx, env, k)
	case "show", "secrets":
		e, err := k.Environment(ctx, backup.ID(id))
		if err != nil {
			return err
		}
		if verb == "secrets" {
			return printSecrets(env, k, e)
		}
		return showEnvironment(env, k, e)
	}
	fmt.Fprintln(env.err, environmentUsage)
	return errUsage
}

func listEnvironments(ctx context.Context, env environment, k *backup.Keeper) error {
	ids, err := k.Environments(ctx)
	for _, id := range ids {
		fmt.Fprintln(env.out, id)
	}
	if err == nil && len(ids) == 0 {
		fmt.Fprintln(env.out, "There is no snapshot of the settings yet; make one with: introspect backup environment create")
	}
	return err
}

// showEnvironment prints names and hashes, and what is different here and now.
func showEnvironment(env environment, k *backup.Keeper, e backup.Environment) error {
	fmt.Fprintf(env.out, "%s, of %s, version %s\n", e.ID, e.At.Format(time.RFC3339), e.Program)
	for _, s := range e.Settings {
		kind := ""
		if s.Secret {
			kind = "  secret, sealed"
		}
		fmt.Fprintf(env.out, "  %s  %s%s\n", s.Hash, s.Name, kind)
	}
	diff, err := k.Compare(e)
	if err != nil {
		return err
	}
	for _, d := range diff {
		fmt.Fprintf(env.out, "since then %s: %s\n", d.Word, d.Name)
	}
	if len(diff) == 0 {
		fmt.Fprintln(env.out, "The settings here are the same.")
	}
	return nil
}

// printSecrets prints the sealed values as lines of an environment file.
func printSecrets(env environment, k *backup.Keeper, e backup.Environment) error {
	secrets, err := k.Secrets(e)
	if err != nil {
		return err
	}
	for _, s := range e.Settings {
		if v, ok := secrets[s.Name]; ok {
			fmt.Fprintf(env.out, "%s=%s\n", s.Name, v)
		}
	}
	fmt.Fprintln(env.err, "These are secrets: keep them off screens and out of files that others read.")
	return nil
}
