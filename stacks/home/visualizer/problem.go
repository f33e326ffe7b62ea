package main

import (
	"fmt"
	"strings"
	"time"
)

// Problem says why the page is not showing the swarm as it is now. It is an error and is shown as it stands.
type Problem struct {
	// Kind is one of engine, not-manager, locked, no-quorum, refused.
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	Detail string    `json:"detail"`
	Cure   string    `json:"cure"`
	Since  time.Time `json:"since"`
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%s: %s. %s", p.Title, p.Detail, p.Cure)
}

func engineSilent(socket string, cause error) *Problem {
	return &Problem{
		Kind:   "engine",
		Title:  "The Docker engine does not answer",
		Detail: cause.Error(),
		Cure: fmt.Sprintf("Check that dockerd runs on the visualizer's machine and that its socket is mounted at %s. "+
			"This page reconnects by itself.", socket),
	}
}

// engineRefused turns a refusal of the Engine API into a problem. The API gives no codes for these conditions:
// the texts matched are those of moby's daemon/cluster/errors.go and swarmkit's raft package.
func engineRefused(path string, status int, message string) *Problem {
	switch {
	case strings.Contains(message, "does not have a leader"):
		return noQuorum(message)
	case strings.Contains(message, "needs to be unlocked"):
		return &Problem{
			Kind:   "locked",
			Title:  "This manager is locked",
			Detail: message,
			Cure:   "Run `docker swarm unlock` on the visualizer's machine.",
		}
	case strings.Contains(message, "not a swarm manager"), strings.Contains(message, "not part of a swarm"):
		return &Problem{
			Kind:   "not-manager",
			Title:  "This engine is not a swarm manager",
			Detail: message,
			Cure:   "Run the visualizer on a manager: constraint `node.role==manager`.",
		}
	default:
		return &Problem{
			Kind:   "refused",
			Title:  "The Docker engine refused to answer",
			Detail: fmt.Sprintf("GET %s: status %d: %s", path, status, message),
			Cure:   "Read dockerd's log on the visualizer's machine. This page tries again by itself.",
		}
	}
}

func noQuorum(detail string) *Problem {
	return &Problem{
		Kind:   "no-quorum",
		Title:  "The swarm has no quorum",
		Detail: detail,
		Cure: "Running tasks go on, but nothing is moved, restarted or changed until more than half of the managers " +
			"are back.",
	}
}
