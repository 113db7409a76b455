package event

// NameVisitJudged is what a person of the agency says about who made a visit. It
// is no act of the visitor, and never counts from outside.
const NameVisitJudged Name = "visit_judged"

// The makers of a visit.
const (
	MakerPerson  = "person"
	MakerProgram = "program"
)

// VisitJudged is recorded when a person says who made a visit, in place of what
// its marks say. The last one holds.
type VisitJudged struct {
	Maker string `json:"maker"` // MakerPerson or MakerProgram
}

// EventName implements Payload.
func (VisitJudged) EventName() Name { return NameVisitJudged }

// OwnOnly reports whether events of this name are made by the server for every
// session, those included that another front end conducts: from outside they
// never count.
func (n Name) OwnOnly() bool { return n == NameVisitJudged || n == NameAdvisorCall }
