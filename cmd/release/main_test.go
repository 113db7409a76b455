package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clone makes a clean copy of the last commit under another path.
func clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a folder of "+t.Name()[len(t.Name())-3:])
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "--quiet", "--shared", "../..", dir).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	return dir
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTheSameBytes builds one target twice, in two folders, and compares the
// checksums.
func TestTheSameBytes(t *testing.T) {
	t.Parallel()
	target := "linux/" + runtime.GOARCH
	var sums, outs []string
	for range 2 {
		r := release{source: clone(t), out: t.TempDir(), targets: []string{target}, say: t.Output()}
		if err := r.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		sums, outs = append(sums, read(t, filepath.Join(r.out, "SHA256SUMS"))), append(outs, r.out)
	}
	if diff := cmp.Diff(sums[0], sums[1]); diff != "" || strings.Count(sums[0], "\n") != 2 {
		t.Errorf("checksums of two builds (-first +second):\n%s\nwant two equal lines of\n%s", diff, sums[0])
	}
	files, err := filepath.Glob(filepath.Join(outs[0], "introspect-*-linux-"+runtime.GOARCH))
	if err != nil || len(files) != 1 {
		t.Fatalf("binaries %v, %v; want one", files, err)
	}
	checkBinary(t, files[0])
	checkBill(t, files[0]+".cdx.json")
}

// checkBinary wants it to name its commit, and no folder of this machine.
func checkBinary(t *testing.T, file string) {
	t.Helper()
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	if set["-trimpath"] != "true" || set["CGO_ENABLED"] != "0" || set["vcs.modified"] != "false" || len(set["vcs.revision"]) != 40 {
		t.Errorf("the binary was built with %v", set)
	}
	if here, err := filepath.Abs("../.."); err != nil || strings.Contains(read(t, file), here) {
		t.Errorf("the binary holds the path of its source (%v)", err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	out, err := exec.CommandContext(t.Context(), file, "version").Output()
	if err != nil || !strings.Contains(string(out), "commit "+set["vcs.revision"]) {
		t.Errorf("version says %q, %v; want commit %s", out, err, set["vcs.revision"])
	}
}

// checkBill wants every module of the binary in it.
func checkBill(t *testing.T, file string) {
	t.Helper()
	var b bill
	if err := json.Unmarshal([]byte(read(t, file)), &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || b.Spec != "1.6" || b.Metadata.Component.Name != "applicreations.com/introspect" {
		t.Errorf("bill %s %s of %s", b.Format, b.Spec, b.Metadata.Component.Name)
	}
	for _, want := range []string{"stdlib", "modernc.org/sqlite", "github.com/redis/go-redis/v9"} {
		if !slices.ContainsFunc(b.Components, func(c component) bool { return c.Name == want }) {
			t.Errorf("the bill lacks %s", want)
		}
	}
	if slices.ContainsFunc(b.Components, func(c component) bool { return strings.Contains(c.Name, "go-cmp") }) {
		t.Error("the bill lists a module that only tests use")
	}
}

func TestBill(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: "example.com/x"},
		Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "-ldflags", Value: "secret"}},
		Deps: []*debug.Module{
			{Path: "example.com/z", Version: "v1.0.0+incompatible", Sum: "h1:zzz="},
			{Path: "example.com/B", Version: "v2.0.0", Replace: &debug.Module{Path: "example.com/c", Version: "v3.0.0"}},
		},
	}
	got, err := billOf(info, "1.2.3", "abc")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "version": 1,
  "metadata": {
    "component": {
      "type": "application",
      "bom-ref": "pkg:golang/example.com/x@v1.2.3",
      "name": "example.com/x",
      "version": "1.2.3",
      "purl": "pkg:golang/example.com/x@v1.2.3",
      "properties": [
        {
          "name": "introspect:commit",
          "value": "abc"
        },
        {
          "name": "introspect:build:GOOS",
          "value": "linux"
        }
      ]
    }
  },
  "components": [
    {
      "type": "library",
      "bom-ref": "pkg:golang/example.com/c@v3.0.0",
      "name": "example.com/c",
      "version": "v3.0.0",
      "purl": "pkg:golang/example.com/c@v3.0.0"
    },
    {
      "type": "library",
      "bom-ref": "pkg:golang/example.com/z@v1.0.0+incompatible",
      "name": "example.com/z",
      "version": "v1.0.0+incompatible",
      "purl": "pkg:golang/example.com/z@v1.0.0+incompatible",
      "properties": [
        {
          "name": "introspect:go.sum",
          "value": "h1:zzz="
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "pkg:golang/stdlib@1.26.8",
      "name": "stdlib",
      "version": "1.26.8",
      "purl": "pkg:golang/stdlib@1.26.8"
    }
  ],
  "dependencies": [
    {
      "ref": "pkg:golang/example.com/x@v1.2.3",
      "dependsOn": [
        "pkg:golang/example.com/c@v3.0.0",
        "pkg:golang/example.com/z@v1.0.0+incompatible",
        "pkg:golang/stdlib@1.26.8"
      ]
    }
  ]
}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("bill (-want +got):\n%s", diff)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	dir := clone(t)
	run := func(r release) string {
		t.Helper()
		r.out, r.say = t.TempDir(), t.Output()
		if err := r.run(t.Context()); err != nil {
			return err.Error()
		}
		return ""
	}
	if got := run(release{source: dir, targets: []string{"linux"}}); !strings.Contains(got, "written like linux/amd64") {
		t.Errorf("a strange platform: %q", got)
	}
	if got := run(release{source: dir, targets: []string{"plan10/amd64"}}); !strings.Contains(got, "go build") {
		t.Errorf("an unknown platform: %q", got)
	}
	if got := run(release{source: t.TempDir()}); !strings.Contains(got, "made in a clone") {
		t.Errorf("no clone: %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "new.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(release{source: dir, targets: nil}); !strings.Contains(got, "the tree has changes") || !strings.Contains(got, "new.txt") {
		t.Errorf("a tree with changes: %q", got)
	}
	if got := run(release{source: dir, targets: nil, dirty: true}); got != "" {
		t.Errorf("a try with changes: %q, want it to work", got)
	}
	if err := os.Remove(filepath.Join(dir, "cmd", "introspect", "main.go")); err != nil {
		t.Fatal(err)
	}
	if got := run(release{source: dir, dirty: true}); !strings.Contains(got, "read the version") {
		t.Errorf("no program: %q", got)
	}
}
