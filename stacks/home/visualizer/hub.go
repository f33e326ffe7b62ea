package main

import (
	"bytes"
	"context"
	"sync"
)

// Hub gives one watcher's snapshots to any number of browsers. The watcher runs only while there is a browser.
type Hub struct {
	watch func(ctx context.Context, publish func([]byte) bool)

	mu       sync.Mutex
	browsers map[chan []byte]bool
	latest   []byte
	stop     context.CancelFunc
}

// NewHub takes what to run while browsers are there; it must end when its context does.
func NewHub(watch func(ctx context.Context, publish func([]byte) bool)) *Hub {
	return &Hub{watch: watch, browsers: map[chan []byte]bool{}}
}

// Subscribe gives the latest snapshot and then every change. A reader that is too slow misses all but the newest.
// The function returned ends the subscription.
func (h *Hub) Subscribe() (<-chan []byte, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	browser := make(chan []byte, 1)
	h.browsers[browser] = true
	if h.latest != nil {
		browser <- h.latest
	}
	if h.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		h.stop = stop
		go h.watch(ctx, func(snapshot []byte) bool { return h.publish(ctx, snapshot) })
	}
	return browser, func() { h.unsubscribe(browser) }
}

func (h *Hub) unsubscribe(browser chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.browsers, browser)
	if len(h.browsers) == 0 && h.stop != nil {
		h.stop()
		// By the time the next browser comes it may be long out of date.
		h.stop, h.latest = nil, nil
	}
}

func (h *Hub) publish(ctx context.Context, snapshot []byte) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil || bytes.Equal(snapshot, h.latest) {
		return false
	}
	h.latest = snapshot
	for browser := range h.browsers {
		select {
		case <-browser:
		default:
		}
		browser <- snapshot
	}
	return true
}
