package advice

import (
	"bytes"
	"encoding/json"

	"applicreations.com/introspect/internal/slot"
)

// SchemaVersion changes with every change of the schema's form. Its list of
// slots is constant within a release: another one would compile the grammar
// anew and break the vendor's prompt cache (references/intake.md 4.8).
const SchemaVersion = "decision-1"

// Schema is the form that a model's answer must have: flat, every field
// required, nothing optional. Order matters, because a model writes the
// fields in this order: evidence before value, facts before the decision.
type Schema struct {
	Required   []string
	Properties json.RawMessage // the fields in their order
}

// JSON is the whole schema.
func (s Schema) JSON() []byte {
	return object(
		field{"type", "object"}, field{"additionalProperties", false},
		field{"required", s.Required}, field{"properties", s.Properties},
	)
}

// DecisionSchema builds the schema of this release. It holds no personal data,
// because the vendor keeps schemas apart from what is sent.
func DecisionSchema() Schema {
	properties := []field{
		{"facts", list(factSchema())},
		{"conflicts", list(conflictSchema())},
		{"answer_quality", enum(Qualities())},
		{"action", enum(Actions())},
		{"question_id", text("one id of allowed_questions, or empty")},
		{"slot_focus", text("the slot that the question is about, or empty")},
		{"wording", text("max 220 characters, one question, plain text, no numbers not in state")},
		{"why", text("one short reason, never shown")},
	}
	return Schema{Required: names(properties), Properties: object(properties...)}
}

func factSchema() json.RawMessage {
	var keys []slot.Key
	for _, d := range slot.Defs() {
		if !d.Personal {
			keys = append(keys, d.Key)
		}
	}
	return closed(
		field{"evidence", text("verbatim words from last_answer")},
		field{"slot", enum(keys)},
		field{"value", text("canonical text of the slot")},
		field{"certainty", enum([]Certainty{Stated, Implied})},
	)
}

func conflictSchema() json.RawMessage {
	return closed(
		field{"slot_a", text("a slot that holds a fact")},
		field{"slot_b", text("another slot that holds a fact")},
		field{"explanation", text("one plain sentence")},
	)
}

// field is one member of an object whose order is kept; encoding/json would
// sort a map.
type field struct {
	name  string
	value any
}

func names(fields []field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}

func object(fields ...field) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(mustJSON(f.name))
		b.WriteByte(':')
		b.Write(mustJSON(f.value))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// closed is an object schema that allows its fields only and requires them all.
func closed(fields ...field) json.RawMessage {
	return Schema{Required: names(fields), Properties: object(fields...)}.JSON()
}

func list(items json.RawMessage) json.RawMessage {
	return object(field{"type", "array"}, field{"items", items})
}

func enum[T ~string](values []T) json.RawMessage {
	return object(field{"type", "string"}, field{"enum", values})
}

func text(description string) json.RawMessage {
	return object(field{"type", "string"}, field{"description", description})
}
