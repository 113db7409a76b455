package introspect_test

import (
	"bufio"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// blueprint is what we check of render.yaml.
type blueprint struct {
	Databases []struct {
		Name, Region         string
		PostgresMajorVersion string   `yaml:"postgresMajorVersion"`
		IPAllowList          []string `yaml:"ipAllowList"`
	}
	Services []struct {
		Type, Name, Runtime, Region, Plan string
		BuildCommand                      string `yaml:"buildCommand"`
		StartCommand                      string `yaml:"startCommand"`
		HealthCheckPath                   string `yaml:"healthCheckPath"`
		AutoDeployTrigger                 string `yaml:"autoDeployTrigger"`
		MaxShutdownDelaySeconds           int    `yaml:"maxShutdownDelaySeconds"`
		Domains                           []string
		Disk                              *struct{ Name string }
		EnvVars                           []envVar `yaml:"envVars"`
	}
}

type envVar struct {
	Key, Value    string
	Sync          *bool
	FromDatabase  struct{ Name, Property string } `yaml:"fromDatabase"`
	GenerateValue bool                            `yaml:"generateValue"`
}

// TestRenderBlueprint holds both variants to S1 to S13.
func TestRenderBlueprint(t *testing.T) {
	t.Parallel()
	b := readBlueprint(t, "render.yaml")
	if b.Services[0].Disk == nil || len(b.Databases) > 0 {
		t.Error("render.yaml has no disk, or a database that nobody uses")
	}
	checkVariables(t, b.Services[0].EnvVars, map[string]string{"DATA_DIR": "/var/data"})

	b = readBlueprint(t, "deploy/render.postgres.yaml")
	if len(b.Databases) != 1 || b.Databases[0].Region != b.Services[0].Region || b.Databases[0].PostgresMajorVersion == "" || b.Databases[0].IPAllowList == nil {
		t.Errorf("databases %+v, want one of a certain version in the region of the service, closed to the world", b.Databases)
	}
	if b.Services[0].Disk != nil {
		t.Error("a disk makes a gap at every deployment")
	}
	for _, v := range b.Services[0].EnvVars {
		if v.Key == "DATABASE_URL" && (v.FromDatabase.Name != b.Databases[0].Name || v.FromDatabase.Property != "connectionString") {
			t.Errorf("DATABASE_URL comes from %+v", v.FromDatabase)
		}
	}
	checkVariables(t, b.Services[0].EnvVars, map[string]string{"DATABASE_URL": "", "DATA_DIR": "/tmp/introspect"},
		"BACKUP_S3_BUCKET", "BACKUP_S3_ENDPOINT", "BACKUP_S3_ACCESS_KEY", "BACKUP_S3_SECRET_KEY")
}

// readBlueprint reads a variant and checks what they share.
func readBlueprint(t *testing.T, file string) blueprint {
	t.Helper()
	var b blueprint
	if err := yaml.Unmarshal([]byte(read(t, file)), &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Services) != 1 {
		t.Fatalf("%d services, want one", len(b.Services))
	}
	s := b.Services[0]
	got := []string{s.Type, s.Name, s.Runtime, s.Region, s.Plan, s.StartCommand, s.HealthCheckPath, s.AutoDeployTrigger, strings.Join(s.Domains, ",")}
	want := []string{"web", "introspect-v3", "go", "oregon", "starter", "./introspect serve", "/readyz", "off", "introspect.applicreations.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the service (-want +got):\n%s", diff)
	}
	if !strings.Contains(s.BuildCommand, "./scripts/test && go build") {
		t.Errorf("build command %q does not test before it builds", s.BuildCommand)
	}
	return b
}

func checkVariables(t *testing.T, vars []envVar, own map[string]string, ownSecrets ...string) {
	t.Helper()
	var secret []string
	values := map[string]string{}
	for _, v := range vars {
		switch {
		case v.Key == "ENCRYPTION_KEY":
			if !v.GenerateValue || v.Value != "" {
				t.Error("ENCRYPTION_KEY is not made by the platform")
			}
		case v.Sync != nil && !*v.Sync:
			secret = append(secret, v.Key)
			if v.Value != "" {
				t.Errorf("%s has a value", v.Key)
			}
		default:
			values[v.Key] = v.Value
		}
	}
	want := append(ownSecrets, "INTROSPECT_ADMIN_TOKEN", "ANTHROPIC_API_KEY", "RESEND_API_KEY", "SENTRY_DSN", "NEXT_PUBLIC_POSTHOG_KEY", "NEXT_PUBLIC_GA_ID", "MONITORING_WEBHOOK_URL")
	if diff := cmp.Diff(want, secret); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	maps.Copy(own, map[string]string{
		"INTROSPECT_ENV": "production", "APP_URL": "https://introspect.applicreations.com", "TRUSTED_PROXY": "1",
		"NEXT_PUBLIC_POSTHOG_HOST": "https://app.posthog.com",
	})
	for key, want := range own {
		if got, ok := values[key]; !ok || got != want {
			t.Errorf("%s = %q, want %q", key, values[key], want)
		}
	}
}

// TestDeployedSettingsAreDocumented: a variable that a deployment sets is one
// that somebody reads, or is named as not read yet.
func TestDeployedSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	known := read(t, "docs/config.md") + read(t, "docs/deployment.md")
	for file, pattern := range map[string]string{
		"render.yaml":                 `(?m)^ {6}- key: ([A-Z_]+)$`,
		"deploy/render.postgres.yaml": `(?m)^ {6}- key: ([A-Z0-9_]+)$`,
		"compose.yaml":                `(?m)^      ([A-Z_]+): `,
		"deploy/introspect.service":   `(?:Environment=| )([A-Z_]{4,})=`,
		"Dockerfile":                  `(?m)(?:ENV|\s)([A-Z_]{4,})=[^"$]`,
	} {
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, file), -1)
		if len(found) == 0 {
			t.Errorf("%s sets nothing", file)
		}
		for _, m := range found {
			if m[1] != "COMMIT" && m[1] != "CGO_ENABLED" && !strings.HasPrefix(m[1], "POSTGRES_") && !strings.Contains(known, "`"+m[1]+"`") {
				t.Errorf("%s sets %s, which is not documented", file, m[1])
			}
		}
	}
}

// TestImage holds the Dockerfile to a small surface.
func TestImage(t *testing.T) {
	t.Parallel()
	text := read(t, "Dockerfile")
	for _, want := range []string{
		"FROM golang:1.26 AS build", "FROM scratch", "CGO_ENABLED=0", "-trimpath", "USER 65532:65532",
		`CMD ["/introspect", "healthcheck"]`, `ENTRYPOINT ["/introspect"]`, "STOPSIGNAL SIGTERM", "ca-certificates.crt",
		"mkdir -m 0700 /out/folders/data", // the doctor warns of a data folder that others may read
	} {
		if !strings.Contains(text, want) {
			t.Errorf("Dockerfile lacks %q", want)
		}
	}
}

// TestWhatGoesIntoTheImage: the build gets every file that the program is made
// of, and none of those that an operator has lying about.
func TestWhatGoesIntoTheImage(t *testing.T) {
	t.Parallel()
	patterns := strings.Split(strings.TrimSpace(read(t, ".dockerignore")), "\n")
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	const files = `{{if .Module}}{{if .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", files, "./cmd/introspect").Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := append(strings.Split(strings.TrimSpace(string(out)), "\n"), here+"/go.mod", here+"/go.sum")
	if len(needed) < 300 {
		t.Errorf("the program is made of %d files, want more", len(needed))
	}
	for _, file := range needed {
		if file == "" {
			continue // between two packages
		}
		if name := strings.TrimPrefix(file, here+"/"); leftOut(t, patterns, name) {
			t.Errorf("the program needs %s, and .dockerignore keeps it out: the image cannot be built", name)
		}
	}
	for _, name := range []string{
		".env", ".env.production", ".git/config", "data/encryption.key", "data/introspect.db", "restored.db", "introspect.db.replaced-20261127T090000Z",
		"key-copy.txt", "incident-audit.jsonl", "deploy/env", "dist/introspect", "shots/a.png", "docs/images/landing.png",
	} {
		if !leftOut(t, patterns, name) {
			t.Errorf(".dockerignore lets %s into the build", name)
		}
	}
}

// leftOut judges a path as Docker does: of the patterns that fit it, or a folder
// above it, the last one decides.
func leftOut(t *testing.T, patterns []string, name string) (out bool) {
	t.Helper()
	for _, p := range patterns {
		p, back := strings.CutPrefix(p, "!")
		if p == "" || p[0] == '#' {
			continue
		}
		if strings.Contains(p, "**") {
			t.Fatalf("this test does not know the pattern %q", p)
		}
		for above := name; above != "."; above = path.Dir(above) {
			if fits, err := path.Match(p, above); err != nil {
				t.Fatal(err)
			} else if fits {
				out = !back
			}
		}
	}
	return out
}

func TestCompose(t *testing.T) {
	t.Parallel()
	var c struct {
		Services map[string]struct {
			Image, Environment any
			Ports              []string
			ReadOnly           bool `yaml:"read_only"`
			EnvFile            []struct {
				Path     string
				Required *bool
			} `yaml:"env_file"`
			SecurityOpt []string `yaml:"security_opt"`
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != 3 || len(c.Volumes) != 2 {
		t.Errorf("%d services and %d volumes, want app, postgres, redis and two volumes", len(c.Services), len(c.Volumes))
	}
	// Only what is handed in reaches the program: a BACKUP_S3_BUCKET that stands in
	// .env and is not read would be missed on the worst day.
	if f := c.Services["app"].EnvFile; len(f) != 1 || f[0].Path != ".env" || f[0].Required == nil || *f[0].Required {
		t.Errorf("the app reads %+v, want what is in .env, if there is one", f)
	}
	for name, s := range c.Services {
		if !s.ReadOnly || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may write to its image, or gain rights", name)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s listens on %s, past the proxy", name, p)
			}
		}
	}
}

// TestUnit reads the systemd unit, and asks systemd about it where that is
// installed.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := read(t, "deploy/introspect.service")
	for _, want := range []string{"DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n", "MemoryDenyWriteExecute=yes", "WantedBy=multi-user.target"} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit lacks %q", want)
		}
	}
	for lines := bufio.NewScanner(strings.NewReader(unit)); lines.Scan(); {
		if line := lines.Text(); line != "" && !strings.ContainsAny(line[:1], "#[") && !strings.Contains(line, "=") {
			t.Errorf("line %q is no setting", line)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("without systemd, the unit was only read")
		return
	}
	here := filepath.Join(t.TempDir(), "introspect.service")
	present := strings.NewReplacer("/usr/local/bin/introspect", "/bin/true", "EnvironmentFile=", "EnvironmentFile=-").Replace(unit)
	if err := os.WriteFile(here, []byte(present), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", here).CombinedOutput(); err != nil || strings.Contains(string(out), here) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestDeployScript: it is executable, stops at the first error, and does
// nothing by itself (S29).
func TestDeployScript(t *testing.T) {
	t.Parallel()
	info, err := os.Stat("scripts/deploy.sh")
	if err != nil || info.Mode().Perm()&0o111 != 0o111 {
		t.Errorf("scripts/deploy.sh: %v, %v; want it executable", info.Mode(), err)
	}
	text := read(t, "scripts/deploy.sh")
	if !strings.Contains(text, "set -euo pipefail") || !strings.Contains(text, `go run ./cmd/introspect deploy "$@"`) || strings.Count(text, "\n") > 20 {
		t.Errorf("scripts/deploy.sh is no thin wrapper:\n%s", text)
	}
	cmd := exec.CommandContext(t.Context(), "./scripts/deploy.sh", "--dry-run")
	cmd.Env = append(cmd.Environ(), "RENDER_API_KEY=", "RENDER_SERVICE_ID=", "APP_URL=", "NEXT_PUBLIC_APP_URL=", "INTROSPECT_ADMIN_TOKEN=")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "Missing required environment variable: RENDER_API_KEY") {
		t.Errorf("scripts/deploy.sh without settings: %v\n%s", err, out)
	}
}
