package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// browser is one open page: the stream of its snapshots.
type browser struct {
	t         *testing.T
	snapshots chan Snapshot
	raw       chan string
	leave     context.CancelFunc
}

func openBrowser(t *testing.T, url string) *browser {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	t.Cleanup(leave)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, snapshots: make(chan Snapshot, 100), raw: make(chan string, 100), leave: leave}
	go func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		event := ""
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			}
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var snapshot Snapshot
			if ok && event == "state" && json.Unmarshal([]byte(data), &snapshot) == nil {
				b.raw <- data
				b.snapshots <- snapshot
			}
		}
	}()
	return b
}

func (b *browser) next() Snapshot {
	b.t.Helper()
	select {
	case snapshot := <-b.snapshots:
		return snapshot
	case <-time.After(5 * time.Second):
		b.t.Fatal("no snapshot within 5 s")
		return Snapshot{}
	}
}

// until reads on to a snapshot that is as wanted.
func (b *browser) until(what string, wanted func(Snapshot) bool) Snapshot {
	b.t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		select {
		case snapshot := <-b.snapshots:
			if wanted(snapshot) {
				return snapshot
			}
		case <-deadline:
			b.t.Fatalf("not within 5 s: %s", what)
		}
	}
}

func (b *browser) nothing(during time.Duration) {
	b.t.Helper()
	select {
	case <-b.snapshots:
		b.t.Fatal("a snapshot was pushed though nothing had changed")
	case <-time.After(during):
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 5 s: %s", what)
		}
	}
}
