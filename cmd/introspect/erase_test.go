package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestEraseCommand erases by address, writes it down beside the backups, and
// the backup from before forgets it again.
func TestEraseCommand(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	keys, err := seal.NewKeyring(h.vars["ENCRYPTION_KEY"])
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.SQLite(t, store.Config{Path: h.data, Keys: keys})
	for _, id := range []string{"kept", "gone"} {
		sess := storetest.Session("s-1", time.Now())
		sess.ID, sess.Client.Email = sess.ID+"-"+sess.ID, id+"@example.com"
		if id == "gone" {
			sess.ID = "s-2"
		}
		if err := st.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	h.run(t, 0, "backup", "create")
	wantAll(t, h.run(t, 0, "erase", "GONE@example.com"), "1 would be erased", "s-2", "add --confirm")
	wantAll(t, h.run(t, 1, "erase", "nobody@example.com", "--confirm"), "nothing is kept of nobody@example.com")
	wantAll(t, h.run(t, 0, "erase", "GONE@example.com", "--confirm"), "1 erased for good")
	h.run(t, 2, "erase")
	h.run(t, 2, "erase", "kept@example.com", "--settle")
	wantAll(t, h.run(t, 0, "erase", "--settle"), "written anew")
	wantAll(t, h.run(t, 0, "restore", "--in-place", "--confirm", "introspect.db"), "What was erased since then was erased again: 1 session.")
	wantAll(t, h.run(t, 1, "erase", "gone@example.com", "--confirm"), "nothing is kept")
	wantAll(t, h.run(t, 0, "erase", "kept@example.com"), "1 would be erased")
	wantAll(t, h.run(t, 0, "rollup", "rebuild", "--verify"), "rollup_drift 0")
}

// TestEnvironmentCommands keeps a snapshot of the settings, whose values only
// the command for secrets shows.
func TestEnvironmentCommands(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.vars["RESEND_API_KEY"], h.vars["AGENCY_NAME"] = "re_secret_value", "Bright Pixel"
	wantAll(t, h.run(t, 0, "backup", "environment", "list"), "no snapshot")
	id := backupID.FindString(h.run(t, 0, "backup", "environment", "create"))
	wantAll(t, h.run(t, 0, "backup", "environment", "list"), id)
	h.vars["AGENCY_NAME"] = "Other"
	h.vars["NEXT_PUBLIC_POSTHOG_KEY"] = "phc_secret_value"
	shown := h.run(t, 0, "backup", "environment", "show", id)
	wantAll(t, shown, "RESEND_API_KEY  secret, sealed", "since then changed: AGENCY_NAME", "NEXT_PUBLIC_POSTHOG_KEY")
	for _, value := range []string{"re_secret_value", "Bright Pixel", "ENCRYPTION_KEY"} {
		if strings.Contains(shown, value) {
			t.Errorf("the snapshot shows %q", value)
		}
	}
	wantAll(t, h.run(t, 0, "backup", "environment", "secrets"), "RESEND_API_KEY=re_secret_value")
	h.run(t, 2, "backup", "environment", "burn")
}

// A setting that is documented is in the snapshot, and one that looks like a
// secret is sealed there.
func TestSettingNames(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "config.md"))
	if err != nil {
		t.Fatal(err)
	}
	product, _, _ := strings.Cut(string(doc), "## Tests only")
	want := map[string]bool{"NEXT_PUBLIC_APP_URL": true}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z0-9_]+`[^|]*)\\|").FindAllStringSubmatch(product, -1) {
		for _, name := range regexp.MustCompile("`([A-Z0-9_]+)`").FindAllStringSubmatch(row[1], -1) {
			if !slices.Contains([]string{"NO_COLOR", "TERM", "HOME", "XDG_STATE_HOME"}, name[1]) { // of the terminal and the system, not of the program
				want[name[1]] = true
			}
		}
	}
	got := strings.Fields(settingNames)
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), got); diff != "" {
		t.Errorf("settings in docs/config.md (-) and in snapshots (+):\n%s", diff)
	}
	for _, name := range got {
		looks := regexp.MustCompile(`_(KEY|TOKEN|SECRET)$`).MatchString(name) && !slices.Contains(strings.Fields(keySettings), name)
		if looks && !slices.Contains(strings.Fields(secretSettings), name) {
			t.Errorf("%s looks like a secret and is not sealed in snapshots", name)
		}
	}
}
