package webhook_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No connection may leave a goroutine behind, however it ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
