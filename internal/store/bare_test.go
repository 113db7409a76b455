package store

import (
	"context"
	"database/sql"
	"testing"
	"time"
)

// TestBareStatements: values of every kind arrive as through database/sql, a
// statement is parsed once, and what cannot be a value is an error that leaves
// the connection as it was.
func TestBareStatements(t *testing.T) {
	t.Parallel()
	m := newMeter()
	write, read, err := lite{t.TempDir() + "/x.db"}.pools(m, true)
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	defer read.Close()
	conn, err := write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var b bare
	type named string
	run := func(query string, args ...any) error {
		return b.run(context.WithoutCancel(t.Context()), conn, query, args)
	}
	if err := run(`CREATE TABLE x (a, b, c, d, e, f, g)`); err != nil {
		t.Fatal(err)
	}
	const insert = `INSERT INTO x VALUES ($1, $2, $3, $4, $5, $6, $7)`
	for i := range 3 {
		if err := run(insert, i, "text", []byte("bytes"), true, named("named"), nil, 7*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(insert, make(chan int), "", "", "", "", "", ""); err == nil {
		t.Error("a channel was taken for a value")
	}
	if err := run(`INSERT INTO nothing VALUES (1)`); err == nil {
		t.Error("a statement without a table succeeded")
	}
	var n, a, d, g int
	var types, text string
	err = conn.QueryRowContext(t.Context(), `SELECT count(*), max(a), max(d), max(g), max(b || c || e),
		max(typeof(a) || typeof(b) || typeof(c) || typeof(e) || typeof(f)) FROM x`).Scan(&n, &a, &d, &g, &text, &types)
	if err != nil || n != 3 || a != 2 || d != 1 || g != int(7*time.Second) || text != "textbytesnamed" || types != "integertextblobtextnull" {
		t.Errorf("stored are %d rows, %d, %d, %d, %q, %q, %v", n, a, d, g, text, types, err)
	}
	if len(b.stmts) != 2 {
		t.Errorf("%d statements are kept, want 2", len(b.stmts))
	}
	b.forget(conn)
	if err := run(insert, 9, nil, nil, nil, nil, nil, nil); err != nil {
		t.Errorf("after forgetting: %v", err)
	}
	b.forget(conn)
	if err := b.run(t.Context(), (*sql.Conn)(nil), insert, nil); err == nil {
		t.Error("a statement ran without a connection")
	}
}
