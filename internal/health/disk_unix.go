//go:build unix

package health

import (
	"context"
	"fmt"
	"syscall"
)

// A disk is nearly full by its share, and by what is left of it: ten percent of
// a large disk last long, and of a small one do not.
const (
	freeWarn, freeFail   = 10.0, 3.0       // percent
	bytesWarn, bytesFail = 1 << 30, 200e6  // bytes
	bytesPlenty          = 50 * (1 << 30.) // nobody needs to look
)

// disk reads how much of the disk of the data directory is free for us.
func (c *Checker) disk(context.Context) Reading {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(c.cfg.DataDir, &fs); err != nil {
		return failed(err)
	}
	// What is kept for the system counts as used, as it does in df and in the
	// alerts, or the three would name different shares.
	free, used := float64(fs.Bavail)*float64(fs.Bsize), float64(fs.Blocks-fs.Bfree)*float64(fs.Bsize)
	return diskReading(free, free+used)
}

// room is a number of bytes for people.
func room(bytes float64) string {
	if bytes < 1e9 {
		return fmt.Sprintf("%.0f MB", bytes/1e6)
	}
	return fmt.Sprintf("%.1f GB", bytes/1e9)
}

func diskReading(free, all float64) Reading {
	share := 0.0
	if all > 0 {
		share = 100 * free / all
	}
	r := Reading{Grade: Pass, Value: free, Unit: "bytes", Detail: fmt.Sprintf("%s free, %.0f%% used.", room(free), 100-share)}
	switch {
	case free >= bytesPlenty:
	case free < bytesFail || share < freeFail:
		r.Grade = Fail
	case free < bytesWarn || share < freeWarn:
		r.Grade = Warn
	}
	return r
}
