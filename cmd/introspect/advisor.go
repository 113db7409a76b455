package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/claude"
	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/redis"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/telemetry"
)

// advisorConfig is how a language model may help.
type advisorConfig struct {
	model         string // empty: the wire's default
	soft, try     time.Duration
	perMinute     uint
	budget        advisor.Budget
	conversations int    // in fallback mode at once; 0: any
	ask           bool   // clients have to say yes before a model sees their answers
	cassettes     string // folder of recorded answers; only eval has one
}

// defaultBudget is in micro-dollars: 2 cents a turn, 20 cents a session, two
// dollars a day and network, 20 dollars a day, 300 dollars a month.
func defaultBudget() advisor.Budget {
	return advisor.Budget{Turn: 20_000, Session: 200_000, Network: 2_000_000, Day: 20_000_000, Month: 300_000_000}
}

// readAdvisor reads the settings of the model.
func (c *config) readAdvisor(get func(...string) string) error {
	c.claudeKey, c.claudeURL = get("ANTHROPIC_API_KEY"), cmp.Or(get("ANTHROPIC_BASE_URL"), claude.Vendor)
	c.advisor = advisorConfig{model: get("ANTHROPIC_MODEL"), budget: defaultBudget()}
	var errs []error
	for _, d := range []struct {
		name, given, standard string
		into                  *time.Duration
	}{
		{"ADVISOR_SOFT_DEADLINE", get("ADVISOR_SOFT_DEADLINE"), "2.5s", &c.advisor.soft},
		{"ADVISOR_TRY_TIMEOUT", get("ADVISOR_TRY_TIMEOUT"), "5s", &c.advisor.try},
	} {
		v, err := time.ParseDuration(cmp.Or(d.given, d.standard))
		if err != nil || v <= 0 || v > time.Minute {
			errs = append(errs, fmt.Errorf("%s is %q; set it to a duration up to a minute, such as %s", d.name, d.given, d.standard))
		}
		*d.into = v
	}
	errs = append(errs, c.readBudget(get))
	switch v := get("ADVISOR_CONSENT"); v {
	case "", "inform", "ask":
		c.advisor.ask = v == "ask"
	default:
		errs = append(errs, fmt.Errorf("ADVISOR_CONSENT is %q; set it to inform, or to ask where a model may only be used for clients who said yes", v))
	}
	perMinute, err := strconv.ParseUint(cmp.Or(get("ADVISOR_PER_MINUTE"), "60"), 10, 32)
	if err != nil || perMinute == 0 {
		errs = append(errs, fmt.Errorf("ADVISOR_PER_MINUTE is %q; set it to how many calls a minute the vendor may get, such as 60", get("ADVISOR_PER_MINUTE")))
	}
	c.advisor.perMinute = uint(perMinute)
	if c.advisor.conversations, err = strconv.Atoi(cmp.Or(get("FALLBACK_CONVERSATIONS"), "0")); err != nil || c.advisor.conversations < 0 {
		errs = append(errs, fmt.Errorf("FALLBACK_CONVERSATIONS is %q; set it to how many conversations may be open at once in fallback mode, or to 0 for no limit", get("FALLBACK_CONVERSATIONS")))
	}
	return errors.Join(errs...)
}

// readBudget reads what the model may cost.
func (c *config) readBudget(get func(...string) string) error {
	b := &c.advisor.budget
	var errs []error
	for _, m := range []struct {
		name, given string
		into        *int64
	}{
		{"ADVISOR_BUDGET_TURN", get("ADVISOR_BUDGET_TURN"), &b.Turn},
		{"ADVISOR_BUDGET_SESSION", get("ADVISOR_BUDGET_SESSION"), &b.Session},
		{"ADVISOR_BUDGET_NETWORK", get("ADVISOR_BUDGET_NETWORK"), &b.Network},
		{"ADVISOR_BUDGET_DAY", get("ADVISOR_BUDGET_DAY"), &b.Day},
		{"ADVISOR_BUDGET_MONTH", get("ADVISOR_BUDGET_MONTH"), &b.Month},
	} {
		v, err := strconv.ParseInt(cmp.Or(m.given, strconv.FormatInt(*m.into, 10)), 10, 64)
		if err != nil || v < 0 {
			errs = append(errs, fmt.Errorf("%s is %q; set it to whole micro-dollars, a million to the dollar, or to 0 for no limit", m.name, m.given))
		}
		*m.into = v
	}
	return errors.Join(errs...)
}

// newModel reaches the configured model; nil without a key. With shared, all
// processes that speak to the same Redis keep the limit together.
func (c config) newModel(shared *redis.Client) (advisor.Model, error) {
	offline := c.claudeKey == "" && c.advisor.cassettes != ""
	if c.claudeKey == "" && !offline {
		return nil, nil //nolint:nilnil // no model is no mistake
	}
	cfg := claude.Config{
		Key: cmp.Or(c.claudeKey, "offline"), Cassettes: c.advisor.cassettes, Offline: offline, BaseURL: c.claudeURL, Model: c.advisor.model, Stream: true, TryTimeout: c.advisor.try, PerMinute: c.advisor.perMinute,
	}
	if shared != nil {
		cfg.Shared = func(ctx context.Context) (time.Duration, error) {
			return shared.Take(ctx, "claude", c.advisor.perMinute)
		}
	}
	a, err := claude.NewAdvisor(cfg)
	if err != nil {
		return nil, err
	}
	return claudeModel{a}, nil
}

// advise makes the service that asks the model.
func (a *app) advise(engine *intake.Engine) (*advisor.Service, error) {
	model, err := a.cfg.newModel(a.redis)
	if err != nil {
		return nil, err
	}
	prices, err := advice.DefaultPrices()
	if err != nil {
		return nil, err
	}
	if model != nil && a.traces != nil {
		model = tracedModel{model, a.traces, prices}
	}
	return advisor.New(advisor.Config{
		Store: a.store, Model: model, Prompt: claude.PromptVersion, Prices: prices, Options: engine.Options(),
		Budget: a.cfg.advisor.budget, Conversations: a.cfg.advisor.conversations, Log: a.log,
	}), nil
}

// claudeModel lets the service speak through the wire without knowing it.
type claudeModel struct{ wire *claude.Advisor }

// Ask implements advisor.Model.
func (m claudeModel) Ask(ctx context.Context, sent advice.Snapshot) (advisor.Reply, error) {
	a, err := m.wire.Ask(ctx, sent)
	if e, ok := errors.AsType[*claude.Error](err); ok {
		return advisor.Reply{}, &advisor.Fault{Class: string(e.Class), Cause: string(e.Cause), Usage: e.Usage, Model: e.Model, Tries: e.Tries, Err: e}
	}
	if err != nil {
		return advisor.Reply{}, err
	}
	return advisor.Reply{Advice: a.Advice, Usage: a.Usage, Model: a.Model, Latency: a.Latency, FirstToken: a.FirstToken, Tries: a.Tries}, nil
}

// tracedModel tells a collector of the calls.
type tracedModel struct {
	advisor.Model

	traces *telemetry.Tracer
	prices advice.Prices
}

// Ask implements advisor.Model.
func (m tracedModel) Ask(ctx context.Context, sent advice.Snapshot) (advisor.Reply, error) {
	ctx, end := m.traces.Chat(ctx, "anthropic", m.Name())
	r, err := m.Model.Ask(ctx, sent)
	call := telemetry.Call{Model: r.Model, FirstToken: r.FirstToken, Prompt: sent.PromptVersion}
	usage := r.Usage
	if f, ok := errors.AsType[*advisor.Fault](err); ok {
		call.Model, call.Fault, usage = f.Model, f.Class, f.Usage
	} else if err != nil {
		call.Fault = "unknown"
	}
	call.CacheRead, call.CacheWrite = usage.CacheRead, usage.CacheWrite+usage.CacheWriteHour
	call.Input, call.Output = usage.Input+call.CacheRead+call.CacheWrite, usage.Output
	if micro, known := m.prices.Cost(call.Model, usage, time.Now()); known {
		call.MicroUSD = &micro
	}
	end(call)
	return r, err
}

// State implements advisor.Model.
func (m claudeModel) State() advisor.State {
	b := m.wire.State()
	return advisor.State{Open: b.State == claude.Open, Cause: string(b.Cause), Until: b.Until}
}

// Reset implements advisor.Model.
func (m claudeModel) Reset() { m.wire.Reset() }

// Name implements advisor.Model.
func (m claudeModel) Name() string { return m.wire.Model() }

// Canary implements advisor.Model.
func (m claudeModel) Canary() string { return m.wire.Canary() }

// fallback switches fallback mode, also of a server that is running: it follows
// within two seconds.
func fallback(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "fallback", args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		fmt.Fprintln(env.err, "usage: introspect fallback on | off | auto | retry | status")
		return errUsage
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if rest[0] == "status" {
		return printMode(ctx, env.out, st)
	}
	if rest[0] == "retry" {
		return retryModel(ctx, env.out, st)
	}
	mode, err := advisor.ParseMode(rest[0])
	if err != nil {
		return err
	}
	if err := advisor.New(advisor.Config{Store: st}).SetMode(ctx, mode); err != nil {
		return err
	}
	err = st.Audit(ctx, store.AuditEntry{At: time.Now(), Actor: commandLine, Action: "fallback_" + string(mode), Object: "advisor"})
	if err != nil {
		return err
	}
	return printMode(ctx, env.out, st)
}

// retryModel has a running server try the model again at once.
func retryModel(ctx context.Context, out io.Writer, st *store.Store) error {
	if err := advisor.New(advisor.Config{Store: st}).Retry(ctx); err != nil {
		return err
	}
	err := st.Audit(ctx, store.AuditEntry{At: time.Now(), Actor: commandLine, Action: "fallback_retry", Object: "advisor"})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The server tries the model again with the next answer.")
	return printMode(ctx, out, st)
}

func printMode(ctx context.Context, out io.Writer, st *store.Store) error {
	mode, err := advisor.StoredMode(ctx, st)
	if err != nil {
		return err
	}
	says := map[advisor.Mode]string{
		advisor.Auto: "the language model is left out while its vendor cannot be reached",
		advisor.On:   "the language model is left out; rules and cached advice serve",
		advisor.Off:  "nobody waits for a place; calls of the language model still pause while its vendor cannot be reached",
	}
	_, err = fmt.Fprintf(out, "Fallback mode is %s: %s.\n", mode, says[mode])
	return err
}

// evalAdvisor picks who sits in on simulated interviews. The bill is what they
// cost until it is called.
func evalAdvisor(ctx context.Context, env environment, engine *intake.Engine, name, cassettes string) (advise eval.Advisor, bill func() string, err error) {
	nothing := func() string { return "" }
	if name == "none" {
		return nil, nothing, nil
	}
	if fake, ok := eval.Advisors(engine.Options())[name]; ok {
		return fake, func() string { return "Advice cost nothing: " + name + " calls nobody." }, nil
	}
	if name != "claude" {
		return nil, nil, fmt.Errorf("there is no advisor %q; choose none, claude, fake-perfect, fake-useless or fake-hostile", name)
	}
	cfg, _, err := load(env, "eval", nil)
	if err != nil {
		return nil, nil, err
	}
	cfg.advisor.cassettes = cassettes
	model, err := cfg.newModel(nil)
	if err == nil && model == nil {
		err = errors.New("ANTHROPIC_API_KEY is not set, so that claude cannot be asked; set it, play recorded answers with --cassettes, or choose a fake advisor")
	}
	if err != nil {
		return nil, nil, err
	}
	prices, err := advice.DefaultPrices()
	if err != nil {
		return nil, nil, err
	}
	b := &modelBill{model: model, prices: prices, classes: map[string]int{}}
	return b.ask(ctx), b.String, nil
}

// modelBill asks a model for an evaluation and adds up what that takes.
type modelBill struct {
	model           advisor.Model
	prices          advice.Prices
	calls, unpriced int
	micro           int64
	usage           advice.Usage
	classes         map[string]int // of calls without advice
}

func (b *modelBill) ask(ctx context.Context) eval.Advisor {
	return func(sent advice.Snapshot, _ persona.Brief) (advice.Advice, bool) {
		sent.PromptVersion = claude.PromptVersion
		b.calls++
		r, err := b.model.Ask(ctx, sent)
		name, usage := r.Model, r.Usage
		if f, ok := errors.AsType[*advisor.Fault](err); ok {
			b.classes[f.Class]++
			name, usage = f.Model, f.Usage
		}
		b.usage = b.usage.Add(usage)
		if usage != (advice.Usage{}) {
			micro, known := b.prices.Cost(name, usage, time.Now())
			b.micro += micro
			if !known {
				b.unpriced++
			}
		}
		return r.Advice, err == nil
	}
}

// String is the bill in words; an unknown price stays unknown.
func (b *modelBill) String() string {
	cost := fmt.Sprintf("$%d.%06d", b.micro/1_000_000, b.micro%1_000_000)
	if b.unpriced > 0 {
		cost = fmt.Sprintf("unknown (%s without a known price; the others cost %s)", scope.Plural(b.unpriced, "call"), cost)
	}
	out := fmt.Sprintf("%s was asked %s, %d tokens in, %d from its cache, %d out. Cost: %s.",
		b.model.Name(), scope.Plural(b.calls, "time"), b.usage.Input+b.usage.CacheWrite+b.usage.CacheWriteHour, b.usage.CacheRead, b.usage.Output, cost)
	if len(b.classes) > 0 {
		out += fmt.Sprintf(" Without advice: %v.", b.classes)
	}
	return out
}
