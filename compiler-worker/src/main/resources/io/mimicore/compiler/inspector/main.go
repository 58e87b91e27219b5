// Command inspector reads the Go source of one API's user code and says what it exports.
//
// It reads the source from standard input and writes one JSON document, a [Report], to standard output: the problems the
// author has to mend, the exported functions with their shapes, the source with its export directives rewritten, and the
// generated file that carries values between the host and the author's functions.
//
// Start in inspect.go. Nothing here runs the author's code or reads any other file, so the answer depends on the source
// alone. The exit status is 0 whenever the document was written, also with problems in it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// sourceBytesMax bounds the source, in bytes. It is the limit of the whole config file the source comes from.
const sourceBytesMax = 4 << 20

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "inspector:", err)
		os.Exit(1)
	}
}

// run answers one source. An error means that the inspector failed, never that the source is wrong.
func run(in io.Reader, out io.Writer) error {
	// One byte more than allowed, so that a source of exactly the limit is told from a longer one.
	source, err := io.ReadAll(io.LimitReader(in, sourceBytesMax+1))
	if err != nil {
		return fmt.Errorf("read the source: %w", err)
	}
	report, err := inspect(source)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}
