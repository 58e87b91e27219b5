package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

func main() {}

// Numbers.

//go:wasmexport double
func double(x uint64) uint64 { return x * 2 }

//go:wasmexport echo_bool
func echoBool(x int32) int32 { return x }

//go:wasmexport echo_i32
func echoI32(x int32) int32 { return x }

//go:wasmexport echo_i64
func echoI64(x int64) int64 { return x }

//go:wasmexport echo_f32
func echoF32(x float32) float32 { return x }

//go:wasmexport echo_f64
func echoF64(x float64) float64 { return x }

//go:wasmexport subtract
func subtract(a int64, b int32) float64 { return float64(a) - float64(b) }

//go:wasmexport infinity
func infinity() float64 { x := 0.0; return 1 / x }

//go:wasmexport nothing
func nothing() {}

// State.

var counter int64
var kept = map[string]int{}

//go:wasmexport count
func count() int64 {
	counter++
	kept[fmt.Sprint(counter)] = 1
	return counter*1000 + int64(len(kept))
}

//go:wasmexport count_then
func countThen(what int32) int64 {
	counter += 7
	kept["x"] = 1
	switch what {
	case 0:
		panic("after counting")
	case 1:
		for {
		}
	case 2:
		os.Exit(3)
	case 3:
		return int64(len(hoard(20 << 20)))
	}
	return counter
}

// Trouble.

//go:wasmexport spin
func spin() int64 {
	n := int64(0)
	for {
		n++
		if n < 0 {
			return n
		}
	}
}

//go:wasmexport spin_calls
func spinCalls() int64 {
	for {
		if counter = double2(counter); counter == -1 {
			return counter
		}
	}
}

//go:noinline
func double2(x int64) int64 { return x * 2 }

//go:wasmexport busy_ms
func busyMillis(ms int64) int64 {
	end := time.Now().Add(time.Duration(ms) * time.Millisecond)
	n := int64(0)
	for time.Now().Before(end) {
		n++
	}
	return n
}

//go:wasmexport sleep_ms
func sleepMillis(ms int64) int64 {
	start := time.Now()
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return time.Since(start).Milliseconds()
}

func hoard(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}

var hoarded [][]byte

//go:wasmexport hoard_mib
func hoardMib(n int64) int64 {
	for range n {
		hoarded = append(hoarded, hoard(1<<20))
	}
	return int64(len(hoarded))
}

//go:wasmexport recurse
func recurse(n int64) int64 {
	var a [64]int64
	a[n&63] = n
	if n == 0 {
		return 0
	}
	return recurse(n-1) + a[n&63]
}

//go:wasmexport panics
func panics() { panic("at the disco") }

//go:wasmexport exits
func exits(status int32) { os.Exit(int(status)) }

//go:wasmexport nil_pointer
func nilPointer() int64 {
	var p *struct{ a [1 << 20]int64 }
	return p.a[1<<19]
}

//go:wasmexport deadlock
func deadlock() { <-make(chan int) }

//go:wasmexport print_lines
func printLines(n int64) {
	for i := range n {
		fmt.Println("line", i)
	}
}

//go:wasmexport print_hostile
func printHostile() {
	fmt.Print("a\x1b[31mred\x00\x07\u202e\r\nnext " + strings.Repeat("x", 5000) + "\n\xff\xfe\n")
	fmt.Fprintln(os.Stderr, "to stderr")
}

//go:wasmexport print_mib
func printMib(n int64) {
	for range n {
		os.Stdout.WriteString(strings.Repeat("y", 1<<20))
	}
}

// The host.

//go:wasmexport random
func random() uint64 { return hostRandom() }

//go:wasmexport now_ms
func nowMillis() int64 { return time.Now().UnixMilli() }

//go:wasmexport look_around
func lookAround(ptr, size uint32) uint64 {
	var found []string
	add := func(what string, v any, err error) {
		if err == nil {
			found = append(found, fmt.Sprint(what, ": ", v))
		}
	}
	for _, path := range []string{"/etc/passwd", "/", ".", "/proc/self/environ", "/tmp", "main.go"} {
		b, err := os.ReadFile(path)
		add("read "+path, string(b), err)
		e, err := os.ReadDir(path)
		add("list "+path, e, err)
		s, err := os.Stat(path)
		add("stat "+path, s, err)
	}
	add("write", "", os.WriteFile("/tmp/out", []byte("x"), 0o666))
	add("mkdir", "", os.Mkdir("/tmp/dir", 0o777))
	d, err := os.Getwd()
	add("directory", d, err)
	for _, e := range os.Environ() {
		found = append(found, "environment: "+e)
	}
	if len(os.Args) > 0 {
		found = append(found, "arguments: "+strings.Join(os.Args, " "))
	}
	c, err := net.DialTimeout("tcp", "127.0.0.1:80", time.Second)
	add("dial", c, err)
	a, err := net.LookupHost("localhost")
	add("look up", a, err)
	h, err := os.Hostname()
	add("host", h, err)
	n, err := os.Stdin.Read(make([]byte, 10))
	add("stdin", n, err)
	for fd := uintptr(3); fd < 10; fd++ {
		n, err := os.NewFile(fd, "fd").Read(make([]byte, 10))
		add("descriptor", n, err)
	}
	return place([]byte(strings.Join(found, "\n")))
}

// Bytes.

//go:wasmexport echo
func echo(ptr, size uint32) uint64 { return place(append([]byte{}, bytesOf(ptr, size)...)) }

//go:wasmexport upper
func upper(ptr, size uint32) uint64 {
	return place([]byte(strings.ToUpper(string(bytesOf(ptr, size)))))
}

//go:wasmexport large
func large(ptr, size uint32) uint64 { return place(make([]byte, 4<<20+1)) }

//go:wasmexport outside
func outside(ptr, size uint32) uint64 { return 0xFFFF_FFF0_0000_0020 }

// JSON.

type user struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

func greet(in []byte) (any, error) {
	var u user
	var n int
	if err := arguments(in, &u, &n); err != nil {
		return nil, err
	}
	if u.Name == "" {
		return nil, errors.New("nobody to greet")
	}
	if u.Name == "panic" {
		panic("no greeting for " + u.Name)
	}
	return map[string]any{"message": "Hello, " + u.Name, "n": n, "tags": u.Tags}, nil
}

//go:wasmexport greet
func greetJSON(ptr, size uint32) uint64 {
	return result(func() (any, error) { return greet(bytesOf(ptr, size)) })
}

//go:wasmexport describe
func describe(ptr, size uint32) uint64 {
	return result(func() (any, error) {
		var s string
		var n int32
		var b bool
		if err := arguments(bytesOf(ptr, size), &s, &n, &b); err != nil {
			return nil, err
		}
		return fmt.Sprintf("%q %d %t", s, n, b), nil
	})
}

//go:wasmexport identity
func identity(ptr, size uint32) uint64 {
	in := bytesOf(ptr, size)
	return place(append([]byte{0}, in[1:len(in)-1]...))
}

//go:wasmexport odd_tag
func oddTag(ptr, size uint32) uint64 { return place([]byte{9, '1'}) }

//go:wasmexport no_outcome
func noOutcome(ptr, size uint32) uint64 { return 0 }
