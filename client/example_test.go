package client_test

import (
	"context"
	"log/slog"
	"time"

	"applicreations.com/introspect/client"
)

func Example() {
	c, err := client.New("https://intake.example.com", client.Options{
		WriteKey: "wk-1",
		OnVerdict: func(v client.Verdict) {
			if v.Result == "drop" {
				slog.Warn("an event was refused", "id", v.ID, "details", v.Details, "hint", v.Hint)
			}
		},
	})
	if err != nil {
		slog.Error("no events will be sent", "error", err)
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			slog.Warn("events are lost", "error", err)
		}
	}()
	err = c.Track(client.Event{
		Name: "feature_viewed", SessionID: "0199b0c4-98fc-7c14-9afb-3d1f6a2b4c5d",
		Properties: map[string]any{"featureId": "blog_system", "recommended": true},
	})
	if err != nil {
		slog.Warn("not an event", "error", err)
	}
}
