package main

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

//go:embed page
var page embed.FS

const (
	// A browser that has gone without a word is noticed when a write to it takes this long.
	writeTimeout = 10 * time.Second
	// The page takes a connection that is silent for three beats for a broken one.
	beatInterval = 10 * time.Second
)

// The page is complete in itself: it may load nothing from elsewhere, and nothing may frame it.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-cache",
}

// NewHandler serves the page, the live stream /events, the same state as JSON at /state, and /healthz.
func NewHandler(watcher *Watcher, hub *Hub) http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	version := pageVersion(files)
	static := http.FileServerFS(files)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+version+`"`)
		static.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { serveEvents(w, r, hub, version) })
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) {
		snapshot, err := watcher.Read(r.Context())
		if err != nil {
			return // the client has gone
		}
		w.Header().Set("Content-Type", "application/json")
		if snapshot.Problem != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(snapshot)
	})
	// Healthy is a visualizer that serves its page, also while the engine is away: a restart would not mend that.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
	})
}

// serveEvents sends "hello" once, "state" at every change, and "beat" so that the page knows the line is alive.
func serveEvents(w http.ResponseWriter, r *http.Request, hub *Hub, version string) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	connection := http.NewResponseController(w)
	send := func(event string, data []byte) error {
		_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data); err != nil {
			return err
		}
		return connection.Flush()
	}
	snapshots, unsubscribe := hub.Subscribe()
	defer unsubscribe()
	beat := time.NewTicker(beatInterval)
	defer beat.Stop()
	err := send("hello", clock(version))
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case snapshot := <-snapshots:
			err = send("state", snapshot)
		case <-beat.C:
			err = send("beat", clock(version))
		}
	}
}

// clock tells the page its server's time, since a wall display's own may be wrong, and the version to be at.
func clock(version string) []byte {
	text, err := json.Marshal(map[string]any{"now": time.Now().UnixMilli(), "version": version})
	if err != nil {
		panic(err) // a number and a string
	}
	return text
}

// pageVersion changes with any file of the page; an open page that learns of another version loads itself again.
func pageVersion(files fs.FS) string {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		sum.Write(content)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
