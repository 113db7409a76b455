package catalog

import "slices"

// bestBundles finds the set of bundles with the largest total discount. A
// bundle needs all its members as paid lines, a line serves one bundle only,
// and of equal sets the one earlier in the catalog wins (DOMAIN 4.5).
func (c *Catalog) bestBundles(lines []Line) []AppliedBundle {
	var s bundleSearch
	var rest Cents
	for _, b := range c.Bundles {
		if len(s.fitting) < maxBundles && earned(b, lines) {
			s.add(b)
			rest += b.Discount
		}
	}
	s.try(0, 0, 0, rest)
	out := []AppliedBundle{}
	for n, b := range s.fitting {
		if s.best&(1<<n) != 0 {
			out = append(out, AppliedBundle{ID: b.ID, Name: b.Name, Members: slices.Clone(b.Members), Discount: b.Discount})
		}
	}
	return out
}

// earned reports whether all members of b are paid lines.
func earned(b Bundle, lines []Line) bool {
	for _, id := range b.Members {
		if !slices.ContainsFunc(lines, func(l Line) bool { return l.Feature == id && !l.Free }) {
			return false
		}
	}
	return true
}

// bundleSearch tries all sets of fitting bundles; bit n stands for fitting[n].
type bundleSearch struct {
	fitting  []Bundle
	overlaps []uint32 // bundles before this one that share a member with it
	best     uint32
	most     Cents
}

func (s *bundleSearch) add(b Bundle) {
	var overlap uint32
	for n, before := range s.fitting {
		if slices.ContainsFunc(before.Members, func(id FeatureID) bool { return slices.Contains(b.Members, id) }) {
			overlap |= 1 << n
		}
	}
	s.fitting = append(s.fitting, b)
	s.overlaps = append(s.overlaps, overlap)
}

// try decides on bundle n and those after it. Taking a bundle is tried before
// leaving it, so the first of equally good sets is the one earlier in the
// catalog. A branch ends when even all the rest cannot beat the best.
func (s *bundleSearch) try(n int, taken uint32, total, rest Cents) {
	if total > s.most {
		s.best, s.most = taken, total
	}
	if n == len(s.fitting) || total+rest <= s.most {
		return
	}
	d := s.fitting[n].Discount
	if taken&s.overlaps[n] == 0 {
		s.try(n+1, taken|1<<n, total+d, rest-d)
	}
	s.try(n+1, taken, total, rest-d)
}
