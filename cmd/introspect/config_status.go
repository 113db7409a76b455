package main

import (
	"errors"
	"fmt"
	"net/url"

	"applicreations.com/introspect/internal/scope"
)

// statusConfig is what tells others how this installation is.
type statusConfig struct {
	metricsToken string // needed to read /metrics; empty: private networks
	heartbeatURL string // told every minute that all is well
	statusExport string // folder of the copy of the status page
}

func (c *statusConfig) read(get func(...string) string) error {
	c.metricsToken, c.heartbeatURL, c.statusExport = get("METRICS_TOKEN"), get("HEARTBEAT_URL"), get("STATUS_EXPORT_DIR")
	var err error
	if c.heartbeatURL != "" && !httpAddress(c.heartbeatURL) {
		err = errors.New("HEARTBEAT_URL is not an address such as https://hc-ping.com/…; set it to the one that your dead-man switch gave you")
	}
	if n := len(c.metricsToken); n > 0 && n < 16 {
		err = errors.Join(err, fmt.Errorf("METRICS_TOKEN has %s, which can be guessed; set it to at least 16 random ones", scope.Plural(n, "character")))
	}
	return err
}

func httpAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
