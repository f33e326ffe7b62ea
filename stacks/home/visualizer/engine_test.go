package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestProblemsSayWhatIsWrongAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name, message, kind, cure string
		status                    int
	}{
		// The messages are those of Docker 20.10, as recorded.
		{"a worker", "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. " +
			"Please run this command on a manager node or promote the current node to a manager.",
			"not-manager", "node.role==manager", 503},
		{"an engine in no swarm", "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" " +
			"to connect this node to swarm and try again.", "not-manager", "node.role==manager", 503},
		{"a locked manager", "Swarm is encrypted and needs to be unlocked before it can be used. " +
			"Please use \"docker swarm unlock\" to unlock it.", "locked", "docker swarm unlock", 503},
		{"no leader", "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few " +
			"managers are online. Make sure more than half of the managers are online.", "no-quorum", "more than half", 500},
		{"anything else", "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
			"refused", "dockerd's log", 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			engine := newFakeEngine(t)
			engine.refuse(test.status, test.message)
			_, err := NewEngine(engine.socket).Read(context.Background())
			var problem *Problem
			if !errors.As(err, &problem) {
				t.Fatalf("not a problem: %v", err)
			}
			if problem.Kind != test.kind || !strings.Contains(problem.Cure, test.cure) ||
				!strings.Contains(problem.Detail, test.message) {
				t.Errorf("got %+v", problem)
			}
			if got := engine.count("/tasks"); got != 0 {
				t.Errorf("asked on %d times after a refusal", got)
			}
		})
	}
}

func TestAMissingSocketIsNamed(t *testing.T) {
	_, err := NewEngine("/nowhere/docker.sock").Read(context.Background())
	if err == nil || strings.Count(err.Error(), "/nowhere/docker.sock") != 2 {
		t.Errorf("want the socket in cause and cure, got %v", err)
	}
}

func TestTheVersionIsTheEnginesOwn(t *testing.T) {
	fake := newFakeEngine(t)
	engine := NewEngine(fake.socket)
	for _, version := range []string{"1.43", "1.52"} {
		fake.setVersion(version)
		if _, err := engine.Read(context.Background()); version == "1.43" && err != nil {
			t.Fatal(err)
		}
	}
	// The first request after an upgrade still had the old version.
	if _, err := engine.Read(context.Background()); err != nil {
		t.Errorf("the version was not asked for again: %v", err)
	}
}

func TestTheEndOfAReadingIsNoProblemOfTheEngine(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewEngine(newFakeEngine(t).socket).Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
