package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// commit is set at build time with -ldflags "-X main.commit=…" where the
// source comes without its history.
var commit string

// builtFrom is the commit of this program: as set at build time, as the host
// tells, or as Go noted it. A tree that was changed since is not its commit.
func builtFrom(get func(string) string) string {
	if known := cmp.Or(commit, get("RENDER_GIT_COMMIT")); known != "" {
		return known
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+modified"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + modified
}

// printVersion says which program this is.
func printVersion(_ context.Context, env environment, _ []string) error {
	_, err := fmt.Fprintf(env.out, "%s\ncommit %s\n%s %s/%s\n", version, cmp.Or(builtFrom(env.get), "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
