package claude

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"

	"applicreations.com/introspect/internal/advice"
)

// PromptVersion changes with every change of prompt.md.
const PromptVersion = "interview-1"

//go:embed prompt.md
var promptText string

// canaryOf is a word that is constant for an installation, so that the prompt
// can be cached by the vendor, and that nobody outside can know.
func canaryOf(key string) string {
	sum := sha256.Sum256([]byte("canary of " + PromptVersion + " " + key))
	return "marten-" + hex.EncodeToString(sum[:8])
}

// request builds the one message of a turn. What is constant comes first and
// carries the cache mark; the client's text comes last, as one JSON string.
func request(c Config, s advice.Snapshot, maxTokens int64) anthropic.MessageNewParams {
	schema := advice.DecisionSchema()
	return anthropic.MessageNewParams{
		Model:     c.Model,
		MaxTokens: maxTokens,
		System: []anthropic.TextBlockParam{{
			Text:         strings.Replace(promptText, "CANARY", c.Canary, 1),
			CacheControl: anthropic.CacheControlEphemeralParam{TTL: anthropic.CacheControlEphemeralTTLTTL1h},
		}},
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(
			anthropic.NewTextBlock(string(s.JSON())),
			anthropic.NewTextBlock(string(s.Untrusted())),
		)},
		Thinking: thinking(c.Model),
		OutputConfig: anthropic.OutputConfigParam{
			Effort: anthropic.OutputConfigEffortLow,
			// A map would be sorted; raw JSON keeps the order of the fields.
			Format: anthropic.JSONOutputFormatParam{Schema: map[string]any{
				"type": "object", "additionalProperties": false, "required": schema.Required, "properties": schema.Properties,
			}},
		},
	}
}

// thinking asks for as little of it as the model allows; the wrong form is
// answered by 400 (references/intake.md 4.3).
func thinking(model string) anthropic.ThinkingConfigParamUnion {
	switch {
	case strings.HasPrefix(model, "claude-haiku-5"):
		return anthropic.ThinkingConfigParamUnion{OfDisabled: &anthropic.ThinkingConfigDisabledParam{}}
	case strings.HasPrefix(model, "claude-sonnet-5-5"):
		between := anthropic.NewThinkingConfigBetweenToolsParam()
		return anthropic.ThinkingConfigParamUnion{OfBetweenTools: &between}
	}
	return anthropic.ThinkingConfigParamUnion{}
}
