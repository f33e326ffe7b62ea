package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Objects is one reading of the swarm, as its manager's Engine API gives it.
//
// The types below name every field that is ever decoded. Environment variables, secrets, configs, mounts,
// commands and labels of services are absent on purpose: what is not decoded cannot be served.
type Objects struct {
	Nodes    []apiNode
	Services []apiService
	Tasks    []apiTask
}

// See https://docs.docker.com/reference/api/engine/ (Node, Service, Task) for the meaning of the fields.

type apiNode struct {
	ID   string
	Spec struct {
		Labels       map[string]string
		Role         string
		Availability string
	}
	Description struct {
		Hostname  string
		Platform  struct{ Architecture, OS string }
		Resources struct{ NanoCPUs, MemoryBytes int64 }
		Engine    struct{ EngineVersion string }
	}
	Status        struct{ State, Message, Addr string }
	ManagerStatus *struct {
		Leader       bool
		Reachability string
		Addr         string
	}
}

type apiService struct {
	ID   string
	Spec struct {
		Name   string
		Labels struct {
			Stack string `json:"com.docker.stack.namespace"`
		}
		TaskTemplate apiTaskSpec
		Mode         struct {
			Replicated    *struct{ Replicas int }
			Global        *struct{}
			ReplicatedJob *struct{ TotalCompletions int }
			GlobalJob     *struct{}
		}
	}
	Endpoint struct {
		Ports []struct {
			Protocol      string
			TargetPort    int
			PublishedPort int
			PublishMode   string
		}
	}
	UpdateStatus *struct {
		State       string
		Message     string
		CompletedAt time.Time
	}
	JobStatus *struct{ JobIteration apiVersion }
}

type apiTask struct {
	ID           string
	ServiceID    string
	NodeID       string
	Slot         int
	DesiredState string
	Spec         apiTaskSpec
	JobIteration *apiVersion
	Status       struct {
		Timestamp       time.Time
		State           string
		Message         string
		Err             string
		ContainerStatus struct{ ContainerID string }
	}
}

type apiTaskSpec struct {
	ContainerSpec struct{ Image string }
}

type apiVersion struct{ Index uint64 }

// decodeEach decodes a JSON array one element at a time, so that a large reading is never held as text.
func decodeEach[T any](body io.Reader) ([]T, error) {
	decoder := json.NewDecoder(body)
	if start, err := decoder.Token(); err != nil {
		return nil, err
	} else if start == nil {
		return nil, nil
	} else if start != json.Delim('[') {
		return nil, fmt.Errorf("expected a list, got %v", start)
	}
	var all []T
	for decoder.More() {
		var one T
		if err := decoder.Decode(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	_, err := decoder.Token()
	return all, err
}
