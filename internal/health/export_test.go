package health

// DiskReading grades a disk.
func DiskReading(free, all float64) Reading { return diskReading(free, all) }
