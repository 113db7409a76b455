package metric

// Walked is a stage event for the tests of order.
type Walked struct{ At, Stage int64 }

// Order runs order over events in their order.
func Order(list []Walked, first, last int) (reached int, offsets []int64) {
	steps := make([]step, len(list))
	for i, w := range list {
		steps[i] = step{int64(i + 1), w.At, w.Stage}
	}
	c := order(steps, first, last)
	return c.reached, c.offset[first : first+c.reached]
}
