package catalog_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
)

// recompute is the price by the plainest means: payment is free next to a shop
// or a members' area, and all sets of bundles are tried. It knows the rules of
// DOMAIN 6.2, not the code.
func recompute(c *catalog.Catalog, sel catalog.Selection) (addOns, discount, total catalog.Cents) {
	chosen := map[catalog.FeatureID]bool{}
	for _, id := range sel.Features {
		chosen[id] = true
	}
	covered := chosen[shop] || chosen[bigShop] || chosen[members]
	paid := map[catalog.FeatureID]bool{}
	for id := range chosen {
		if id == payment && covered {
			continue
		}
		paid[id] = true
		f, _ := c.Feature(id)
		n := sel.Quantities[id]
		if n == 0 {
			n = 1
		}
		addOns += f.Price * catalog.Cents(n)
	}
	for set := range 1 << len(c.Bundles) {
		used := map[catalog.FeatureID]int{}
		var sum catalog.Cents
		for i, b := range c.Bundles {
			if set&(1<<i) != 0 {
				sum += b.Discount
				for _, m := range b.Members {
					used[m]++
				}
			}
		}
		fits := true
		for m, n := range used {
			fits = fits && n == 1 && paid[m]
		}
		if fits && sum > discount {
			discount = sum
		}
	}
	p, _ := c.Package(sel.Package)
	return addOns, discount, p.Price + addOns - discount
}

// choose makes a selection from random bits; bit i stands for feature i.
func choose(c *catalog.Catalog, bits uint64, pkg, pieces uint8) catalog.Selection {
	sel := catalog.Selection{
		Package:    c.Packages[int(pkg)%len(c.Packages)].ID,
		Quantities: map[catalog.FeatureID]int{integration: 1 + int(pieces)%9, forms: 1 + int(pieces)/16},
	}
	for i, f := range c.Features {
		if bits&(1<<i) != 0 {
			sel.Features = append(sel.Features, f.ID)
		}
	}
	return sel
}

// agree checks one selection against recompute and against a shuffled copy.
func agree(tb testing.TB, c *catalog.Catalog, sel catalog.Selection, seed uint64) (priced bool) {
	tb.Helper()
	e, err := c.Price(sel)
	mixed := sel
	mixed.Features = slices.Clone(sel.Features)
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(mixed.Features), func(i, j int) {
		mixed.Features[i], mixed.Features[j] = mixed.Features[j], mixed.Features[i]
	})
	e2, err2 := c.Price(mixed)
	if diff := cmp.Diff(e, e2); diff != "" {
		tb.Errorf("Price depends on the order of %v (-want +got):\n%s", sel.Features, diff)
	}
	if diff := cmp.Diff(err, err2); diff != "" {
		tb.Errorf("the error of Price depends on the order of %v (-want +got):\n%s", sel.Features, diff)
	}
	if err != nil {
		return false
	}
	addOns, discount, total := recompute(c, sel)
	got := []catalog.Cents{e.AddOns, e.Discount, e.Total}
	if diff := cmp.Diff([]catalog.Cents{addOns, discount, total}, got); diff != "" {
		tb.Errorf("Price(%v) add-ons, discount, total (-want +got):\n%s", sel, diff)
	}
	var sum catalog.Cents
	for _, p := range e.Schedule {
		sum += p.Amount
	}
	if sum != e.Total {
		tb.Errorf("Price(%v) schedule adds up to %v, want %v", sel, sum, e.Total)
	}
	return true
}

func TestPriceAgreesWithRecomputation(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	r := rand.New(rand.NewPCG(2026, 11))
	priced := 0
	for range 4000 {
		bits := r.Uint64()
		for _, drop := range []catalog.FeatureID{booking, bigShop, portal} { // else nearly all of them conflict
			if i := slices.IndexFunc(c.Features, func(f catalog.Feature) bool { return f.ID == drop }); r.IntN(4) > 0 {
				bits &^= 1 << i
			}
		}
		if agree(t, c, choose(c, bits, uint8(r.Uint32()), uint8(r.Uint32())), r.Uint64()) {
			priced++
		}
	}
	if priced < 1000 {
		t.Errorf("only %d of 4000 random selections had a price; the test checks too little", priced)
	}
}

func FuzzPrice(f *testing.F) {
	c := defaultCatalog(f)
	f.Add(uint64(0), uint8(0), uint8(0), uint64(1))
	f.Add(^uint64(0), uint8(2), uint8(77), uint64(2))
	f.Add(uint64(0x5a5a5a), uint8(1), uint8(200), uint64(3))
	f.Fuzz(func(t *testing.T, bits uint64, pkg, pieces uint8, seed uint64) {
		agree(t, c, choose(c, bits, pkg, pieces), seed)
	})
}

func BenchmarkPrice(b *testing.B) {
	c := defaultCatalog(b)
	sel := catalog.Selection{Package: catalog.Custom, Features: ids(scheduling, payment, sms, audit, secureForms, signIn, email, seo, social, dashboard, newsletter, blog)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Price(sel); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPriceManyBundles has as many bundles as a catalog may hold, all
// earned and most of them in each other's way.
func BenchmarkPriceManyBundles(b *testing.B) {
	c := defaultCatalog(b)
	chosen := ids(scheduling, payment, sms, audit, secureForms, signIn, email, seo, social, dashboard, newsletter, blog)
	c.Bundles = nil
	for i := range 20 {
		pair := ids(chosen[i%len(chosen)], chosen[(i*5+3)%len(chosen)])
		c.Bundles = append(c.Bundles, catalog.Bundle{ID: catalog.BundleID(rune('a' + i)), Name: "x", Members: pair, Discount: catalog.Cents(1000 + 37*i)})
	}
	for b.Loop() {
		if _, err := c.Price(catalog.Selection{Package: catalog.Custom, Features: chosen}); err != nil {
			b.Fatal(err)
		}
	}
}
