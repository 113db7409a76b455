package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestMisspeltSettings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ENCRPYTION_KEY": "ENCRYPTION_KEY", "BACKUP_S3_BUCKTE": "BACKUP_S3_BUCKET", "DATABASE_URI": "DATABASE_URL", "APP_URLS": "APP_URL", "TRUSTED_PROXIE": "TRUSTED_PROXY",
		"ENCRYPTION_KEY": "", "PATH": "", "HOSTNAME": "", "LOGNAME": "", "LANGUAGE": "", "RENDER_SERVICE_NAME": "", "RENDER_INSTANCE_ID": "", "RENDER_GIT_BRANCH": "", "NEXT_PUBLIC_GA_ID": "",
		"XDG_STATE_HOME": "", "DEPLOY_COMMAND": "", "POSTGRES_PASSWORD": "",
	} {
		if got := nearest(name); got != want {
			t.Errorf("nearest(%s) = %q, want %q", name, got, want)
		}
	}
	cmd := exec.CommandContext(t.Context(), build(t), "doctor")
	cmd.Env = []string{"DATA_DIR=" + t.TempDir(), "BACKUP_S3_BUCKTE=a value that may be secret", "APP_URLS="}
	out, _ := cmd.CombinedOutput() // what it thinks of an empty folder is not asked here
	if text := string(out); !strings.Contains(text, "BACKUP_S3_BUCKTE is no setting, so it is not read; correct its name if it is to be BACKUP_S3_BUCKET") ||
		strings.Contains(text, "may be secret") || strings.Contains(text, "APP_URLS") {
		t.Errorf("the doctor says:\n%s", text)
	}
}
