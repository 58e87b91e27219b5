module io.mimicore/inspector

go 1.24
