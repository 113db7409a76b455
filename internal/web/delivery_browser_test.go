package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webtest"
)

// TestDeliveryInABrowser looks at what a client sees after the last answer.
func TestDeliveryInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	making, _ := finished(t, s)
	if jobs, err := s.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour); err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	} else if err := s.store.StageJob(t.Context(), &jobs[0], deliver.StageScope, time.Hour); err != nil {
		t.Fatal(err)
	}
	ready, id := finished(t, s)
	s.work(t)
	open := s.deliver.ProposalPath(id)
	held, heldID := finished(t, s)
	s.work(t)
	s.hold(t, heldID)
	hostile, hostileID := finishedAs(t, s, `<b>Ünï & "Co"</b> `+strings.Repeat("Donaudampfschifffahrtsgesellschaft", 4)+" ")
	s.work(t)
	s.hold(t, hostileID)
	if err := s.deliver.Release(t.Context(), hostileID, "user"); err != nil {
		t.Fatal(err)
	}
	accepted, acceptedID := finished(t, s)
	s.work(t)
	accepted.post(s.deliver.ProposalPath(acceptedID)+"/accept", url.Values{"name": {"Ada Lovelace"}})
	refusals := url.Values{"name": {""}, "text": {strings.Repeat("A question? ", 450)}}
	server := s.serve(t)
	for name, device := range devices() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := browser.Open(t, device)
			look := func(shot string) {
				t.Helper()
				p.Axe()
				p.Fits(320)
				p.Screenshot(shot + "-" + name)
			}
			for shot, v := range map[string]*visitor{"making": making, "done": ready, "done-held": held, "done-long": hostile} {
				p.Goto(server + "/as/" + v.cookies["introspect_session"].Value)
				look(shot)
			}
			for shot, path := range map[string]string{
				"proposal": open, "proposal-accept": open + "/accept", "proposal-question": open + "/question",
				"proposal-held": s.deliver.ProposalPath(heldID), "proposal-long": s.deliver.ProposalPath(hostileID),
				"proposal-accepted": s.deliver.ProposalPath(acceptedID),
			} {
				p.Goto(server + path)
				look(shot)
			}
			p.Goto(server + open + "/question")
			p.Fill("#text", refusals.Get("text"))
			p.Expect("422")
			p.Click("button.primary")
			p.WaitFor(`!!document.querySelector("[role=alert]")`)
			look("proposal-refused")
		})
	}
}

// TestMakingInABrowser watches the work go on.
func TestMakingInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	v, id := finished(t, s)
	server := s.serve(t)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	p.Goto(server + "/as/" + v.cookies["introspect_session"].Value)
	p.WaitFor(`document.querySelector("[aria-current]").textContent.startsWith("Checking")`)
	jobs, err := s.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	if err := s.store.StageJob(t.Context(), &jobs[0], deliver.StagePDF, time.Hour); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(`document.querySelector("[aria-current]").textContent.startsWith("Drawing")`)
	p.WaitFor(`document.getElementById("status").textContent === "Drawing your proposal"`)
	if err := s.store.RetryJob(t.Context(), jobs[0], s.clock(), "once more"); err != nil {
		t.Fatal(err)
	}
	only := job.New(job.Config{Store: s.store, Kinds: map[string]job.Kind{deliver.KindDocuments: s.deliver.Kinds()[deliver.KindDocuments]}, Now: s.clock})
	if _, err := only.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.WaitFor(`document.body.className === "success"`)
	p.WaitFor(`document.querySelector(".mail-word").textContent === "Sending"`)
	p.Axe()
	s.work(t)
	p.WaitFor(`document.querySelector(".mail-word").textContent === "Written"`)
	p.Goto(server + s.deliver.ProposalPath(id))
	p.Click(".decide .primary")
	p.Fill("#name", "Ada Lovelace")
	p.Click("button.primary")
	p.WaitFor(`document.querySelector("[role=status]").textContent.startsWith("Thank you")`)
	if list, err := s.store.Decisions(t.Context(), id); err != nil || len(list) != 1 || list[0].Kind != store.DecisionAccepted {
		t.Errorf("decisions = %v, %v", list, err)
	}
}

// TestColouredProposalInABrowser looks at the pages of an agency whose colour is
// hard to read, for a client who wrote 4,000 characters where a name was asked.
func TestColouredProposalInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	for name, colour := range map[string]string{"phone-dark": "#2a1a6c", "desktop-light": "#ffd400"} {
		device := devices()[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) {
				c.Agency.Name, c.Agency.Colour, c.Agency.Calendar = "Bright & Sons", colour, "https://calendar.example/bright"
			})
			v, id := finishedAs(t, s, strings.Repeat("Wörter & <Zeichen> ", 200))
			s.work(t)
			s.hold(t, id)
			if err := s.deliver.Release(t.Context(), id, "user"); err != nil {
				t.Fatal(err)
			}
			server := s.serve(t)
			p := browser.Open(t, device)
			p.Goto(server + s.deliver.ProposalPath(id))
			p.Axe()
			p.Fits(320)
			p.Screenshot("coloured-proposal-" + name)
			p.Goto(server + "/as/" + v.cookies["introspect_session"].Value)
			p.Axe()
			p.Fits(320)
			p.Screenshot("coloured-done-" + name)
		})
	}
}
