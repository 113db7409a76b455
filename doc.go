// Package introspect is the front page of the module; it holds no code.
//
// Introspect is a self-hosted client-intake system in one binary: a visitor
// answers four foundation questions and a guided conversation of about 22
// questions, sees features with live prices, and leaves with a written scope;
// the owner watches the funnel on a dashboard fed by the same process.
//
// Start reading at cmd/introspect, which picks every part and wires them.
// The rules of the business live in internal/intake, internal/catalog and
// internal/metric; ARCHITECTURE.md explains the floors that floors_test.go
// enforces, docs/glossary.md fixes the words, docs/adr keeps the decisions.
package introspect
