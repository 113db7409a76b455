package slot

import (
	"slices"
	"strconv"
	"strings"
)

// Values holds the current canonical text of each known slot. A missing key
// means unknown; conditions on unknown values are false (DOMAIN 5.1).
type Values map[Key]string

// Has reports whether k is known, whatever its value.
func (v Values) Has(k Key) bool { return v[k] != "" }

// Number reads a Number or Percent slot. It reports false when the slot is
// unknown or not a number.
func (v Values) Number(k Key) (float64, bool) {
	n, err := strconv.ParseFloat(v[k], 64)
	return n, err == nil
}

// Cents reads a Money slot in integer cents.
func (v Values) Cents(k Key) (int64, bool) {
	n, err := strconv.ParseInt(v[k], 10, 64)
	return n, err == nil
}

// Over reports whether k is a known number above limit.
func (v Values) Over(k Key, limit float64) bool {
	n, ok := v.Number(k)
	return ok && n > limit
}

// Yes reports whether the Bool slot k is known to be true.
func (v Values) Yes(k Key) bool { return v[k] == "yes" }

// List reads a Multi slot; it is empty when the slot is unknown or "none".
func (v Values) List(k Key) []string {
	if v[k] == "" || v[k] == "none" {
		return nil
	}
	return strings.Split(v[k], ",")
}

// Holds reports whether the Multi or Enum slot k contains id.
func (v Values) Holds(k Key, id string) bool {
	return slices.Contains(v.List(k), id)
}

// Join makes the canonical text of a Multi slot. Commas inside an entry
// become semicolons, and an empty list is "none", which is a known value.
func Join(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	clean := make([]string, len(ids))
	for i, id := range ids {
		clean[i] = strings.ReplaceAll(strings.TrimSpace(id), ",", ";")
	}
	return strings.Join(clean, ",")
}
