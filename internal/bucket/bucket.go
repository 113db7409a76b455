// Package bucket keeps files in one bucket of any service that speaks the S3
// protocol, addressed by path so that a self-hosted one needs no names of its
// own. It only carries bytes: what is in them, and whether they came back as
// they went, is for the caller to judge. Start with Open, then Bucket.Put.
package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// maxSize is what one upload may carry in the S3 protocol. Uploads in parts
// would leave parts behind when they are cut off.
const maxSize = 5 << 30

// usualStall is how long a transfer may stand still.
const usualStall = time.Minute

// usualTries is how often a request is made before it fails for good.
const usualTries = 4

// ErrStalled means that the other side neither sent nor took anything for too
// long.
var ErrStalled = errors.New("transfer stands still")

// Config names a bucket and who may use it.
type Config struct {
	Endpoint  string            // such as https://s3.eu-central-1.amazonaws.com or http://minio:9000
	Region    string            // empty: us-east-1, which most self-hosted services take
	Bucket    string            // must exist
	Prefix    string            // folder inside the bucket; empty: none
	AccessKey string            // id of the key
	Secret    string            // never logged
	Transport http.RoundTripper // nil: the usual one
	Stall     time.Duration     // longest standstill; 0 means a minute
	Tries     int               // of one request; 0 means 4
}

// Bucket is safe for concurrent use and holds nothing that needs closing.
type Bucket struct {
	core     minio.Core
	endpoint string
	name     string
	prefix   string
	stall    time.Duration
}

// Open checks the configuration. It does not connect; the first request does.
func Open(cfg Config) (*Bucket, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, errors.New("address of the S3 service must look like https://s3.example.com or http://host:9000, without a path or a password")
	}
	if cfg.Bucket == "" || cfg.AccessKey == "" || cfg.Secret == "" {
		return nil, errors.New("an S3 bucket needs its name, the id of an access key and its secret")
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(cfg.AccessKey, cfg.Secret, ""),
		Secure:       u.Scheme == "https",
		Region:       cmp.Or(cfg.Region, "us-east-1"), // set, so that nobody is asked for it
		BucketLookup: minio.BucketLookupPath,
		Transport:    cfg.Transport,
		MaxRetries:   cmp.Or(cfg.Tries, usualTries),
	})
	if err != nil {
		return nil, fmt.Errorf("open S3 bucket %s: %w", cfg.Bucket, err)
	}
	b := &Bucket{
		core: minio.Core{Client: client}, endpoint: u.Host, name: cfg.Bucket,
		prefix: strings.Trim(cfg.Prefix, "/"), stall: cmp.Or(cfg.Stall, usualStall),
	}
	if b.prefix != "" {
		b.prefix += "/"
	}
	return b, nil
}

// String names the bucket without its keys.
func (b *Bucket) String() string { return b.endpoint + "/" + b.name + "/" + b.prefix }

// Put stores size bytes under a name, wholly or not at all, replacing what was
// there.
func (b *Bucket) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if size > maxSize {
		return fmt.Errorf("store %s in %s: it has %d bytes, one upload takes %d; back up to a folder instead", name, b, size, int64(maxSize))
	}
	ctx, w := watch(ctx, b.stall)
	defer w.stop()
	_, err := b.core.Client.PutObject(ctx, b.name, b.prefix+name, &watchedReader{r, w}, size,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	if err != nil {
		return fmt.Errorf("store %s in %s: %w", name, b, w.explain(err))
	}
	return nil
}

// Get opens what is stored under a name. A download that is cut off ends in an
// error, never as if that were all. The error is fs.ErrNotExist when there is
// nothing.
func (b *Bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	ctx, w := watch(ctx, b.stall)
	body, _, _, err := b.core.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		w.stop()
		return nil, fmt.Errorf("read %s from %s: %w", name, b, w.explain(err))
	}
	return &download{body: body, w: w, name: name}, nil
}

// List names what is stored below the prefix, folders inside it left out.
func (b *Bucket) List(ctx context.Context) ([]string, error) {
	ctx, w := watch(ctx, b.stall)
	defer w.stop()
	var names []string
	for object := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix}) {
		w.moved()
		if object.Err != nil {
			return nil, fmt.Errorf("list %s: %w", b, w.explain(object.Err))
		}
		name := strings.TrimPrefix(object.Key, b.prefix)
		if name != "" && !strings.HasSuffix(name, "/") {
			names = append(names, name)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", b, w.explain(err))
	}
	return names, nil
}

// Delete removes what is stored under a name. The protocol does not tell
// whether there was anything.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	ctx, w := watch(ctx, b.stall)
	defer w.stop()
	if err := b.core.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete %s from %s: %w", name, b, w.explain(err))
	}
	return nil
}

// watched ends a transfer that stands still. A limit for the whole transfer
// would be wrong for a large file on a slow line.
type watched struct {
	ctx    context.Context // of the request
	cancel context.CancelCauseFunc
	timer  *time.Timer
	after  time.Duration
}

func watch(ctx context.Context, after time.Duration) (context.Context, *watched) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watched{ctx: ctx, cancel: cancel, timer: time.AfterFunc(after, func() { cancel(ErrStalled) }), after: after}
}

func (w *watched) moved() { w.timer.Reset(w.after) }

func (w *watched) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain adds what an error means and what to do.
func (w *watched) explain(err error) error {
	if cause := context.Cause(w.ctx); errors.Is(cause, ErrStalled) {
		return fmt.Errorf("%w for %s: %w", ErrStalled, w.after, err)
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey:
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case minio.NoSuchBucket:
		return fmt.Errorf("there is no such bucket; create it: %w", err)
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return fmt.Errorf("the service does not accept the access key; check its id, its secret and its rights to read, write, list and delete: %w", err)
	}
	return err
}

// watchedReader tells that an upload moves.
type watchedReader struct {
	io.ReadSeeker
	w *watched
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.w.moved()
	return r.ReadSeeker.Read(p)
}

// download is the body of an answer.
type download struct {
	body io.ReadCloser
	w    *watched
	name string
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.body.Read(p)
	d.w.moved()
	if err != nil && !errors.Is(err, io.EOF) {
		// With %v, because to a caller io.ErrUnexpectedEOF would mean that the
		// file is short, and not that the line was cut.
		err = fmt.Errorf("read %s: the download was cut off: %v", d.name, d.w.explain(err)) //nolint:errorlint // as said
	}
	return n, err
}

func (d *download) Close() error {
	d.w.stop()
	return d.body.Close()
}
