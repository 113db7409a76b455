package status

import "time"

// Summary is a page in the shape of Statuspage, which many programs read.
type Summary struct {
	Page       pageJSON          `json:"page"`
	Status     overallJSON       `json:"status"`
	Components []componentJSON   `json:"components"`
	Incidents  []incidentJSON    `json:"incidents"`
	Scheduled  []maintenanceJSON `json:"scheduled_maintenances"`
}

type pageJSON struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	URL       string    `json:"url"`
	TimeZone  string    `json:"time_zone"`
	UpdatedAt time.Time `json:"updated_at"`
}

type overallJSON struct {
	Indicator   Impact `json:"indicator"`
	Description string `json:"description"`
}

type componentJSON struct {
	ID          Component `json:"id"`
	Name        string    `json:"name"`
	Status      State     `json:"status"`
	Position    int       `json:"position"`
	Showcase    bool      `json:"showcase"`
	Group       bool      `json:"group"`
	GroupID     *string   `json:"group_id"`
	Description *string   `json:"description"`
	PageID      string    `json:"page_id"`
	CreatedAt   time.Time `json:"created_at"` // since when it is shown; nobody knows more
	UpdatedAt   time.Time `json:"updated_at"`
	StartDate   *string   `json:"start_date"`
	OnlyBad     bool      `json:"only_show_if_degraded"`
	Uptime      *float64  `json:"uptime_90_days"` // ours; null: never measured
}

type updateJSON struct {
	ID         string    `json:"id"`
	Status     Phase     `json:"status"`
	Body       string    `json:"body"`
	IncidentID string    `json:"incident_id"`
	CreatedAt  time.Time `json:"created_at"`
	DisplayAt  time.Time `json:"display_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Affected   []string  `json:"affected_components"` // never told: they are those of the incident
	Delivered  bool      `json:"deliver_notifications"`
	Tweet      *string   `json:"custom_tweet"`
	TweetID    *string   `json:"tweet_id"`
}

type incidentJSON struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Status     Phase           `json:"status"`
	Impact     Impact          `json:"impact"`
	PageID     string          `json:"page_id"`
	Shortlink  string          `json:"shortlink"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  time.Time       `json:"started_at"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Monitoring *time.Time      `json:"monitoring_at"`
	ResolvedAt *time.Time      `json:"resolved_at"`
	Updates    []updateJSON    `json:"incident_updates"`
	Components []componentJSON `json:"components"`
}

type maintenanceJSON struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Status     string          `json:"status"` // scheduled, in_progress
	Impact     string          `json:"impact"`
	PageID     string          `json:"page_id"`
	Shortlink  string          `json:"shortlink"`
	CreatedAt  time.Time       `json:"created_at"`
	UpdatedAt  time.Time       `json:"updated_at"`
	StartedAt  time.Time       `json:"started_at"`
	Monitoring *time.Time      `json:"monitoring_at"`
	ResolvedAt *time.Time      `json:"resolved_at"`
	From       time.Time       `json:"scheduled_for"`
	Until      time.Time       `json:"scheduled_until"`
	Updates    []updateJSON    `json:"incident_updates"`
	Components []componentJSON `json:"components"`
}

// pageID is the only page of an installation.
const pageID = "introspect"

// Summary is the page for programs. Name is the agency's and address that of
// the page.
func (p Page) Summary(name, address string, zone *time.Location) Summary {
	s := Summary{
		Page:   pageJSON{pageID, name, address, zone.String(), p.Updated.UTC().Truncate(time.Second)},
		Status: overallJSON{p.Indicator, p.Words}, Components: []componentJSON{}, Incidents: []incidentJSON{}, Scheduled: []maintenanceJSON{},
	}
	for i := range p.Components {
		s.Components = append(s.Components, p.component(i))
	}
	for _, i := range p.Open {
		s.Incidents = append(s.Incidents, p.incident(i, address))
	}
	for _, m := range p.Planned {
		s.Scheduled = append(s.Scheduled, p.maintenance(m, address))
	}
	return s
}

func (p Page) component(i int) componentJSON {
	c := p.Components[i]
	out := componentJSON{ID: c.ID, Name: c.Name, Status: c.State, Position: i + 1, Showcase: true, PageID: pageID, UpdatedAt: p.Updated.UTC().Truncate(time.Second)}
	out.CreatedAt = out.UpdatedAt.AddDate(0, 0, -BarDays).Truncate(24 * time.Hour)
	if up, ok := c.Tally.Shown(); ok {
		out.Uptime = &up
	}
	return out
}

// components picks those of an incident or maintenance.
func (p Page) components(ids []Component) []componentJSON {
	out := []componentJSON{}
	for i, c := range p.Components {
		for _, id := range ids {
			if id == c.ID {
				out = append(out, p.component(i))
			}
		}
	}
	return out
}

func (p Page) incident(i Incident, address string) incidentJSON {
	out := incidentJSON{
		ID: i.ID, Name: i.Title, Status: i.Phase(), Impact: i.Impact, PageID: pageID, Shortlink: address + "#incident-" + i.ID,
		CreatedAt: i.PublishedAt.UTC(), StartedAt: i.PublishedAt.UTC(), UpdatedAt: i.Changed().UTC(), Updates: []updateJSON{}, Components: p.components(i.Components),
	}
	if !i.ResolvedAt.IsZero() {
		at := i.ResolvedAt.UTC()
		out.ResolvedAt = &at
	}
	for _, u := range i.Updates {
		at := u.At.UTC()
		if u.Phase == Monitoring && out.Monitoring == nil {
			out.Monitoring = &at
		}
		out.Updates = append(out.Updates, updateJSON{ID: u.ID, Status: u.Phase, Body: u.Text, IncidentID: i.ID, CreatedAt: at, DisplayAt: at, UpdatedAt: at})
	}
	return out
}

func (p Page) maintenance(m Maintenance, address string) maintenanceJSON {
	out := maintenanceJSON{
		ID: m.ID, Name: m.Title, Status: "scheduled", Impact: "maintenance", PageID: pageID, Shortlink: address + "#maintenance-" + m.ID,
		CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.CreatedAt.UTC(), StartedAt: m.Start.UTC(), From: m.Start.UTC(), Until: m.End.UTC(), Components: p.components(m.Components),
	}
	if m.Active(p.Updated) {
		out.Status = "in_progress"
	}
	at := m.CreatedAt.UTC()
	out.Updates = []updateJSON{{ID: m.ID + "-1", Status: Phase(out.Status), Body: m.Text, IncidentID: m.ID, CreatedAt: at, DisplayAt: at, UpdatedAt: at}}
	return out
}
