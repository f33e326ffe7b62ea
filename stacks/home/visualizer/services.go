package main

import (
	"sort"
	"strings"
	"time"
)

func isGlobal(service apiService) bool {
	return service.Spec.Mode.Global != nil || service.Spec.Mode.GlobalJob != nil
}

func isJob(service apiService) bool {
	return service.Spec.Mode.ReplicatedJob != nil || service.Spec.Mode.GlobalJob != nil
}

func (s Service) job() bool { return s.Mode == "replicated-job" || s.Mode == "global-job" }

// isFormerRun tells whether the task belongs to a run of the job before its current one.
func isFormerRun(task apiTask, service apiService) bool {
	return isJob(service) && service.JobStatus != nil && task.JobIteration != nil &&
		task.JobIteration.Index < service.JobStatus.JobIteration.Index
}

func serviceOf(object apiService, tasks []Task, slots map[string]slot, now time.Time) Service {
	service := Service{
		ID:    object.ID,
		Name:  object.Spec.Name,
		Stack: object.Spec.Labels.Stack,
		Image: imageOf(object.Spec.TaskTemplate.ContainerSpec.Image),
		Ports: portsOf(object),
	}
	good := Running
	if isJob(object) {
		good = Complete
	}
	wanted, reached := map[slot]bool{}, map[slot]bool{}
	for _, task := range tasks {
		place := slots[task.ID]
		if task.Phase == good {
			reached[place] = true
		}
		if task.Phase != Lost && task.Desired != "shutdown" && task.Desired != "remove" {
			wanted[place] = true
		}
	}
	// By slots, not tasks: an update that starts the new task first has two of them for a moment.
	service.Running = len(reached)
	mode := object.Spec.Mode
	switch {
	case mode.Replicated != nil:
		service.Mode, service.Desired = "replicated", mode.Replicated.Replicas
	case mode.ReplicatedJob != nil:
		service.Mode, service.Desired = "replicated-job", mode.ReplicatedJob.TotalCompletions
	case mode.GlobalJob != nil:
		service.Mode, service.Desired = "global-job", len(wanted)
	default:
		service.Mode, service.Desired = "global", len(wanted)
	}
	service.Converged = service.Running >= service.Desired
	service.Update, service.UpdateMessage = updateOf(object, now)
	return service
}

func updateOf(object apiService, now time.Time) (update, message string) {
	status := object.UpdateStatus
	if status == nil {
		return "", ""
	}
	switch status.State {
	case "updating":
		update = "updating"
	case "paused":
		update = "paused"
	case "rollback_started":
		update = "rolling back"
	case "rollback_paused":
		update = "rollback paused"
	case "rollback_completed":
		if now.Sub(status.CompletedAt) < recently {
			update = "rolled back"
		}
	}
	if update == "" {
		return "", ""
	}
	return update, status.Message
}

func portsOf(object apiService) []Port {
	ports := []Port{}
	for _, port := range object.Endpoint.Ports {
		ports = append(ports, Port{
			Published: port.PublishedPort,
			Target:    port.TargetPort,
			Protocol:  port.Protocol,
			Mode:      port.PublishMode,
		})
	}
	sort.SliceStable(ports, func(i, j int) bool { return ports[i].Published < ports[j].Published })
	return ports
}

// imageOf splits a reference such as registry.lab:5000/swarm/httpd:1@sha256:...
func imageOf(reference string) Image {
	name, digest, _ := strings.Cut(reference, "@")
	last := name[strings.LastIndex(name, "/")+1:]
	short, tag, tagged := strings.Cut(last, ":")
	switch {
	case tagged, reference == "":
		return Image{Name: short, Tag: tag, Reference: name}
	case digest == "":
		return Image{Name: short, Tag: "latest", Reference: name}
	default:
		return Image{Name: short, Reference: reference}
	}
}

// before sorts names as people do, node2 before node10; equal names are told apart by id.
func before(a, b, idA, idB string) bool {
	x, y := a, b
	for x != "" && y != "" {
		headX, digitsX, restX := cutNumber(x)
		headY, digitsY, restY := cutNumber(y)
		if headX != headY {
			return headX < headY
		}
		if len(digitsX) != len(digitsY) {
			return len(digitsX) < len(digitsY)
		}
		if digitsX != digitsY {
			return digitsX < digitsY
		}
		x, y = restX, restY
	}
	if x != y {
		return x == ""
	}
	if a != b {
		return a < b
	}
	return idA < idB
}

// cutNumber cuts "node10-b" into "node", "10" (without leading zeros) and "-b".
func cutNumber(text string) (head, digits, rest string) {
	const numerals = "0123456789"
	start := strings.IndexAny(text, numerals)
	if start < 0 {
		return text, "", ""
	}
	end := start
	for end < len(text) && strings.Contains(numerals, text[end:end+1]) {
		end++
	}
	return text[:start], strings.TrimLeft(text[start:end], "0"), text[end:]
}
