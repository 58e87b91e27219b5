package main

import (
	"crypto/rand"
	"encoding/binary"
)

func hostRandom() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// How many of n random bytes are zero.
//
//go:wasmexport random_zeros
func randomZeros(n int64) int64 {
	b := make([]byte, n)
	rand.Read(b)
	zeros := int64(0)
	for _, x := range b {
		if x == 0 {
			zeros++
		}
	}
	return zeros
}
