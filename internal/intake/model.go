package intake

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
)

// maxCorpus bounds the words kept for classification, in bytes.
const maxCorpus = 40_000

// remember keeps the words that classification may use: not those about the
// audience or competitors, which describe others (DOMAIN 3.3).
func (w *work) remember(q bank.Entry, text string) {
	if q.Takes == slot.TargetAudience || q.Takes == slot.DesignReferences || q.Takes == slot.Avoid || len(w.corpus())+len(text) > maxCorpus {
		return
	}
	if q.Takes == slot.BusinessDescription {
		text = opening(text) // of a brief: its terms and boilerplate describe any business
	}
	for _, sentence := range strings.Split(sentencesWith(text, q.Cues[slot.Competitors]), ". ") {
		if sentence != "" {
			text = strings.ReplaceAll(text, sentence, "")
		}
	}
	w.s.Said = append(slices.Clip(w.s.Said), text)
}

// corpus is everything that classification may read.
func (w *work) corpus() string { return strings.Join(w.s.Said, "\n") }

// classify decides the business model from question 5 on (DOMAIN 3.3).
func (w *work) classify(q bank.Entry, values []string, text string) {
	if w.s.ModelAt > 0 {
		return
	}
	r := classify.Classify(w.corpus(), w.values())
	if q.ID == "model" && len(values) == 1 {
		if chosen, ok := classify.FromChoice(values[0]); ok {
			r, text = chosen, w.e.labels[slot.BusinessModel][values[0]]
		}
	}
	w.s.Model = r
	switch {
	case r.Accepted():
		w.acceptModel(r, text)
	case w.s.Questions >= event.ClassificationDeadline && !w.s.ModelAlerted:
		w.s.ModelAlerted = true
		w.emit(event.ClassificationUncertain{Model: string(r.Model), Confidence: r.Confidence})
	}
}

// keepGuess settles for what was understood of the business model when the client
// cannot say (DOMAIN 3.3: the best guess is kept with its confidence).
func (w *work) keepGuess(q bank.Entry) {
	if q.ID == "model" && w.s.ModelAt == 0 && w.s.Model.Model != "" {
		w.acceptModel(w.s.Model, "")
	}
}

// acceptModel settles the model. When the answer that tipped the scale was a
// choice, the evidence is what was said before.
func (w *work) acceptModel(r classify.Result, text string) {
	w.s.ModelAt = w.s.Questions
	quote := firstSentence(text, 200)
	if quote == "" {
		quote = firstSentence(strings.TrimSpace(w.corpus()), 200)
	}
	w.learn(Fact{Slot: slot.BusinessModel, Value: string(r.Model), Status: Inferred, Confidence: r.Confidence, Source: "rule", Evidence: Evidence{Quote: quote}})
	if len(r.Secondary) > 0 {
		models := make([]string, len(r.Secondary))
		for i, m := range r.Secondary {
			models[i] = string(m)
		}
		w.learn(Fact{Slot: slot.SecondaryModels, Value: slot.Join(models), Status: Inferred, Confidence: r.Confidence, Source: "rule", Evidence: Evidence{Quote: quote}, From: slot.BusinessModel})
	}
	if r.Model == classify.Service || slices.Contains(r.Secondary, classify.Service) {
		sub := classify.SubtypeOf(w.corpus())
		w.learn(Fact{Slot: slot.ServiceSubtype, Value: string(sub), Status: Inferred, Confidence: 70, Source: "rule", Evidence: Evidence{Quote: quote}, From: slot.BusinessModel})
	}
	w.emit(event.NewBusinessModelClassified(string(r.Model), r.Confidence, w.s.Questions))
}
