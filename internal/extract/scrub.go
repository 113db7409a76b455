package extract

import "applicreations.com/introspect/internal/extract/scrub"

// Suspicion is one suspected attempt to steer a language model (DOMAIN 8.2).
type Suspicion = scrub.Suspicion

// Clean makes client text safe to keep (DOMAIN 8.1). See scrub.Clean.
func Clean(text string) string { return scrub.Clean(text) }

// WithoutOrders removes orders to a language model to the end of their
// sentences. See scrub.WithoutOrders.
func WithoutOrders(text string) (clean string, hits []Suspicion) { return scrub.WithoutOrders(text) }
