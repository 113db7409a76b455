package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
)

// bill is a bill of materials in the form of CycloneDX 1.6. It holds no moment
// and no random serial number, so the same binary always has the same one.
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Purl       string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// billOf lists what Go noted in a binary: the modules that were really linked,
// with their checksums, and the standard library.
func billOf(info *debug.BuildInfo, version, commit string) ([]byte, error) {
	main := component{Type: "application", Name: info.Main.Path, Version: version, Purl: purl(info.Main.Path, "v"+version)}
	main.Ref = main.Purl
	main.Properties = append(main.Properties, property{"introspect:commit", commit})
	for _, s := range info.Settings {
		if slices.Contains([]string{"GOOS", "GOARCH", "CGO_ENABLED", "-trimpath", "vcs.time", "vcs.modified"}, s.Key) {
			main.Properties = append(main.Properties, property{"introspect:build:" + strings.TrimPrefix(s.Key, "-"), s.Value})
		}
	}
	std := component{Type: "library", Name: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go"), Purl: purl("stdlib", strings.TrimPrefix(info.GoVersion, "go"))}
	std.Ref = std.Purl
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: metadata{main}, Components: []component{std}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component{Type: "library", Name: m.Path, Version: m.Version, Purl: purl(m.Path, m.Version)}
		c.Ref = c.Purl
		if m.Sum != "" {
			// The checksum of go.sum covers the module's files, not an archive, so
			// it is no "hash" in the sense of the form.
			c.Properties = []property{{"introspect:go.sum", m.Sum}}
		}
		b.Components = append(b.Components, c)
	}
	slices.SortFunc(b.Components, func(x, y component) int { return cmp.Compare(x.Ref, y.Ref) })
	needs := dependency{Ref: main.Ref, DependsOn: []string{}}
	for _, c := range b.Components {
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{needs}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("encode the bill of materials: %w", err)
	}
	return out.Bytes(), nil
}

// purl is the package URL of a Go module.
func purl(path, version string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(strings.ToLower(p))
	}
	return "pkg:golang/" + strings.Join(parts, "/") + "@" + url.PathEscape(version)
}
