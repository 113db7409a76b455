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
	free := float64(fs.Bavail) * float64(fs.Bsize)
	return diskReading(free, float64(fs.Blocks)*float64(fs.Bsize))
}

func diskReading(free, all float64) Reading {
	share := 0.0
	if all > 0 {
		share = 100 * free / all
	}
	r := Reading{Pass, free, "bytes", fmt.Sprintf("%.1f GB free, %.0f %%.", free/1e9, share)}
	switch {
	case free >= bytesPlenty:
	case free < bytesFail || share < freeFail:
		r.Grade = Fail
	case free < bytesWarn || share < freeWarn:
		r.Grade = Warn
	}
	return r
}
