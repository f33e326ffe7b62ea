package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Fast where the usual pace waits, and never by itself while settled, so that what is seen has a cause.
var testPace = Pace{
	Coalesce: 10 * time.Millisecond,
	Moving:   30 * time.Millisecond,
	Calm:     time.Hour,
	Settled:  time.Hour,
	Failing:  30 * time.Millisecond,
}

func serveVisualizer(t *testing.T, engine *fakeEngine) string {
	t.Helper()
	watcher := &Watcher{Engine: NewEngine(engine.socket), Pace: testPace}
	server := httptest.NewServer(NewHandler(watcher, NewHub(watcher.Run)))
	// Open streams would keep Close waiting.
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestManyBrowsersCostOneReading(t *testing.T) {
	engine := newFakeEngine(t)
	url := serveVisualizer(t, engine)
	for range 20 {
		if got := openBrowser(t, url).next().State.Summary.Tasks.Running; got != 4 {
			t.Errorf("running tasks: got %d, want 4", got)
		}
	}
	if got := engine.count("/tasks"); got != 1 {
		t.Errorf("readings for 20 browsers: got %d, want 1", got)
	}
	if got := engine.watched(); got != 1 {
		t.Errorf("event streams for 20 browsers: got %d, want 1", got)
	}
}

func TestAChangeIsPushedAndNothingElseIs(t *testing.T) {
	engine := newFakeEngine(t)
	browser := openBrowser(t, serveVisualizer(t, engine))
	browser.next()
	engine.emit()
	eventually(t, "the event is followed by a reading", func() bool { return engine.count("/tasks") == 2 })
	browser.nothing(100 * time.Millisecond)

	engine.change(taskState("failed"))
	engine.emit()
	if got := browser.next().State.Summary.Tasks.Running; got != 3 {
		t.Errorf("running tasks after one failed: got %d, want 3", got)
	}
}

func TestTasksOnTheirWayAreFollowedWithoutEvents(t *testing.T) {
	engine := newFakeEngine(t)
	engine.change(taskState("preparing"))
	browser := openBrowser(t, serveVisualizer(t, engine))
	browser.next()
	engine.change(taskState("running"))
	browser.until("all tasks run", func(s Snapshot) bool { return s.State.Summary.Tasks.Running == 4 })
}

func TestWithoutABrowserTheEngineIsLeftAlone(t *testing.T) {
	engine := newFakeEngine(t)
	engine.change(taskState("preparing"))
	url := serveVisualizer(t, engine)
	browser := openBrowser(t, url)
	browser.next()
	browser.leave()
	eventually(t, "the event stream ends", func() bool { return engine.watched() == 0 })
	before := engine.count("/tasks")
	time.Sleep(5 * testPace.Moving)
	if got := engine.count("/tasks"); got != before {
		t.Errorf("readings after the last browser left: %d", got-before)
	}
	engine.change(taskState("running"))
	if got := openBrowser(t, url).next().State.Summary.Tasks.Running; got != 4 {
		t.Errorf("the next browser got the old state: %d tasks running, want 4", got)
	}
}

func TestARestartOfTheEngineIsShownAndSurvived(t *testing.T) {
	engine := newFakeEngine(t)
	browser := openBrowser(t, serveVisualizer(t, engine))
	browser.next()
	engine.stop()
	lost := browser.until("the engine is gone", func(s Snapshot) bool { return s.Problem != nil })
	if lost.Problem.Kind != "engine" || lost.StaleSince == nil || len(lost.State.Nodes) != 5 {
		t.Errorf("want the last known state, marked stale, and an engine problem; got %+v", lost)
	}
	engine.setVersion("1.52")
	engine.start()
	back := browser.until("the engine is back", func(s Snapshot) bool { return s.Problem == nil })
	if back.StaleSince != nil {
		t.Errorf("still stale since %v", back.StaleSince)
	}
}

func TestLossOfQuorumIsShownWithTheLastKnownState(t *testing.T) {
	engine := newFakeEngine(t)
	browser := openBrowser(t, serveVisualizer(t, engine))
	browser.next()
	engine.refuse(500, "rpc error: code = Unknown desc = The swarm does not have a leader. "+
		"It's possible that too few managers are online. Make sure more than half of the managers are online.")
	engine.emit()
	lost := browser.next()
	if lost.Problem == nil || lost.Problem.Kind != "no-quorum" || lost.StaleSince == nil || lost.State == nil {
		t.Errorf("want the last known state and a no-quorum problem, got %+v", lost)
	}
	engine.refuse(0, "")
	browser.until("quorum is back", func(s Snapshot) bool { return s.Problem == nil && s.StaleSince == nil })
}

func TestALeaderThatLostTheOthersIsShownBeforeItStepsDown(t *testing.T) {
	engine := newFakeEngine(t)
	browser := openBrowser(t, serveVisualizer(t, engine))
	browser.next()
	engine.change(func(objects map[string]any) {
		for _, node := range objects["nodes"].([]any)[1:3] {
			node.(map[string]any)["ManagerStatus"].(map[string]any)["Reachability"] = "unreachable"
		}
	})
	engine.emit()
	lost := browser.next()
	if lost.Problem == nil || lost.Problem.Detail != "1 of 3 managers reachable, 2 needed." || lost.StaleSince != nil {
		t.Errorf("want a no-quorum problem over the present state, got %+v", lost)
	}
}

func TestNothingSecretOfAServiceIsServed(t *testing.T) {
	engine := newFakeEngine(t)
	url := serveVisualizer(t, engine)
	browser := openBrowser(t, url)
	browser.next()
	_, state := get(t, url+"/state")
	for _, served := range []string{state, <-browser.raw} {
		if !strings.Contains(served, "home_httpd") {
			t.Fatalf("the service is missing from %s", served)
		}
		// All are in the recorded swarm: a variable, its value, a label of a service.
		for _, secret := range []string{"PASSWORD", "hunter2", "family", "Env"} {
			if strings.Contains(served, secret) {
				t.Errorf("%q was served", secret)
			}
		}
	}
}

func TestTheEngineIsOnlyEverRead(t *testing.T) {
	engine := newFakeEngine(t)
	url := serveVisualizer(t, engine)
	openBrowser(t, url).next()
	get(t, url+"/state")
	response, err := http.Post(url+"/state", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /state: got %s", response.Status)
	}
	engine.mu.Lock()
	defer engine.mu.Unlock()
	if len(engine.methods) != 1 || !engine.methods[http.MethodGet] {
		t.Errorf("methods sent to the engine: %v", engine.methods)
	}
}

func TestStateAnswersWithoutABrowser(t *testing.T) {
	engine := newFakeEngine(t)
	url := serveVisualizer(t, engine)
	response, body := get(t, url+"/state")
	var snapshot Snapshot
	if err := json.Unmarshal([]byte(body), &snapshot); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || snapshot.State.Summary.Managers.Leader != "node1" {
		t.Errorf("%s: %s", response.Status, body)
	}
	engine.stop()
	time.Sleep(testPace.Coalesce)
	if response, body = get(t, url+"/state"); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without an engine: %s: %s", response.Status, body)
	}
	if response, _ = get(t, url+"/healthz"); response.StatusCode != http.StatusOK {
		t.Errorf("the visualizer itself is healthy without an engine; /healthz: %s", response.Status)
	}
}

func TestThePageIsCompleteInItself(t *testing.T) {
	url := serveVisualizer(t, newFakeEngine(t))
	response, body := get(t, url+"/")
	if !strings.Contains(body, "<title>Swarm</title>") {
		t.Errorf("not the page: %s", body)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") ||
		strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy: %q", policy)
	}
	for _, name := range []string{"app.js", "style.css", "favicon.svg"} {
		if response, _ := get(t, url+"/"+name); response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
	if response, _ := get(t, url+"/server.go"); response.StatusCode != http.StatusNotFound {
		t.Errorf("a file that is no part of the page: %s", response.Status)
	}
}
