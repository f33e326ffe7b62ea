module visualizer

go 1.22
