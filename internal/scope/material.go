package scope

import (
	"fmt"
	"strings"

	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// brand writes section 5.
func (w *sheet) brand() string {
	var p page
	w.list(&p, 5, false)
	w.list(&p, 5, true)
	p.named("Style", w.field(slot.DesignStyle))
	p.named("To be created", w.toCreate())
	w.require(&p, 5)
	return p.String()
}

// toCreate lists the brand material that is known to be missing.
func (w *sheet) toCreate() string {
	var missing []string
	unknown := 0
	for _, k := range []slot.Key{slot.LogoStatus, slot.BrandColors, slot.BrandTypography, slot.StyleGuide, slot.PhotoStatus} {
		if _, ok := w.known(k); !ok {
			unknown++
			continue
		}
		if effort.Lacks(w.v[k]) {
			missing = append(missing, map[slot.Key]string{
				slot.LogoStatus: "logo", slot.BrandColors: "colour palette", slot.BrandTypography: "choice of typefaces",
				slot.StyleGuide: "no style guide exists; the design sets the rules", slot.PhotoStatus: "photographs",
			}[k])
		}
	}
	switch {
	case len(missing) > 0:
		return strings.Join(missing, "; ")
	case unknown == 0:
		return "nothing, all brand material exists"
	}
	return "nothing known so far; " + Plural(unknown, "point") + " above not provided by client (gap)"
}

// content writes section 6.
func (w *sheet) content() string {
	var p page
	w.list(&p, 6, false)
	w.list(&p, 6, true)
	p.named("Update frequency", w.field(slot.UpdateFrequency))
	w.require(&p, 6)
	return p.String()
}

// technical writes section 7.
func (w *sheet) technical() string {
	var p page
	w.list(&p, 7, false)
	w.list(&p, 7, true)
	p.head("Derived from the selection")
	p.named("User accounts", w.derived("", "user_authentication", "customer_portal", "membership_portal"))
	p.named("Content management system", w.derived("cms"))
	p.named("Search engine optimisation", w.derived("seo", "seo_package"))
	p.named("Performance", w.derived("performance"))
	p.named("Site search", w.search())
	w.require(&p, 7)
	w.pages()
	return p.String()
}

// search reads whether the client wants a search, and where that was said.
func (w *sheet) search() string {
	if strings.Contains(strings.ToLower(w.v[slot.MustHaves]), "search") {
		return "named as a must-have"
	}
	var wanted []string
	for _, k := range []slot.Key{slot.Navigation, slot.ArticleDetails, slot.ToolDetails} {
		if f, ok := w.known(k); ok && w.v.Holds(k, "search") {
			what := map[slot.Key]string{slot.Navigation: "of the website", slot.ArticleDetails: "of the articles", slot.ToolDetails: "of the web application"}[k]
			wanted = append(wanted, what+" ("+trace(w.origin(f, "search"))+")")
		}
	}
	if len(wanted) > 0 {
		return "wanted: " + strings.Join(wanted, ", ")
	}
	return "not requested and not part of the selection"
}

// derived names what in the selection provides something: an inclusion of the
// package, or chosen features.
func (w *sheet) derived(inclusion string, features ...string) string {
	if !w.chosen() {
		return "open until a package is chosen"
	}
	var names []string
	if inc, ok := w.inclusion(inclusion); ok {
		names = append(names, fmt.Sprintf("%s (in the %s package)", escape(inc.Name), escape(w.s.Features.Estimate.Package.Name)))
	}
	for _, l := range w.lines() {
		for _, id := range features {
			if string(l.Feature) == id {
				names = append(names, escape(l.Name)+" (section 10)")
			}
		}
	}
	if len(names) == 0 {
		return "not part of the selection"
	}
	return strings.Join(names, ", ")
}

// pages compares the wished number of pages with the limit of the package.
func (w *sheet) pages() {
	n, ok := w.v.Number(slot.PageCount)
	if !ok || !w.chosen() {
		return
	}
	if p, found := w.cat.Package(w.s.Features.Selection.Package); found && p.Pages > 0 && n > float64(p.Pages) {
		who := "The client names"
		if f, _ := w.known(slot.PageCount); f.Status == intake.Assumed {
			who = "The plan assumes"
		}
		w.open("Number of pages", fmt.Sprintf("%s %s, the %s package holds %d.", who, w.show(slot.PageCount), escape(p.Name), p.Pages))
	}
}

// media writes section 8.
func (w *sheet) media() string {
	var p page
	if w.mediaFree() {
		p.text("None required: every kind of media was asked about and declined.")
	}
	w.list(&p, 8, false)
	w.list(&p, 8, true)
	p.named("Maps", w.derived("maps"))
	w.require(&p, 8)
	return p.String()
}

// mediaFree reports whether every item of the section was answered by none.
func (w *sheet) mediaFree() bool {
	for _, d := range w.defs {
		if d.Category == slot.Media && d.Key != slot.PhotoApproach && w.v[d.Key] != "none" && w.v[d.Key] != "no" {
			return false
		}
	}
	return true
}

// design writes section 9.
func (w *sheet) design() string {
	var p page
	w.list(&p, 9, false)
	w.list(&p, 9, true)
	p.named("Brand colours", w.field(slot.BrandColors))
	w.require(&p, 9)
	return p.String()
}
