package main

import (
	"sort"
	"time"
)

// Phase is the state of a task in the words of the page.
type Phase string

const (
	Running  Phase = "running"
	Starting Phase = "starting"
	Pending  Phase = "pending"
	Stopping Phase = "stopping"
	Failed   Phase = "failed"
	Complete Phase = "complete"
	// Lost is a task that was live when its node went down: swarm replaces it, and nobody knows whether it runs.
	Lost Phase = "lost"
	// Gone is a task that was shut down as wished; it is not shown.
	Gone Phase = "gone"
)

// recently is how long a failure stays on the page after its slot runs again.
const recently = 5 * time.Minute

// phaseOf reads swarm's task life cycle:
// https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/
func phaseOf(task apiTask, nodeDown bool) Phase {
	switch task.Status.State {
	case "failed", "rejected":
		return Failed
	case "complete":
		return Complete
	case "shutdown", "remove", "orphaned":
		return Gone
	}
	wanted := task.DesiredState != "shutdown" && task.DesiredState != "remove"
	switch {
	case nodeDown:
		return Lost
	case !wanted && task.NodeID == "":
		return Gone
	case !wanted:
		return Stopping
	case task.Status.State == "running":
		return Running
	case task.NodeID == "":
		return Pending
	default:
		return Starting
	}
}

func (p Phase) ended() bool { return p == Failed || p == Complete }

// slot is a place of a service that is to have one running task: a number, or a node when the service is global.
type slot struct {
	serviceID string
	number    int
	nodeID    string
}

func slotOf(task Task, global bool) slot {
	if global {
		return slot{serviceID: task.ServiceID, nodeID: task.NodeID}
	}
	return slot{serviceID: task.ServiceID, number: task.Slot}
}

// visibleTasks keeps live tasks, and of each slot's ended tasks the newest, if that was recent or is the reason why
// nothing runs in the slot.
func visibleTasks(tasks []Task, slots map[string]slot, now time.Time) []Task {
	running := map[slot]bool{}
	lastEnd := map[slot]Task{}
	endings := map[slot]int{}
	for _, task := range tasks {
		place := slots[task.ID]
		if task.Phase == Running {
			running[place] = true
		}
		if task.Phase.ended() {
			endings[place]++
			if last, ok := lastEnd[place]; !ok || newer(task, last) {
				lastEnd[place] = task
			}
		}
	}
	visible := []Task{}
	for _, task := range tasks {
		place := slots[task.ID]
		switch {
		case task.Phase == Gone:
			continue
		case task.Phase.ended():
			if task.ID != lastEnd[place].ID || (running[place] && now.Sub(task.Since) > recently) {
				continue
			}
			task.Endings = endings[place]
		}
		visible = append(visible, task)
	}
	sort.Slice(visible, func(i, j int) bool {
		a, b := visible[i], visible[j]
		if a.ServiceID != b.ServiceID {
			return a.ServiceID < b.ServiceID
		}
		if a.Slot != b.Slot {
			return a.Slot < b.Slot
		}
		if a.Since.Equal(b.Since) {
			return a.ID < b.ID
		}
		return newer(a, b)
	})
	return visible
}

func newer(a, b Task) bool {
	if a.Since.Equal(b.Since) {
		return a.ID > b.ID
	}
	return a.Since.After(b.Since)
}
