#!/usr/bin/env bash
# Deploys the commit that is checked out: all of it is in introspect deploy
# (docs/deployment.md). Arguments are passed on, such as --dry-run or --json.
# It ends with 0, or with 1 whatever went wrong; introspect deploy itself tells
# the stage by its exit code.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v go >/dev/null || {
	echo "scripts/deploy.sh: Go is not installed; install Go 1.26 or newer from https://go.dev/dl" >&2
	exit 1
}
exec go run ./cmd/introspect deploy "$@"
