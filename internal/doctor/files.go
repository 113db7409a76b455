package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"applicreations.com/introspect/internal/health"
)

// Files judges the permissions of a folder of ours and of what lies in it:
// nobody but its owner may read or write there, and one owner has it all, since
// a file of another would stop the server.
func Files(name, dir string) []Finding {
	folder, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{{Area: "files", Name: "permissions", Grade: health.Pass, Detail: name + " does not exist yet; the server makes it."}}
	case err != nil:
		return []Finding{{Area: "files", Name: "permissions", Grade: health.Fail, Detail: name + " cannot be looked at: " + err.Error(), Remedy: "Run this as the user of the server."}}
	}
	n, open, foreign, err := judgeFiles(dir, owner(folder))
	if err != nil {
		return []Finding{{Area: "files", Name: "permissions", Grade: health.Fail, Detail: name + " cannot be read: " + err.Error(), Remedy: "Run this as the user of the server."}}
	}
	out := []Finding{{Area: "files", Name: "permissions", Grade: health.Pass, Detail: fmt.Sprintf("%s: only the owner may read its files: %d.", name, n)}}
	if len(open) > 0 {
		out[0].Grade, out[0].Detail = health.Warn, fmt.Sprintf("%s: others may read or write %s.", name, some(open))
		out[0].Remedy = "chmod -R go= " + dir
	}
	if len(foreign) > 0 {
		out = append(out, Finding{
			Area: "files", Name: "owner", Grade: health.Fail, Detail: fmt.Sprintf("%s: %s belong to another user than the folder.", name, some(foreign)),
			Remedy: "Give them to the user of the server (chown), and run commands as that user.",
		})
	}
	return out
}

// judgeFiles counts what lies in a folder, and names what others may read or
// own.
func judgeFiles(dir string, user uint32) (n int, open, foreign []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile, as logs of the database do
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return err
		}
		n++
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, path)
		}
		if owner(info) != user {
			foreign = append(foreign, path)
		}
		return nil
	})
	return n, open, foreign, err
}

// some names at most three files.
func some(paths []string) string {
	const most = 3
	if len(paths) <= most {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(paths[:most], ", "), len(paths)-most)
}

// Key is what is known of the key that seals personal data.
type Key struct {
	Secret      string // the newest; it is only searched for, never shown
	Fingerprint string
	File        string   // it came from here; empty: from the environment
	Production  bool     //
	Near        []string // folders in which no copy may lie: data and backups
	Copy        string   // fingerprint of the copy that is kept elsewhere; empty: not shown
}

// largestText is the size up to which a file is searched for the key.
const largestText = 64 << 10

// Escrow judges whether the key is kept apart from the data that it opens.
func Escrow(k Key) []Finding {
	f := Finding{Area: "key", Name: "key_escrow", Grade: health.Pass, Detail: "ENCRYPTION_KEY has the fingerprint " + k.Fingerprint + " and lies in no folder of data or backups."}
	found := holding(k.Near, k.Secret)
	switch {
	case len(found) > 0 && k.File != "" && !k.Production:
		f.Grade, f.Detail = health.Warn, "The key "+k.Fingerprint+" is the file "+k.File+" beside the data, as development does it."
		f.Remedy = "Before real clients come: set ENCRYPTION_KEY, and keep a copy where neither the data nor the backups are."
	case len(found) > 0:
		f.Grade, f.Detail = health.Fail, "The key "+k.Fingerprint+" lies beside what it protects: "+some(found)+"."
		f.Remedy = "Take it away from there: who gets the folder gets everything, and who loses it loses the key too."
	}
	list := []Finding{f}
	switch {
	case k.Copy == "":
		list = append(list, Finding{Area: "key", Name: "key_copy", Grade: health.Pass, Detail: "Whether the copy elsewhere is right was not asked; introspect doctor --key-copy FILE compares it."})
	case k.Copy != k.Fingerprint:
		list = append(list, Finding{
			Area: "key", Name: "key_copy", Grade: health.Fail, Detail: "The copy has the fingerprint " + k.Copy + ", the key in use " + k.Fingerprint + ".",
			Remedy: "Replace the copy now: with it no backup could be read.",
		})
	default:
		list = append(list, Finding{Area: "key", Name: "key_copy", Grade: health.Pass, Detail: "The copy is the key in use."})
	}
	return list
}

// holding finds the small files right inside the folders that hold a secret.
func holding(folders []string, secret string) (paths []string) {
	if secret == "" {
		return nil
	}
	for _, dir := range folders {
		entries, _ := os.ReadDir(dir) // what cannot be read, Files reports
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || info.Size() > largestText {
				continue
			}
			path := filepath.Join(dir, e.Name())
			if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), secret) { //nolint:gosec // a file of our own folders
				paths = append(paths, path)
			}
		}
	}
	return paths
}
