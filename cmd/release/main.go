// Command release builds what is given to others: one static binary for each
// platform, a bill of materials beside each, and a list of checksums. The same
// commit and toolchain make the same bytes on any machine, so that anybody can
// check a binary by building it again.
//
// It refuses a tree with changes, because its binaries would name a commit that
// they were not made of. Start with release.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platforms are those that a release is built for.
const platforms = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64"

// release says what is built.
type release struct {
	source  string // folder of the module
	out     string // folder that gets the files
	targets []string
	dirty   bool // a tree with changes will do
	say     io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, args []string) error {
	r := release{say: os.Stdout}
	f := flag.NewFlagSet("release", flag.ContinueOnError)
	f.StringVar(&r.source, "source", ".", "folder of the module")
	f.StringVar(&r.out, "out", "dist", "folder that gets the files")
	targets := f.String("targets", platforms, "platforms, parted by spaces")
	f.BoolVar(&r.dirty, "dirty", false, "build a tree with changes, for a try only")
	if err := f.Parse(args); err != nil {
		return err
	}
	r.targets = strings.Fields(*targets)
	return r.run(ctx)
}

// run builds everything and writes the checksums last.
func (r release) run(ctx context.Context) error {
	status, err := r.tell(ctx, "git", "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" && !r.dirty {
		return fmt.Errorf("the tree has changes, so its binaries would name a commit that they were not made of; commit them, or add --dirty for a try:\n%s", status)
	}
	commit, err := r.tell(ctx, "git", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	version, err := r.version()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o750); err != nil {
		return fmt.Errorf("make the folder of the release: %w", err)
	}
	var sums []string
	for _, target := range r.targets {
		made, err := r.build(ctx, target, version, commit)
		if err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		sums = append(sums, made...)
	}
	slices.Sort(sums) // by hash, which says nothing, but is always the same
	//nolint:gosec // the files of a release are there to be read
	if err := os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644); err != nil {
		return fmt.Errorf("write the checksums: %w", err)
	}
	fmt.Fprintf(r.say, "version %s of commit %s; check with: cd %s && sha256sum -c SHA256SUMS\n", version, commit, r.out)
	return nil
}

// build makes the binary of one platform with its bill of materials, and
// returns the lines of their checksums.
func (r release) build(ctx context.Context, target, version, commit string) ([]string, error) {
	system, machine, ok := strings.Cut(target, "/")
	if !ok {
		return nil, errors.New("a platform is written like linux/amd64")
	}
	name := "introspect-" + version + "-" + system + "-" + machine
	binary, err := filepath.Abs(filepath.Join(r.out, name))
	if err != nil {
		return nil, fmt.Errorf("find the folder of the release: %w", err)
	}
	// The folder, the user and the time stay out of the binary: -trimpath takes
	// the paths, an empty build id what depends on the linker's input order, and
	// -buildvcs notes the commit instead of the moment.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -buildid= -X main.commit="+commit, "-o", binary, "./cmd/introspect") //#nosec G204 -- our own words
	cmd.Dir = r.source
	cmd.Env = append(cmd.Environ(), "GOOS="+system, "GOARCH="+machine, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOWORK=off")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, said.String())
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("read what the binary is made of: %w", err)
	}
	bill, err := billOf(info, version, commit)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(binary+".cdx.json", bill, 0o644); err != nil { //nolint:gosec // what is given away can be read
		return nil, fmt.Errorf("write the bill of materials: %w", err)
	}
	var sums []string
	for _, file := range []string{name, name + ".cdx.json"} {
		line, err := r.checksum(file)
		if err != nil {
			return nil, err
		}
		sums = append(sums, line)
	}
	return sums, nil
}

// checksum is the line of a file in SHA256SUMS, as sha256sum writes it.
func (r release) checksum(name string) (string, error) {
	f, err := os.Open(filepath.Join(r.out, name)) //#nosec G304 -- what build wrote
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return "", fmt.Errorf("hash %s: %w", name, err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	fmt.Fprintf(r.say, "%s  %8d KB  %s\n", sum[:16], n/1024, name)
	return sum + "  " + name + "\n", nil
}

// version reads the number of the program, which stands in one place.
func (r release) version() (string, error) {
	text, err := os.ReadFile(filepath.Join(r.source, "cmd", "introspect", "main.go")) //#nosec G304 -- the module's own file
	if err != nil {
		return "", fmt.Errorf("read the version: %w; run this in the folder of the module", err)
	}
	m := regexp.MustCompile(`(?m)^var version = "(\d+\.\d+\.\d+)"$`).FindSubmatch(text)
	if m == nil {
		return "", errors.New("cmd/introspect/main.go holds no line like: var version = \"3.2.0\"")
	}
	return string(m[1]), nil
}

// tell runs a command in the module and returns what it says.
func (r release) tell(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //#nosec G204 -- our own words
	cmd.Dir = r.source
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w; a release is made in a clone, with git at hand", name, args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
