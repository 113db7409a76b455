package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"
)

// TestReseal changes the key as the documentation says.
func TestReseal(t *testing.T) {
	t.Parallel()
	const former, fresh = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
	base := map[string]string{"DATA_DIR": t.TempDir()}
	command := func(keys map[string]string, words ...string) (code int, said string) {
		t.Helper()
		vars := maps.Clone(base)
		maps.Copy(vars, keys)
		var out bytes.Buffer
		code = run(t.Context(), environment{getenv(vars), &out, &out, nil}, words)
		return code, out.String()
	}
	both := map[string]string{"ENCRYPTION_KEY": fresh, "ENCRYPTION_KEYS_OLD": former}
	alone := map[string]string{"ENCRYPTION_KEY": fresh}
	for _, tt := range []struct {
		name  string
		keys  map[string]string
		words string
		code  int
		says  string
	}{
		{"a database under the former key", map[string]string{"ENCRYPTION_KEY": former}, "token create host", 0, ""},
		{"the new key alone does not open it", alone, "token list", 1, "ENCRYPTION_KEY does not fit this database"},
		{"without a former key there is nothing to do", alone, "reseal", 1, "ENCRYPTION_KEYS_OLD"},
		{"a word too many", both, "reseal now", 2, "usage"},
		{"both", both, "reseal", 0, "Take ENCRYPTION_KEYS_OLD out"},
		{"again", both, "reseal", 0, "0 values"},
		{"the new key alone", alone, "token list", 0, "host"},
		{"the former key alone", map[string]string{"ENCRYPTION_KEY": former}, "token list", 1, "ENCRYPTION_KEY does not fit this database"},
	} {
		if code, said := command(tt.keys, strings.Fields(tt.words)...); code != tt.code || !strings.Contains(said, tt.says) {
			t.Errorf("%s: exit code %d, want %d; it says %q, want %q in it", tt.name, code, tt.code, said, tt.says)
		}
	}
}
