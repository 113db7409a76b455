package event

// NameAdvisorCall is one question to a language model. It counts nowhere: it is
// no act of a visitor, starts no session and reaches no stage of the funnel.
const NameAdvisorCall Name = "advisor_call"

// AdvisorCall is recorded for each question to a language model, answered or
// not. The names of what OpenTelemetry knows are its own (GenAI conventions).
type AdvisorCall struct {
	QuestionID    string `json:"questionId"`
	Model         string `json:"gen_ai.request.model"`
	PromptVersion string `json:"promptVersion"`
	Outcome       string `json:"outcome"`
	Cause         string `json:"cause,omitempty"`
	InputTokens   int64  `json:"gen_ai.usage.input_tokens"` // with the two below, as the conventions have it
	OutputTokens  int64  `json:"gen_ai.usage.output_tokens"`
	CacheRead     int64  `json:"gen_ai.usage.cache_read.input_tokens"`
	CacheWrite    int64  `json:"gen_ai.usage.cache_creation.input_tokens"`
	CostMicroUSD  *int64 `json:"costMicroUsd"` // null: the price is unknown
	LatencyMs     int64  `json:"latencyMs"`
	FirstTokenMs  *int64 `json:"firstTokenMs,omitempty"`
	Tries         int    `json:"tries"`
	Dropped       int    `json:"droppedParts"`
}

// EventName implements Payload.
func (AdvisorCall) EventName() Name { return NameAdvisorCall }
