package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"unsafe"
)

// What the host allocated, so that the collector leaves it alone until the call has ended.
var placed [][]byte

//go:wasmexport mimicore_alloc
func alloc(size uint32) uint32 {
	b := make([]byte, size)
	placed = append(placed, b)
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
}

//go:wasmexport mimicore_warm
func warm() {
	rounds(10)
	runtime.GC()
	rounds(3)
}

func rounds(n int) {
	for range n {
		in := []byte(`[{"name":"Ada","tags":["a","b"]},1]`)
		result(func() (any, error) { return greet(bytesOf(give(in))) })
	}
	placed = nil
}

func give(b []byte) (uint32, uint32) {
	p := alloc(uint32(len(b)))
	copy(placed[len(placed)-1], b)
	return p, uint32(len(b))
}

func bytesOf(ptr, size uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(uintptr(ptr))), size)
}

// Keeps the result alive and names its place.
func place(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	placed = append(placed, b)
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
}

type argumentError struct{ error }

// The outcome of a JSON function, with its tag.
func result(f func() (any, error)) (out uint64) {
	defer func() {
		if p := recover(); p != nil {
			out = place(append([]byte{3}, fmt.Sprint(p)...))
		}
	}()
	v, err := f()
	if a, ok := err.(argumentError); ok {
		return place(append([]byte{2}, a.Error()...))
	}
	if err != nil {
		return place(append([]byte{1}, err.Error()...))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return place(append([]byte{1}, err.Error()...))
	}
	return place(append([]byte{0}, b...))
}

func arguments(in []byte, into ...any) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(in, &raw); err != nil {
		return argumentError{err}
	}
	for i, p := range into {
		if err := json.Unmarshal(raw[i], p); err != nil {
			return argumentError{fmt.Errorf("argument %d: %w", i+1, err)}
		}
	}
	return nil
}
