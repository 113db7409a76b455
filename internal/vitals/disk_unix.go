//go:build unix

package vitals

import (
	"fmt"
	"syscall"
)

// diskSpace is how many bytes of the disk of a folder are free for us, and how
// many there are.
func diskSpace(dir string) (free, all float64, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0, fmt.Errorf("ask for the room on the disk of %s: %w", dir, err)
	}
	// What is kept for the system counts as used, as it does in df.
	used := float64(fs.Blocks-fs.Bfree) * float64(fs.Bsize)
	free = float64(fs.Bavail) * float64(fs.Bsize)
	return free, free + used, nil
}
