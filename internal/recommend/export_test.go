package recommend

import (
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// ComplianceStated lists the regulations that call for the custom package.
func ComplianceStated(v slot.Values) []catalog.Regulation {
	return newClient(&catalog.Catalog{}, v).stated()
}
