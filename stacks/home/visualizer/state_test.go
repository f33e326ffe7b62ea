package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// fill makes an API object from the JSON that an engine would send.
func fill[T any](t *testing.T, text string) T {
	t.Helper()
	var object T
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return object
}

func node(t *testing.T, id, state string) apiNode {
	return fill[apiNode](t, fmt.Sprintf(
		`{"ID":%q,"Spec":{"Role":"worker"},"Description":{"Hostname":%q},"Status":{"State":%q}}`, id, id, state))
}

func service(t *testing.T, mode string) apiService {
	return fill[apiService](t, fmt.Sprintf(`{"ID":"web","Spec":{"Name":"web","Mode":{%s}}}`, mode))
}

// task is "slot node desired state age", where node may be - and age is before noon.
func task(t *testing.T, id int, text string) apiTask {
	t.Helper()
	var slot int
	var nodeID, desired, state, age string
	if _, err := fmt.Sscan(text, &slot, &nodeID, &desired, &state, &age); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	before, err := time.ParseDuration(age)
	if err != nil {
		t.Fatal(err)
	}
	return fill[apiTask](t, fmt.Sprintf(`{"ID":"task%d","ServiceID":"web","Slot":%d,"NodeID":%q,"DesiredState":%q,`+
		`"Status":{"State":%q,"Timestamp":%q}}`,
		id, slot, strings.TrimPrefix(nodeID, "-"), desired, state, noon.Add(-before).Format(time.RFC3339)))
}

func TestTasksAndServicesAreShownAsTheyAre(t *testing.T) {
	replicated := `"Replicated":{"Replicas":2}`
	for _, test := range []struct {
		name, mode string
		tasks      []string
		shown      []string
		count      string
	}{
		{"all run", replicated,
			[]string{"1 a running running 1h", "2 b running running 1h"},
			[]string{"1 running", "2 running"}, "2/2"},
		{"one is being prepared", replicated,
			[]string{"1 a running running 1h", "2 b running preparing 5s"},
			[]string{"1 running", "2 starting"}, "1/2"},
		{"one has no node yet", replicated,
			[]string{"1 a running running 1h", "2 - running pending 5s"},
			[]string{"1 running", "2 pending"}, "1/2"},
		{"a task is lost with its node until its replacement runs", replicated,
			[]string{"1 a running running 1h", "2 down shutdown running 1h", "2 b running starting 3s"},
			[]string{"1 running", "2 starting", "2 lost"}, "1/2"},
		{"a node is down and swarm has not reacted yet", replicated,
			[]string{"1 a running running 1h", "2 down running running 1h"},
			[]string{"1 running", "2 lost"}, "1/2"},
		{"an update starts the new task before it stops the old one", replicated,
			[]string{"1 a running running 1h", "1 b running running 2s", "2 b running running 1h"},
			[]string{"1 running", "1 running", "2 running"}, "2/2"},
		{"a task is shutting down", replicated,
			[]string{"1 a shutdown running 5s", "1 a running running 4s", "2 b running running 1h"},
			[]string{"1 running", "1 stopping", "2 running"}, "2/2"},
		{"tasks that were shut down as wished are not shown", replicated,
			[]string{"1 a shutdown shutdown 5s", "1 a running running 4s", "2 b remove orphaned 1h"},
			[]string{"1 running"}, "1/2"},
		{"a recent failure stays for a while", replicated,
			[]string{"1 a shutdown failed 4m", "1 a running running 3m", "2 b running running 1h"},
			[]string{"1 running", "1 failed (1)", "2 running"}, "2/2"},
		{"an old failure is forgotten once the slot runs again", replicated,
			[]string{"1 a shutdown failed 6m", "1 a running running 5m", "2 b running running 1h"},
			[]string{"1 running", "2 running"}, "2/2"},
		{"an old failure stays while nothing runs in its slot", replicated,
			[]string{"1 a shutdown failed 2h", "2 b running running 2h"},
			[]string{"1 failed (1)", "2 running"}, "1/2"},
		{"a loop of failures is one failure with its count", replicated,
			[]string{"1 a shutdown failed 30s", "1 a shutdown rejected 20s", "1 a shutdown failed 10s",
				"1 a running ready 1s", "2 b running running 1h"},
			[]string{"1 starting", "1 failed (3)", "2 running"}, "1/2"},
		{"a global service wants one task on each node that it is on", `"Global":{}`,
			[]string{"0 a running running 1h", "0 b running starting 2s", "0 down shutdown running 1h"},
			[]string{"0 starting", "0 running", "0 lost"}, "1/2"},
		{"a job counts what is complete", `"ReplicatedJob":{"TotalCompletions":2}`,
			[]string{"0 a complete complete 1h", "1 b complete running 1m"},
			[]string{"0 complete (1)", "1 running"}, "1/2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects := Objects{
				Nodes:    []apiNode{node(t, "a", "ready"), node(t, "b", "ready"), node(t, "down", "down")},
				Services: []apiService{service(t, test.mode)},
			}
			for i, text := range test.tasks {
				objects.Tasks = append(objects.Tasks, task(t, i, text))
			}
			state := NewState(objects, noon)
			shown := []string{}
			for _, task := range state.Tasks {
				line := fmt.Sprintf("%d %s", task.Slot, task.Phase)
				if task.Endings > 0 {
					line += fmt.Sprintf(" (%d)", task.Endings)
				}
				shown = append(shown, line)
			}
			if !reflect.DeepEqual(shown, test.shown) {
				t.Errorf("tasks shown: got %q, want %q", shown, test.shown)
			}
			web := state.Services[0]
			if count := fmt.Sprintf("%d/%d", web.Running, web.Desired); count != test.count {
				t.Errorf("service: got %s, want %s", count, test.count)
			}
			if web.Converged != (web.Running == web.Desired) {
				t.Errorf("converged: got %t at %s", web.Converged, test.count)
			}
		})
	}
}

func TestTasksOfRemovedServicesAndFormerRunsOfAJobAreNotShown(t *testing.T) {
	job := fill[apiService](t, `{"ID":"web","Spec":{"Name":"web","Mode":{"ReplicatedJob":{"TotalCompletions":1}}},
		"JobStatus":{"JobIteration":{"Index":7}}}`)
	former := task(t, 1, "0 a complete complete 1h")
	former.JobIteration = &apiVersion{Index: 3}
	removed := task(t, 2, "1 a complete complete 1h")
	removed.ServiceID = "removed"
	attachment := task(t, 3, "0 a running running 1h")
	attachment.ServiceID = ""
	state := NewState(Objects{Services: []apiService{job}, Tasks: []apiTask{former, removed, attachment}}, noon)
	if len(state.Tasks) != 0 {
		t.Errorf("shown: %+v", state.Tasks)
	}
}

func TestQuorumIsCountedOnReachableManagers(t *testing.T) {
	manager := func(id, reachability string) apiNode {
		return fill[apiNode](t, fmt.Sprintf(
			`{"ID":%q,"Spec":{"Role":"manager"},"ManagerStatus":{"Reachability":%q}}`, id, reachability))
	}
	promoted := fill[apiNode](t, `{"ID":"new","Spec":{"Role":"manager"}}`)
	for _, test := range []struct {
		name     string
		managers []apiNode
		quorum   bool
	}{
		{"one of one", []apiNode{manager("a", "reachable")}, true},
		{"two of three", []apiNode{manager("a", "reachable"), manager("b", "reachable"), manager("c", "unreachable")}, true},
		{"one of three", []apiNode{manager("a", "reachable"), manager("b", "unreachable"), manager("c", "unreachable")}, false},
		{"one of two", []apiNode{manager("a", "reachable"), manager("b", "unreachable")}, false},
		{"a promoted node counts once it has joined", []apiNode{manager("a", "reachable"), promoted}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			problem := NewState(Objects{Nodes: test.managers}, noon).Quorum()
			if (problem == nil) != test.quorum {
				t.Errorf("quorum: want %t, got problem %v", test.quorum, problem)
			}
		})
	}
}

func TestNodesAreInOrderWithManagersFirst(t *testing.T) {
	objects := Objects{Nodes: []apiNode{
		node(t, "node10", "ready"), node(t, "node9", "ready"), node(t, "node", "ready"), node(t, "alpha", "ready"),
		fill[apiNode](t, `{"ID":"m","Spec":{"Role":"manager","Labels":{"b":"2","a":""}},"Description":{"Hostname":"zeta"},
			"Status":{"Addr":"0.0.0.0"},"ManagerStatus":{"Addr":"[fd00::1]:2377","Leader":true}}`),
	}}
	state := NewState(objects, noon)
	names := []string{}
	for _, node := range state.Nodes {
		names = append(names, node.Name)
	}
	if want := []string{"zeta", "alpha", "node", "node9", "node10"}; !reflect.DeepEqual(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if leader := state.Nodes[0]; leader.Address != "fd00::1" || !reflect.DeepEqual(leader.Labels, []string{"a", "b=2"}) {
		t.Errorf("leader: %+v", leader)
	}
}

func TestImagesAreNamedShortly(t *testing.T) {
	for reference, want := range map[string]Image{
		"redis":                              {"redis", "latest", "redis"},
		"redis:3.0.6":                        {"redis", "3.0.6", "redis:3.0.6"},
		"registry.lab:5000/swarm/httpd:1":    {"httpd", "1", "registry.lab:5000/swarm/httpd:1"},
		"registry.lab:5000/httpd":            {"httpd", "latest", "registry.lab:5000/httpd"},
		"redis:3.0.7@sha256:0123456789abcde": {"redis", "3.0.7", "redis:3.0.7"},
		"redis@sha256:0123456789abcde":       {"redis", "", "redis@sha256:0123456789abcde"},
		"":                                   {},
	} {
		if got := imageOf(reference); got != want {
			t.Errorf("%q: got %+v, want %+v", reference, got, want)
		}
	}
}
