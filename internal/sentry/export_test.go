package sentry

import sdk "github.com/getsentry/sentry-go"

// Scrub is what every report goes through before it leaves.
func Scrub(e *sdk.Event) *sdk.Event { return scrub(e, nil) }
