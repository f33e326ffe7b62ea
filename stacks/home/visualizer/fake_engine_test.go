package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeEngine is a Docker engine on a unix socket that speaks exactly one API version, as Docker 29 nearly does.
type fakeEngine struct {
	t      *testing.T
	socket string

	mu       sync.Mutex
	server   *http.Server
	version  string
	objects  map[string]any
	refusal  string
	status   int
	requests map[string]int
	methods  map[string]bool
	watchers map[chan string]bool
}

// newFakeEngine serves the recorded swarm of testdata: three managers, two workers, the stack home.
func newFakeEngine(t *testing.T) *fakeEngine {
	t.Helper()
	// Not t.TempDir: its path may be longer than a unix socket's may be.
	folder, err := os.MkdirTemp("", "engine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	engine := &fakeEngine{
		t:        t,
		socket:   filepath.Join(folder, "docker.sock"),
		version:  "1.44",
		objects:  recordedSwarm(t),
		requests: map[string]int{},
		methods:  map[string]bool{},
		watchers: map[chan string]bool{},
	}
	engine.start()
	t.Cleanup(engine.stop)
	return engine
}

func recordedSwarm(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("testdata/swarm.json")
	if err != nil {
		t.Fatal(err)
	}
	var objects map[string]any
	if err := json.Unmarshal(text, &objects); err != nil {
		t.Fatal(err)
	}
	return objects
}

func (f *fakeEngine) start() {
	listener, err := net.Listen("unix", f.socket)
	if err != nil {
		f.t.Fatal(err)
	}
	server := &http.Server{Handler: f}
	f.server = server
	go func() { _ = server.Serve(listener) }()
}

func (f *fakeEngine) stop() { _ = f.server.Close() }

// change edits the swarm without telling anybody.
func (f *fakeEngine) change(edit func(objects map[string]any)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(f.objects)
}

// setVersion is an upgrade of the engine.
func (f *fakeEngine) setVersion(version string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version = version
}

// refuse makes the engine answer with an error, as a manager without quorum does; status 0 ends that.
func (f *fakeEngine) refuse(status int, message string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status, f.refusal = status, message
}

func (f *fakeEngine) emit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for watcher := range f.watchers {
		watcher <- `{"Type":"service","Action":"update","scope":"swarm"}`
	}
}

// count tells how often the path was asked for.
func (f *fakeEngine) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[path]
}

func (f *fakeEngine) watched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.watchers)
}

func (f *fakeEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	path := r.URL.Path
	if path != "/_ping" {
		path = strings.TrimPrefix(path, "/v"+f.version)
	}
	f.requests[path]++
	f.methods[r.Method] = true
	w.Header().Set("Api-Version", f.version)
	status, message := f.status, f.refusal
	list, known := f.objects[strings.TrimPrefix(path, "/")]
	// Encoded under the lock, since tests edit it.
	body, err := json.Marshal(list)
	f.mu.Unlock()
	switch {
	case path == "/_ping":
		fmt.Fprint(w, "OK")
	case path == "/events":
		f.serveEvents(w, r)
	case !known || err != nil:
		http.Error(w, `{"message":"client version is too old"}`, http.StatusBadRequest)
	case status != 0:
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
	default:
		_, _ = w.Write(body)
	}
}

func (f *fakeEngine) serveEvents(w http.ResponseWriter, r *http.Request) {
	events := make(chan string, 100)
	f.mu.Lock()
	f.watchers[events] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, events)
	}()
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case event := <-events:
			fmt.Fprintln(w, event)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// taskState sets the state of the first task of the recorded swarm.
func taskState(state string) func(objects map[string]any) {
	return func(objects map[string]any) {
		task := objects["tasks"].([]any)[0].(map[string]any)
		task["Status"].(map[string]any)["State"] = state
	}
}
