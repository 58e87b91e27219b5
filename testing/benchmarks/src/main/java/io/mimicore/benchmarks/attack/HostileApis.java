package io.mimicore.benchmarks.attack;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// The configs: one API that attacks in every way, and one that does not.
final class HostileApis {
    /// The API under attack.
    static final String HOSTILE = "hostile";

    /// The other API.
    static final String NEIGHBOUR = "neighbour";

    /// Milliseconds that a call of the hostile API may run.
    static final int TIMEOUT_MILLIS = 50;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String HOSTILE_CODE =
            """
            package main

            import (
            	"errors"
            	"os"
            	"syscall"
            	"time"
            )

            var kept [][]byte

            //export well
            func well(text string) string { return text }

            //export fails
            func fails(text string) (string, error) { return "", errors.New("as " + text) }

            //export panics
            func panics(text string) string { panic("with " + text) }

            //export traps
            func traps(text string) int64 { return int64(1 / (len(text) - 1)) }

            //export exits
            func exits(text string) int { os.Exit(3); return 0 }

            //export recurses
            func recurses(text string) int64 { return deep(int64(len(text))) + 1 }

            func deep(n int64) int64 {
            	if n < 0 {
            		return n
            	}
            	return deep(n+1) + 1
            }

            //export hoards
            func hoards(text string) int {
            	for {
            		kept = append(kept, make([]byte, 1<<20))
            	}
            }

            //export grows
            func grows(text string) int {
            	for i := 0; i < 16; i++ {
            		kept = append(kept, make([]byte, 1<<20))
            	}
            	return len(kept)
            }

            //export pries
            func pries(text string) bool {
            	_, read := os.ReadFile("/etc/passwd")
            	_, socket := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
            	return read == nil || socket == nil
            }

            //export spins
            func spins(text string) uint64 {
            	n := uint64(len(text))
            	for n >= 0 {
            		n++
            	}
            	return n
            }

            //export sleeps
            func sleeps(text string) string { time.Sleep(time.Hour); return text }

            func main() {}
            """;

    private static final String NEIGHBOUR_CODE =
            """
            package main

            //export double
            func double(x uint64) uint64 { return x * 2 }

            func main() {}
            """;

    private HostileApis() {}

    /// The config of [#HOSTILE]: a route `/NAME` for each function.
    static String hostile(List<String> functions) {
        List<String> routes = new ArrayList<>();
        functions.forEach(
                name -> routes.add(route("/" + name, "{\"v\":\"{{" + name + "('x')}}\"}")));
        return api(HOSTILE, HOSTILE_CODE, TIMEOUT_MILLIS, routes);
    }

    /// The config of [#NEIGHBOUR]: `/plain/{x}` without code and `/double/{x}` with it.
    static String neighbour() {
        return api(
                NEIGHBOUR,
                NEIGHBOUR_CODE,
                5_000,
                List.of(
                        route("/plain/{x}", "{\"v\":\"{{request.path.x}}\"}"),
                        route("/double/{x}", "{\"v\":\"{{double(request.path.x)}}\"}")));
    }

    private static String route(String path, String body) {
        return "{\"method\":\"GET\",\"path\":\""
                + path
                + "\",\"response\":{\"body\":"
                + body
                + "}}";
    }

    private static String api(String name, String source, int timeoutMillis, List<String> routes) {
        ObjectNode api = MAPPER.createObjectNode();
        api.put("api", name).put("version", "v2");
        api.putObject("user_code").put("timeout_ms", timeoutMillis).put("inline_source", source);
        api.set("routes", MAPPER.readTree("[" + String.join(",", routes) + "]"));
        return MAPPER.writeValueAsString(api);
    }
}
