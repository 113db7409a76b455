// Package docs carries the documents that the program shows itself, so that
// whoever is called at night reads those of the release that runs.
package docs

import _ "embed"

// Runbook is OPERATIONS_RUNBOOK.md.
//
//go:embed OPERATIONS_RUNBOOK.md
var Runbook []byte
