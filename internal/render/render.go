// Package render speaks to the REST API of Render, which hosts one service of
// ours: it starts, watches and takes back deployments, restarts the service
// and reads its log. It decides nothing: when to deploy and when to go back is
// the business of internal/deploy.
//
// A reading call is repeated when the vendor is busy or unreachable. A call
// that changes something is repeated only when it was surely not carried out,
// and Trigger looks for the deployment before it gives up. The API key stands
// in no error. Start with Client.Trigger.
package render

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Vendor is the base URL of the public API.
const Vendor = "https://api.render.com/v1"

// ServiceID names a service, such as srv-….
type ServiceID string

// DeployID names one deployment of a service, such as dep-….
type DeployID string

// Status is how far a deployment is.
type Status string

// The statuses that the API knows.
const (
	Created         Status = "created"
	Queued          Status = "queued"
	Building        Status = "build_in_progress"
	PreDeploying    Status = "pre_deploy_in_progress"
	Updating        Status = "update_in_progress"
	Live            Status = "live"
	Deactivated     Status = "deactivated" // was live and was replaced
	BuildFailed     Status = "build_failed"
	PreDeployFailed Status = "pre_deploy_failed"
	UpdateFailed    Status = "update_failed"
	Canceled        Status = "canceled"
)

// Under reports whether a deployment in this status is still at work. A status
// that a later API adds counts as at work: the caller's limit of time ends it.
func (s Status) Under() bool {
	return !slices.Contains([]Status{Live, Deactivated, BuildFailed, PreDeployFailed, UpdateFailed, Canceled, ""}, s)
}

// Commit is a version of the source.
type Commit struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// Deploy is one deployment as the API tells it.
type Deploy struct {
	ID         DeployID  `json:"id"`
	Status     Status    `json:"status"`
	Trigger    string    `json:"trigger"` // api, manual, rollback, …
	Commit     Commit    `json:"commit"`
	CreatedAt  time.Time `json:"createdAt"`
	FinishedAt time.Time `json:"finishedAt"` // zero while at work
}

// Service is what we read of a service.
type Service struct {
	ID         ServiceID `json:"id"`
	Name       string    `json:"name"`
	OwnerID    string    `json:"ownerId"`
	Suspended  string    `json:"suspended"`         // suspended or not_suspended
	AutoDeploy string    `json:"autoDeployTrigger"` // commit, checksPass or off
	Branch     string    `json:"branch"`
	Details    struct {
		URL string `json:"url"` // the platform's own address of the service
	} `json:"serviceDetails"`
}

// Line is one line of the log.
type Line struct {
	ID      string    `json:"id"`
	At      time.Time `json:"timestamp"`
	Message string    `json:"message"`
}

// Client reaches the API with one key. Nil and zero parts have defaults.
type Client struct {
	BaseURL  string        // empty: Vendor
	Key      string        // rnd_…
	Deadline time.Duration // of one attempt; 0: 10 s
	Tries    int           // attempts of a call that may be repeated; 0: 4
	// Wait sleeps between attempts and ends with the context; nil: a timer.
	Wait func(context.Context, time.Duration) error
	// Now reads dates in Retry-After; nil: time.Now.
	Now func() time.Time
	// Transport carries the requests; nil: http.DefaultTransport.
	Transport http.RoundTripper
}

// String hides the key from anything that prints a client.
func (c *Client) String() string { return "render client of " + c.base() }

// GoString hides the key from %#v.
func (c *Client) GoString() string { return c.String() }

// Service reads a service.
func (c *Client) Service(ctx context.Context, id ServiceID) (Service, error) {
	var s Service
	err := c.call(ctx, request{what: "read the service", path: servicePath(id), into: &s})
	return s, err
}

// maxPage is how many deployments the API lists at once.
const maxPage = 100

// Deploys lists the last deployments, the newest first, at most 100.
func (c *Client) Deploys(ctx context.Context, id ServiceID, limit int) ([]Deploy, error) {
	var rows []struct {
		Deploy Deploy `json:"deploy"`
	}
	q := url.Values{"limit": {strconv.Itoa(max(1, min(limit, maxPage)))}}
	err := c.call(ctx, request{what: "list the deployments", path: servicePath(id) + "/deploys", query: q, into: &rows})
	out := make([]Deploy, len(rows))
	for i, r := range rows {
		out[i] = r.Deploy
	}
	return out, err
}

// Deploy reads one deployment.
func (c *Client) Deploy(ctx context.Context, id ServiceID, d DeployID) (Deploy, error) {
	var out Deploy
	err := c.call(ctx, request{what: "read the deployment", path: deployPath(id, d), into: &out})
	return out, err
}

// Trigger builds and deploys a commit; an empty one is the newest of the
// service's branch. The API may answer without a body, or not at all although
// it took the order: then the deployment is looked for among those that were
// not there before, so that no order is given twice.
func (c *Client) Trigger(ctx context.Context, id ServiceID, commit string) (Deploy, error) {
	before, err := c.Deploys(ctx, id, lookBack)
	if err != nil {
		return Deploy{}, err
	}
	order := map[string]string{"clearCache": "do_not_clear"}
	if commit != "" {
		order["commitId"] = commit
	}
	return c.order(ctx, id, before, commit, request{
		what: "start the deployment", method: http.MethodPost, path: servicePath(id) + "/deploys", body: order,
	})
}

// Rollback puts the build of an earlier deployment back and returns the new
// deployment that does it. It leaves data and schema as they are, and
// automatic deployments on: call StopAutoDeploy first.
func (c *Client) Rollback(ctx context.Context, id ServiceID, to DeployID) (Deploy, error) {
	before, err := c.Deploys(ctx, id, lookBack)
	if err != nil {
		return Deploy{}, err
	}
	return c.order(ctx, id, before, "", request{
		what: "roll back", method: http.MethodPost, path: servicePath(id) + "/rollback", body: map[string]string{"deployId": string(to)},
	})
}

// lookBack is how many deployments are compared to find the new one.
const lookBack = 20

// order gives an order for a deployment and finds what came of it.
func (c *Client) order(ctx context.Context, id ServiceID, before []Deploy, commit string, r request) (Deploy, error) {
	var d Deploy
	r.into = &d
	err := c.call(ctx, r)
	if err == nil && d.ID != "" {
		return d, nil
	}
	if err != nil && !unsure(err) {
		return Deploy{}, err
	}
	after, listErr := c.Deploys(ctx, id, lookBack)
	if listErr != nil {
		return Deploy{}, firstOf(err, listErr)
	}
	for _, d := range after {
		known := slices.ContainsFunc(before, func(b Deploy) bool { return b.ID == d.ID })
		if !known && (commit == "" || d.Commit.ID == commit) && (d.Trigger != "new_commit") {
			return d, nil
		}
	}
	return Deploy{}, firstOf(err, &Error{What: r.what, Class: Garbled, Message: "the order was taken, but no new deployment is listed"})
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Cancel stops a deployment that is at work.
func (c *Client) Cancel(ctx context.Context, id ServiceID, d DeployID) error {
	return c.call(ctx, request{what: "cancel the deployment", method: http.MethodPost, path: deployPath(id, d) + "/cancel"})
}

// StopAutoDeploy keeps new commits from being deployed by themselves, which
// would undo a rollback.
func (c *Client) StopAutoDeploy(ctx context.Context, id ServiceID) error {
	return c.call(ctx, request{
		what: "switch automatic deployments off", method: http.MethodPatch, path: servicePath(id),
		body: map[string]string{"autoDeployTrigger": "off"},
	})
}

// Restart starts the service again with the same build.
func (c *Client) Restart(ctx context.Context, id ServiceID) error {
	return c.call(ctx, request{what: "restart the service", method: http.MethodPost, path: servicePath(id) + "/restart"})
}

// Logs reads the oldest log lines of a service after a moment, at most 100,
// oldest first. Kind is build, app or request; empty means all.
func (c *Client) Logs(ctx context.Context, s Service, kind string, after time.Time) ([]Line, error) {
	var page struct {
		Logs []Line `json:"logs"`
	}
	q := url.Values{
		"ownerId": {s.OwnerID}, "resource": {string(s.ID)}, "direction": {"forward"}, "limit": {"100"},
		"startTime": {after.UTC().Format(time.RFC3339Nano)},
	}
	if kind != "" {
		q.Set("type", kind)
	}
	err := c.call(ctx, request{what: "read the log", path: "/logs", query: q, into: &page})
	return page.Logs, err
}

func servicePath(id ServiceID) string { return "/services/" + url.PathEscape(string(id)) }

func deployPath(id ServiceID, d DeployID) string {
	return servicePath(id) + "/deploys/" + url.PathEscape(string(d))
}
