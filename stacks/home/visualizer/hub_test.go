package main

import (
	"context"
	"testing"
)

func TestASlowBrowserGetsTheNewestSnapshot(t *testing.T) {
	publishers := make(chan func([]byte) bool, 1)
	hub := NewHub(func(_ context.Context, publish func([]byte) bool) { publishers <- publish })
	snapshots, unsubscribe := hub.Subscribe()
	publish := <-publishers
	for _, text := range []string{"one", "two", "three"} {
		publish([]byte(text))
	}
	if got := string(<-snapshots); got != "three" {
		t.Errorf("got %q", got)
	}
	if publish([]byte("three")) {
		t.Error("the same snapshot was taken for a change")
	}
	unsubscribe()
	if publish([]byte("four")) {
		t.Error("published after the last browser left")
	}
}

func TestALaterBrowserGetsTheLatestAtOnce(t *testing.T) {
	publishers := make(chan func([]byte) bool, 1)
	hub := NewHub(func(_ context.Context, publish func([]byte) bool) { publishers <- publish })
	_, unsubscribe := hub.Subscribe()
	defer unsubscribe()
	(<-publishers)([]byte("one"))
	later, leave := hub.Subscribe()
	defer leave()
	if got := string(<-later); got != "one" {
		t.Errorf("got %q", got)
	}
}
