package main

import (
	"fmt"
	"net"
	"sort"
	"time"
)

// NewState turns a reading into what the page shows. It is pure: now only decides which failures are recent.
func NewState(objects Objects, now time.Time) *State {
	state := &State{Nodes: []Node{}, Services: []Service{}}
	down := map[string]bool{}
	for _, node := range objects.Nodes {
		state.Nodes = append(state.Nodes, nodeOf(node))
		down[node.ID] = node.Status.State == "down"
	}
	services := map[string]apiService{}
	for _, service := range objects.Services {
		services[service.ID] = service
	}
	slots := map[string]slot{}
	tasks := []Task{}
	tasksOf := map[string][]Task{}
	for _, object := range objects.Tasks {
		service, known := services[object.ServiceID]
		// Without a service it is a plain container attached to an overlay network.
		if object.ServiceID == "" || isFormerRun(object, service) {
			continue
		}
		task := taskOf(object, down[object.NodeID])
		// Swarm keeps the history of a removed job.
		if task.Phase.ended() && !known {
			continue
		}
		tasks = append(tasks, task)
		tasksOf[task.ServiceID] = append(tasksOf[task.ServiceID], task)
		slots[task.ID] = slotOf(task, isGlobal(service))
	}
	for _, service := range objects.Services {
		state.Services = append(state.Services, serviceOf(service, tasksOf[service.ID], slots, now))
	}
	state.Tasks = visibleTasks(tasks, slots, now)
	sort.Slice(state.Nodes, func(i, j int) bool {
		a, b := state.Nodes[i], state.Nodes[j]
		if a.Role != b.Role {
			return a.Role == "manager"
		}
		return before(a.Name, b.Name, a.ID, b.ID)
	})
	sort.Slice(state.Services, func(i, j int) bool {
		a, b := state.Services[i], state.Services[j]
		if a.Stack != b.Stack {
			return a.Stack < b.Stack
		}
		return before(a.Name, b.Name, a.ID, b.ID)
	})
	state.Summary = summaryOf(state)
	return state
}

// Quorum is a problem while fewer managers than needed are reachable. A leader that lost the others notices this some
// seconds before it steps down and refuses to answer.
func (s *State) Quorum() *Problem {
	managers := s.Summary.Managers
	if managers.Reachable >= managers.Needed {
		return nil
	}
	return noQuorum(fmt.Sprintf("%d of %d managers reachable, %d needed.",
		managers.Reachable, managers.Total, managers.Needed))
}

// Moving tells whether tasks are on their way to another state, which no event will announce.
func (s *State) Moving() bool {
	for _, task := range s.Tasks {
		switch task.Phase {
		case Starting, Stopping:
			return true
		case Pending:
			if task.Error == "" {
				return true
			}
		}
	}
	return false
}

func nodeOf(object apiNode) Node {
	node := Node{
		ID:            object.ID,
		Name:          object.Description.Hostname,
		Role:          object.Spec.Role,
		Availability:  object.Spec.Availability,
		State:         object.Status.State,
		Message:       object.Status.Message,
		Address:       object.Status.Addr,
		Labels:        []string{},
		EngineVersion: object.Description.Engine.EngineVersion,
		OS:            object.Description.Platform.OS,
		Architecture:  object.Description.Platform.Architecture,
		CPUs:          float64(object.Description.Resources.NanoCPUs) / 1e9,
		MemoryBytes:   object.Description.Resources.MemoryBytes,
	}
	if node.Name == "" {
		node.Name = object.ID
	}
	if manager := object.ManagerStatus; manager != nil {
		node.Leader = manager.Leader
		node.Reachability = manager.Reachability
		// A leader may have 0.0.0.0 as its own Status.Addr (moby issue 35437).
		if host, _, err := net.SplitHostPort(manager.Addr); err == nil {
			node.Address = host
		}
	}
	for key, value := range object.Spec.Labels {
		if value != "" {
			key += "=" + value
		}
		node.Labels = append(node.Labels, key)
	}
	sort.Strings(node.Labels)
	return node
}

func taskOf(object apiTask, nodeDown bool) Task {
	task := Task{
		ID:          object.ID,
		ServiceID:   object.ServiceID,
		NodeID:      object.NodeID,
		Slot:        object.Slot,
		Phase:       phaseOf(object, nodeDown),
		State:       object.Status.State,
		Desired:     object.DesiredState,
		Message:     object.Status.Message,
		Error:       object.Status.Err,
		Since:       object.Status.Timestamp,
		Image:       imageOf(object.Spec.ContainerSpec.Image),
		ContainerID: object.Status.ContainerStatus.ContainerID,
	}
	if len(task.ContainerID) > 12 {
		task.ContainerID = task.ContainerID[:12]
	}
	return task
}

func summaryOf(state *State) Summary {
	var summary Summary
	for _, node := range state.Nodes {
		summary.Nodes.Total++
		if node.State == "ready" {
			summary.Nodes.Ready++
		}
		// By membership of the raft group, which a node has some seconds after its promotion.
		if node.Reachability != "" {
			summary.Managers.Total++
		}
		if node.Reachability == "reachable" {
			summary.Managers.Reachable++
		}
		if node.Leader {
			summary.Managers.Leader = node.Name
		}
	}
	summary.Managers.Needed = summary.Managers.Total/2 + 1
	for _, service := range state.Services {
		summary.Services.Total++
		if service.Converged {
			summary.Services.Converged++
		}
		if service.job() {
			continue
		}
		summary.Tasks.Desired += service.Desired
		summary.Tasks.Running += service.Running
	}
	return summary
}
