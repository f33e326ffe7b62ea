package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// Pace is how often the engine is asked. Events ask at once; the intervals are for what no event tells.
type Pace struct {
	// Coalesce is the least time between two readings: events come in bursts.
	Coalesce time.Duration
	// Moving applies while tasks are on their way, unless nothing has changed for as long as Calm.
	Moving time.Duration
	Calm   time.Duration
	// Settled applies otherwise.
	Settled time.Duration
	// Failing applies while the engine does not answer or has no quorum.
	Failing time.Duration
}

// UsualPace costs a settled swarm three small requests every five seconds, and nothing without a browser.
var UsualPace = Pace{
	Coalesce: 200 * time.Millisecond,
	Moving:   time.Second,
	Calm:     30 * time.Second,
	Settled:  5 * time.Second,
	Failing:  2 * time.Second,
}

// A reading takes long when the swarm is large; the manager is to spend at most a tenth of its time on readings.
const shareOfManager = 10

// Watcher keeps the latest snapshot of one engine's swarm. The zero values of its unexported fields are ready to use.
type Watcher struct {
	Engine *Engine
	Pace   Pace

	mu       sync.Mutex
	snapshot Snapshot
	readAt   time.Time
}

// Read reads the swarm, unless somebody else did within the coalescing time, and returns the latest snapshot. A failed
// reading is a snapshot too: the last known state with the problem. The only error is the end of ctx.
func (w *Watcher) Read(ctx context.Context) (Snapshot, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.readAt) < w.Pace.Coalesce {
		return w.snapshot, nil
	}
	objects, err := w.Engine.Read(ctx)
	now := time.Now()
	var problem *Problem
	switch {
	case err == nil:
		state := NewState(objects, now)
		w.fail(state.Quorum(), now)
		w.snapshot.State, w.snapshot.StaleSince = state, nil
	case errors.As(err, &problem):
		w.fail(problem, now)
		if w.snapshot.State != nil && w.snapshot.StaleSince == nil {
			staleSince := w.readAt
			w.snapshot.StaleSince = &staleSince
		}
	default:
		return w.snapshot, err
	}
	w.readAt = now
	return w.snapshot, nil
}

// fail keeps the time at which a problem began for as long as it stays the same kind.
func (w *Watcher) fail(problem *Problem, now time.Time) {
	if problem != nil {
		problem.Since = now
		if last := w.snapshot.Problem; last != nil && last.Kind == problem.Kind {
			problem.Since = last.Since
		}
	}
	w.snapshot.Problem = problem
}

// Run reads until ctx ends and publishes every snapshot as JSON; publish tells whether it was news.
func (w *Watcher) Run(ctx context.Context, publish func([]byte) bool) {
	changed := make(chan struct{}, 1)
	go w.follow(ctx, changed)
	lastNews := time.Now()
	// The stream of events comes first, so that nothing changes unseen between the reading and the stream.
	wait := w.Pace.Moving
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			pause(ctx, w.Pace.Coalesce-time.Since(w.lastRead()))
		case <-time.After(wait):
		}
		started := time.Now()
		snapshot, err := w.Read(ctx)
		if err != nil {
			return
		}
		payload, err := json.Marshal(snapshot)
		if err == nil && publish(payload) {
			lastNews = time.Now()
		}
		wait = max(w.interval(snapshot, time.Since(lastNews)), shareOfManager*time.Since(started))
	}
}

// follow turns the engine's events into signals, and signals the beginning and end of each stream too.
func (w *Watcher) follow(ctx context.Context, changed chan<- struct{}) {
	signal := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	for ctx.Err() == nil {
		_ = w.Engine.Watch(ctx, signal)
		signal()
		pause(ctx, w.Pace.Failing)
	}
}

func (w *Watcher) interval(snapshot Snapshot, quiet time.Duration) time.Duration {
	switch {
	case snapshot.Problem != nil:
		return w.Pace.Failing
	case quiet < w.Pace.Calm && snapshot.State.Moving():
		return w.Pace.Moving
	default:
		return w.Pace.Settled
	}
}

func (w *Watcher) lastRead() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.readAt
}

func pause(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
