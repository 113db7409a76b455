package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// amendPage is templates/admin/amend.html: a held session is put right before
// its documents go out (DOMAIN 7.4).
type amendPage struct {
	adminLayout
	ID        event.SessionID
	Heading   string
	Snapshot  string // of what the person looks at
	Error     string
	Field     string // that the error is about
	Target    string // id of that field on the page; empty: it is about none
	Sections  []amendSection
	Packages  []amendChoice
	Features  []amendChoice
	Total     string // as it is now
	Rebate    string
	RebateFor string
	CoverNote string
	MaxNote   int
}

type amendSection struct {
	Title  string
	Fields []amendField
}

type amendField struct {
	intake.AmendField
	Name  string // of the form field
	Text  string
	Long  bool // more than a line
	Wrong bool
}

type amendChoice struct {
	ID, Name, Price string
	Chosen          bool
}

// adminAmendForm shows what may be put right: GET /admin/sessions/{id}/amend.
func (s *Server) adminAmendForm(w http.ResponseWriter, r *http.Request, who staff) error {
	sess, err := s.amendable(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "session_read", "session:"+string(sess.ID)); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "admin/amend", s.amendView(sess, who, nil))
}

// amendable reads a session whose documents wait for a person.
func (s *Server) amendable(r *http.Request) (*intake.Session, error) {
	id := event.SessionID(r.PathValue("id"))
	rec, err := s.cfg.Store.Session(r.Context(), id)
	if err != nil {
		return nil, err
	}
	d, err := s.cfg.Store.Delivery(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) || err == nil && d.State != store.DeliveryHeld {
		return nil, notHeld()
	}
	return rec.Session, err
}

func notHeld() *problem {
	return conflict("Not held", "Only a session whose documents wait for the team can be edited: a client who has the proposal must not see it change. Nothing was saved.")
}

// amendView fills the form: with what is known, or with what was sent.
func (s *Server) amendView(sess *intake.Session, who staff, sent url.Values) amendPage {
	view := amendPage{
		ID: sess.ID, Heading: sess.Values()[slot.BusinessName], Snapshot: scope.Snapshot(sess),
		CoverNote: sess.CoverNote, MaxNote: intake.MaxCoverNote,
	}
	if view.Heading == "" {
		view.Heading = sess.Client.Name
	}
	view.adminLayout = s.adminLayout("Edit "+view.Heading+" · Introspect", "sessions", who)
	titles := intake.SectionTitles()
	for _, f := range s.cfg.Engine.AmendFields(sess) {
		field := amendField{AmendField: f, Name: "slot." + string(f.Def.Key), Text: f.Text}
		if sent.Has(field.Name) {
			field.Text = sent.Get(field.Name)
		}
		field.Long = len(field.Text) > 40
		title := titles[f.Def.Section-1]
		if n := len(view.Sections); n == 0 || view.Sections[n-1].Title != title {
			view.Sections = append(view.Sections, amendSection{Title: title})
		}
		last := &view.Sections[len(view.Sections)-1]
		last.Fields = append(last.Fields, field)
	}
	var sel catalog.Selection
	if sess.Features != nil && sess.Features.Answered {
		sel, view.Total = sess.Features.Selection, money(sess.Features.Estimate.Total)
	}
	if sel.Rebate > 0 {
		view.Rebate, view.RebateFor = strings.TrimPrefix(sel.Rebate.String(), "$"), sel.RebateFor
	}
	if sent != nil {
		sel.Package, sel.Features = catalog.PackageID(sent.Get("package")), featureIDs(sent["feature"])
		view.Rebate, view.RebateFor, view.CoverNote, view.Snapshot = sent.Get("rebate"), sent.Get("rebateFor"), sent.Get("coverNote"), sent.Get("snapshot")
	}
	cat := s.cfg.Engine.Catalog()
	for _, p := range cat.Packages {
		view.Packages = append(view.Packages, amendChoice{string(p.ID), p.Name, money(p.Price), p.ID == sel.Package})
	}
	for _, f := range cat.Features {
		view.Features = append(view.Features, amendChoice{string(f.ID), f.Name, money(f.Price), slices.Contains(sel.Features, f.ID)})
	}
	return view
}

func featureIDs(list []string) []catalog.FeatureID {
	out := make([]catalog.FeatureID, 0, len(list))
	for _, id := range list {
		out = append(out, catalog.FeatureID(id))
	}
	return out
}

// adminAmend puts a held session right and has its documents written again:
// POST /admin/sessions/{id}/amend.
func (s *Server) adminAmend(w http.ResponseWriter, r *http.Request, who staff) error {
	if err := parseForm(r); err != nil {
		return err
	}
	sess, err := s.amendable(r)
	if err != nil {
		return err
	}
	amend, err := amendOf(r.PostForm, sess)
	var done *intake.Amendment
	if err == nil {
		amend.By = who.ID
		done, err = s.cfg.Deliver.Amend(r.Context(), sess.ID, r.PostForm.Get("snapshot"), amend)
	}
	switch {
	case errors.Is(err, deliver.ErrNotHeld):
		return notHeld()
	case errors.Is(err, deliver.ErrChanged):
		return s.amendAgain(w, r, sess, who, http.StatusConflict, "", "Somebody changed this session meanwhile. Nothing was saved; please open the form anew and compare.")
	case err != nil:
		field, why, ours := amendProblem(err)
		if !ours {
			return err
		}
		return s.amendAgain(w, r, sess, who, http.StatusUnprocessableEntity, field, why)
	case done == nil:
		http.Redirect(w, r, "/admin/sessions/"+url.PathEscape(string(sess.ID))+"?done=unchanged", http.StatusSeeOther)
		return nil
	}
	return s.acted(w, r, who, sess.ID, "session_amended", "amended", nil)
}

func (s *Server) amendAgain(w http.ResponseWriter, r *http.Request, sess *intake.Session, who staff, status int, field, why string) error {
	view := s.amendView(sess, who, r.PostForm)
	view.Error, view.Field = why, field
	if slices.Contains([]string{"coverNote", "package", "rebate"}, field) {
		view.Target = field
	}
	for i := range view.Sections {
		for j := range view.Sections[i].Fields {
			f := &view.Sections[i].Fields[j]
			if f.Wrong = field != "" && field == string(f.Def.Key); f.Wrong {
				view.Target = f.Name
			}
		}
	}
	return s.render(w, status, "admin/amend", view)
}

// amendProblem tells what a person can put right; ours is false for the rest.
func amendProblem(err error) (field, why string, ours bool) {
	var invalid *intake.Invalid
	if errors.As(err, &invalid) {
		return invalid.Field, invalid.Reason, true
	}
	var (
		unknownPackage *catalog.UnknownPackage
		unknownFeature *catalog.UnknownFeature
		clash          *catalog.Conflict
		missing        *catalog.MissingDependency
		rebate         *catalog.BadRebate
		quantity       *catalog.BadQuantity
	)
	switch {
	case errors.As(err, &unknownPackage), errors.As(err, &unknownFeature), errors.As(err, &clash), errors.As(err, &missing), errors.As(err, &quantity):
		return "package", err.Error(), true
	case errors.As(err, &rebate):
		return "rebate", err.Error(), true
	}
	return "", "", false
}

// amendOf reads the form. A form without a package leaves the selection alone.
func amendOf(form url.Values, sess *intake.Session) (intake.Amend, error) {
	out := intake.Amend{Facts: map[slot.Key]string{}, CoverNote: form.Get("coverNote")}
	for name, values := range form {
		if k, ok := strings.CutPrefix(name, "slot."); ok {
			out.Facts[slot.Key(k)] = values[0]
		}
	}
	if form.Get("package") == "" {
		return out, nil
	}
	var sel catalog.Selection
	if sess.Features != nil {
		sel = sess.Features.Selection
	}
	sel.Package, sel.Features = catalog.PackageID(form.Get("package")), featureIDs(form["feature"])
	sel.Rebate, sel.RebateFor = 0, ""
	if given := strings.NewReplacer("$", "", ",", "", " ", "").Replace(form.Get("rebate")); given != "" {
		dollars, err := strconv.ParseFloat(given, 64)
		if fits := dollars >= 0 && dollars <= 1e9; err != nil || !fits { // "NaN" is a number for strconv, too
			return out, &intake.Invalid{Field: "rebate", Reason: fmt.Sprintf("The rebate was not understood: %q. Please write an amount in dollars, such as 250; nothing was changed.", clip(form.Get("rebate"), 40))}
		}
		sel.Rebate = catalog.Cents(dollars*100 + 0.5)
	}
	if sel.Rebate > 0 {
		sel.RebateFor = clip(strings.Join(strings.Fields(form.Get("rebateFor")), " "), maxRebateFor)
	}
	out.Selection = &sel
	return out, nil
}

// maxRebateFor is the length of the reason of a rebate, which stands in one line
// of the price.
const maxRebateFor = 60

// amendedViews tells who put the session right, the newest first.
func (s *Server) amendedViews(ctx context.Context, sess *intake.Session) []amendedView {
	var out []amendedView
	for _, a := range slices.Backward(sess.Amendments) {
		var what []string
		for _, k := range a.Slots {
			what = append(what, s.slots[k].Label)
		}
		if a.Selection {
			what = append(what, "package, features or rebate")
		}
		if a.CoverNote {
			what = append(what, "note to the client")
		}
		out = append(out, amendedView{s.staffName(ctx, a.By), s.moment(a.At), strings.Join(what, ", ")})
	}
	return out
}
