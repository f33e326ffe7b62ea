package main

import "time"

// Snapshot is what browsers get: the last reading of the swarm and, if that is not the present, why.
type Snapshot struct {
	// Problem is nil while the swarm is read and has quorum.
	Problem *Problem `json:"problem"`
	// StaleSince is when the state below was read, if it could not be read again since.
	StaleSince *time.Time `json:"staleSince,omitempty"`
	// State is nil until the first successful reading.
	State *State `json:"state"`
}

// State is the swarm at one moment. Two readings of an unchanged swarm give equal states.
type State struct {
	Summary  Summary   `json:"summary"`
	Nodes    []Node    `json:"nodes"`
	Services []Service `json:"services"`
	Tasks    []Task    `json:"tasks"`
}

// Summary counts what the header of the page shows.
type Summary struct {
	Managers struct {
		Total     int `json:"total"`
		Reachable int `json:"reachable"`
		// Needed is the size of a quorum: more than half of the managers.
		Needed int    `json:"needed"`
		Leader string `json:"leader"`
	} `json:"managers"`
	Nodes struct {
		Total int `json:"total"`
		Ready int `json:"ready"`
	} `json:"nodes"`
	Services struct {
		Total     int `json:"total"`
		Converged int `json:"converged"`
	} `json:"services"`
	Tasks struct {
		Desired int `json:"desired"`
		Running int `json:"running"`
	} `json:"tasks"`
}

// Node is a member of the swarm; its fields use swarm's own words.
type Node struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Role         string `json:"role"`
	Leader       bool   `json:"leader"`
	Reachability string `json:"reachability,omitempty"`
	Availability string `json:"availability"`
	State        string `json:"state"`
	Message      string `json:"message,omitempty"`
	Address      string `json:"address"`
	// Labels are key=value, or the key alone, sorted.
	Labels        []string `json:"labels"`
	EngineVersion string   `json:"engineVersion"`
	OS            string   `json:"os"`
	Architecture  string   `json:"architecture"`
	CPUs          float64  `json:"cpus"`
	MemoryBytes   int64    `json:"memoryBytes"`
}

// Service counts tasks that run on nodes that answer, which `docker service ls` does not: it says 3/3 or even 4/3
// while a node is down.
type Service struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Stack string `json:"stack,omitempty"`
	// Mode is one of replicated, global, replicated-job, global-job.
	Mode  string `json:"mode"`
	Image Image  `json:"image"`
	// Running counts completed tasks when the service is a job.
	Running   int    `json:"running"`
	Desired   int    `json:"desired"`
	Converged bool   `json:"converged"`
	Ports     []Port `json:"ports"`
	// Update is empty, or one of updating, paused, rolling back, rollback paused, rolled back.
	Update        string `json:"update,omitempty"`
	UpdateMessage string `json:"updateMessage,omitempty"`
}

// Port is a published port. Published is 0 until swarm has chosen one.
type Port struct {
	Published int    `json:"published"`
	Target    int    `json:"target"`
	Protocol  string `json:"protocol"`
	// Mode is ingress (answers on every node) or host (only where a task runs).
	Mode string `json:"mode"`
}

// Task is one attempt to run a service's container.
type Task struct {
	ID        string `json:"id"`
	ServiceID string `json:"serviceId"`
	// NodeID is empty while no node has been chosen.
	NodeID string `json:"nodeId,omitempty"`
	// Slot is 0 for tasks of global services, which have none.
	Slot int `json:"slot"`
	// Phase is what a viewer wants to know; State and Desired are swarm's own words.
	Phase   Phase     `json:"phase"`
	State   string    `json:"state"`
	Desired string    `json:"desired"`
	Message string    `json:"message,omitempty"`
	Error   string    `json:"error,omitempty"`
	Since   time.Time `json:"since"`
	Image   Image     `json:"image"`
	// ContainerID has the usual 12 digits.
	ContainerID string `json:"containerId,omitempty"`
	// Endings counts the task and its predecessors in the same slot that ended, as far as swarm remembers them
	// (five by default); 0 while the task lives.
	Endings int `json:"endings,omitempty"`
}

// Image is an image reference in parts.
type Image struct {
	// Name is the last part of the repository, Tag is "latest" when none is given and empty with a bare digest.
	Name string `json:"name"`
	Tag  string `json:"tag"`
	// Reference is the whole of it, without the digest that swarm adds to a tag.
	Reference string `json:"reference"`
}
