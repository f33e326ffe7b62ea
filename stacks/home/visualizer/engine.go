package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// A machine under load may be slow to answer; an engine that is frozen never does.
	answerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	maxErrorBody  = 8 << 10
)

// Engine reads one Docker engine through its socket. It sends GET requests only.
type Engine struct {
	socket string
	client *http.Client

	// version is the API version in paths ("/v1.47"), "" while it is unknown.
	version atomic.Value
}

// NewEngine speaks to the engine listening on the unix socket at the path given; it does not connect yet.
func NewEngine(socket string) *Engine {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: answerTimeout}).DialContext(ctx, "unix", socket)
		},
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       time.Minute,
	}
	engine := &Engine{socket: socket, client: &http.Client{Transport: transport}}
	engine.version.Store("")
	return engine
}

// Read lists nodes, services and tasks. Every error is a *Problem, unless ctx ended.
func (e *Engine) Read(ctx context.Context) (Objects, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var objects Objects
	var err error
	// One after the other: without quorum each refusal is a line in the engine's log, so the first one ends the read.
	if objects.Nodes, err = list[apiNode](ctx, e, "/nodes"); err != nil {
		return Objects{}, err
	}
	// Tasks before services: a task whose service is missing then belongs to a removed one, never to a new one.
	if objects.Tasks, err = list[apiTask](ctx, e, "/tasks"); err != nil {
		return Objects{}, err
	}
	objects.Services, err = list[apiService](ctx, e, "/services")
	return objects, err
}

// Watch follows the engine's events that may mean a change of the swarm. It calls changed once connected and at
// every event, and returns when the stream ends.
func (e *Engine) Watch(ctx context.Context, changed func()) error {
	// Changes of nodes and services are events on every manager, changes of tasks are not: a container that starts
	// or dies is an event on its own machine only. Health checks (exec_*) would be noise.
	filters := url.QueryEscape(`{"type":["node","service","container"],` +
		`"event":["create","update","remove","start","die"]}`)
	body, err := e.get(ctx, "/events?filters="+filters)
	if err != nil {
		return err
	}
	defer body.Close()
	changed()
	decoder := json.NewDecoder(body)
	for {
		var event struct{ Type string }
		if err := decoder.Decode(&event); err != nil {
			return e.silent(ctx, "GET /events", err)
		}
		changed()
	}
}

func list[T any](ctx context.Context, e *Engine, path string) ([]T, error) {
	body, err := e.get(ctx, path)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	all, err := decodeEach[T](body)
	if err != nil {
		return nil, e.silent(ctx, "GET "+path, err)
	}
	// The connection can be used again only once its body is read to the end.
	_, _ = io.Copy(io.Discard, body)
	return all, nil
}

func (e *Engine) get(ctx context.Context, path string) (io.ReadCloser, error) {
	version, err := e.negotiate(ctx)
	if err != nil {
		return nil, err
	}
	response, err := e.request(ctx, version+path)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close()
	e.version.Store("")
	var refusal struct{ Message string }
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	if json.Unmarshal(text, &refusal) != nil || refusal.Message == "" {
		refusal.Message = strings.TrimSpace(string(text))
	}
	withoutQuery, _, _ := strings.Cut(path, "?")
	return nil, engineRefused(withoutQuery, response.StatusCode, refusal.Message)
}

// negotiate asks the engine for its own API version, the one version that it certainly speaks: Docker 29 knows none
// below 1.44, Docker 24 none above 1.43, and paths without a version are deprecated. It asks again after any failure,
// because the engine may have been replaced.
func (e *Engine) negotiate(ctx context.Context) (string, error) {
	if version := e.version.Load().(string); version != "" {
		return version, nil
	}
	response, err := e.request(ctx, "/_ping")
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxErrorBody))
	if response.StatusCode != http.StatusOK {
		return "", engineRefused("/_ping", response.StatusCode, response.Status)
	}
	version := response.Header.Get("Api-Version")
	if version == "" {
		return "", nil
	}
	e.version.Store("/v" + version)
	return "/v" + version, nil
}

func (e *Engine) request(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker"+path, nil)
	if err != nil {
		return nil, e.silent(ctx, fmt.Sprintf("GET %q", path), err)
	}
	response, err := e.client.Do(request)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err
		}
		withoutQuery, _, _ := strings.Cut(path, "?")
		return nil, e.silent(ctx, "GET "+withoutQuery, err)
	}
	return response, nil
}

// silent keeps the end of ctx apart from a failure of the engine: that all browsers left is nothing to report.
func (e *Engine) silent(ctx context.Context, step string, cause error) error {
	if ctx.Err() == context.Canceled {
		return ctx.Err()
	}
	e.version.Store("")
	return engineSilent(e.socket, fmt.Errorf("%s: %w", step, cause))
}
