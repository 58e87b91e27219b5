package io.mimicore.system;

import static io.mimicore.system.Answers.body;
import static io.mimicore.system.Answers.json;
import static io.mimicore.system.Answers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimicore.testkit.process.MimicoreProcess;
import io.mimicore.testkit.process.RawRequest;
import io.mimicore.testkit.process.RawResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The three shapes of a function's signature, through the real compiler and sandbox.
class SignatureShapesTest {
    private static final List<String> NUMERIC_TYPES =
            List.of(
                    "int8", "int16", "int32", "int64", "int", "uint8", "uint16", "uint32", "uint64",
                    "uint", "float32", "float64", "bool", "byte", "rune");

    private static final String NUMBERS = "numbers.localhost";
    private static final String RAW = "raw.localhost";
    private static final String ORDINARY = "ordinary.localhost";

    private static final String RAW_CODE =
            """
            import (
            	"bytes"
            	"fmt"
            	"hash/crc32"
            	"unsafe"
            )

            func pack(b []byte) uint64 {
            	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
            }

            //export shout
            func shout(ptr *byte, size uint32) uint64 { return pack(bytes.ToUpper(unsafe.Slice(ptr, size))) }

            //export measure
            func measure(ptr unsafe.Pointer, size uint32) uint64 {
            	in := unsafe.Slice((*byte)(ptr), size)
            	return pack([]byte(fmt.Sprintf(`{"size":%d,"crc":%d}`, len(in), crc32.ChecksumIEEE(in))))
            }
            """;

    private static final String ORDINARY_CODE =
            """
            import (
            	"errors"
            	"sort"
            	"strings"
            	"time"
            )

            type address struct {
            	City string `json:"city"`
            }

            type user struct {
            	Name    string            `json:"name"`
            	Age     int               `json:"age"`
            	Home    *address          `json:"home"`
            	Tags    []string          `json:"tags"`
            	Limits  map[string]int    `json:"limits"`
            	Extra   any               `json:"extra,omitempty"`
            	Friends []*user           `json:"friends,omitempty"`
            }

            //export mirror
            func mirror(u user) user { return u }

            //export pointer
            func pointer(u *user) *address {
            	if u == nil {
            		return nil
            	}
            	return u.Home
            }

            //export keys
            func keys(m map[string]float64) []string {
            	found := []string{}
            	for key := range m {
            		found = append(found, key)
            	}
            	sort.Strings(found)
            	return found
            }

            //export join
            func join(parts []string, separator string, times int, upper bool) string {
            	joined := strings.Repeat(strings.Join(parts, separator), times)
            	if upper {
            		return strings.ToUpper(joined)
            	}
            	return joined
            }

            //export check
            func check(name string) (user, error) {
            	if name == "" {
            		return user{}, errors.New("no name: \\"quoted\\" & <tagged>")
            	}
            	return user{Name: name}, nil
            }

            //export must
            func must(fine bool) error {
            	if fine {
            		return nil
            	}
            	return errors.New("not fine")
            }

            //export reverse
            func reverse(text string) string {
            	letters := []rune(text)
            	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
            		letters[i], letters[j] = letters[j], letters[i]
            	}
            	return string(letters)
            }

            //export length
            func length(text string) int { return len(text) }

            //export year
            func year(t time.Time) int { return t.UTC().Year() }

            var calls int

            //export next
            func next() int {
            	calls++
            	return calls
            }
            """;

    @TempDir private static Path root;
    private static MimicoreProcess program;

    @BeforeAll
    static void start() {
        Workspace workspace = Workspace.in(root);
        workspace.write("numbers.json", numbers());
        workspace.write(
                "raw.json",
                ApiText.of("raw")
                        .code(RAW_CODE)
                        .limits("{\"timeout_ms\":2000}")
                        .post("/shout", "\"{{shout(request.body)}}\"")
                        .post("/measure", "{\"json\":\"{{measure(request.body) | json}}\"}")
                        .get("/shout/{x}", "{\"text\":\"{{shout(request.path.x)}}\"}")
                        .text());
        workspace.write("ordinary.json", ordinary());
        program = workspace.program().start();
    }

    @AfterAll
    static void stop() {
        program.close();
    }

    private static String numbers() {
        var code = new StringBuilder();
        ApiText api = ApiText.of("numbers");
        for (String type : NUMERIC_TYPES) {
            code.append(
                    "//export echo_%s\nfunc echo_%s(x %s) %s { return x }\n\n"
                            .formatted(type, type, type, type));
            api.get(
                    "/" + type + "/{x}",
                    "{\"v\":\"{{echo_%s(request.path.x) | json}}\"}".formatted(type));
        }
        code.append("//export add\nfunc add(a int8, b uint16, c float32) float64 {")
                .append(" return float64(a) + float64(b) + float64(c) }\n");
        code.append("//export nothing\nfunc nothing() {}\n");
        api.get(
                "/add/{a}/{b}/{c}",
                "{\"v\":\"{{add(request.path.a, request.path.b, request.path.c) | json}}\"}");
        api.get("/nothing", "{\"v\":\"{{nothing() | json}}\",\"text\":\"{{nothing()}}\"}");
        return api.code(code.toString()).text();
    }

    private static String ordinary() {
        return ApiText.of("ordinary")
                .code(ORDINARY_CODE)
                .limits("{\"timeout_ms\":5000,\"max_memory_mb\":128}")
                .post("/mirror", "{\"v\":\"{{mirror(request.body) | json}}\"}")
                .post("/pointer", "{\"v\":\"{{pointer(request.body.user) | json}}\"}")
                .post("/keys", "{\"v\":\"{{keys(request.body) | json}}\"}")
                .post(
                        "/join",
                        "{\"v\":\"{{join(request.body.parts, ', ', request.body.times, true)}}\"}")
                .get("/check", "{\"v\":\"{{check(request.query.name) | json}}\"}")
                .get("/must/{fine}", "{\"v\":\"{{must(request.path.fine) | json}}\"}")
                .get("/reverse/{text}", "{\"v\":\"{{reverse(request.path.text)}}\"}")
                .post("/length", "{\"v\":\"{{length(request.body.text) | json}}\"}")
                .get("/year/{t}", "{\"v\":\"{{year(request.path.t) | json}}\"}")
                .get("/next", "{\"v\":\"{{next() | json}}\"}")
                .text();
    }

    @ParameterizedTest
    @CsvSource({
        "int8,-128",
        "int8,127",
        "int16,-32768",
        "int16,32767",
        "int32,-2147483648",
        "int32,2147483647",
        "int64,-9223372036854775808",
        "int64,9223372036854775807",
        "int,-9223372036854775808",
        "int,9223372036854775807",
        "uint8,0",
        "uint8,255",
        "uint16,65535",
        "uint32,4294967295",
        "uint64,18446744073709551615",
        "uint,18446744073709551615",
        "byte,255",
        "rune,-1",
        "float32,3.4028235e+38",
        "float32,0.1",
        "float32,-0.5",
        "float32,16777216",
        "float64,1.7976931348623157e+308",
        "float64,5e-324",
        "float64,-12345.678",
        "bool,true",
        "bool,false",
        "int32,0"
    })
    void number_withinItsType_comesBackExactly(String type, String value) {
        RawResponse response = get(NUMBERS, "/" + type + "/" + value.replace("+", "%2B"));

        assertThat(response.body()).isEqualTo("{\"v\":" + value + "}");
    }

    @ParameterizedTest
    @CsvSource({
        "int8,-129",
        "int8,128",
        "int16,32768",
        "int32,-2147483649",
        "int32,2147483648",
        "int64,9223372036854775808",
        "int64,-9223372036854775809",
        "int,9223372036854775808",
        "uint8,-1",
        "uint8,256",
        "uint16,65536",
        "uint32,4294967296",
        "uint64,-1",
        "uint64,18446744073709551616",
        "byte,256",
        "rune,2147483648",
        "float32,3.5e38",
        "float64,1e309",
        "bool,maybe",
        "bool,1",
        "int32,1.5",
        "int32,five",
        "float64,NaN",
        "int64,0x10",
        "uint8,1e3"
    })
    void number_outsideItsType_isRefusedWithTheRange(String type, String value) {
        JsonNode problem = problem(get(NUMBERS, "/" + type + "/" + value), 400, "code-argument");

        assertThat(problem.path("detail").asString())
                .startsWith("echo_" + type + ": argument 1: ")
                .contains("expected: ");
    }

    @Test
    void numbers_ofSeveralTypes_areToldApart() {
        assertThat(body(get(NUMBERS, "/add/-1/65535/0.5"))).isEqualTo(json("{\"v\":65534.5}"));
        JsonNode problem = problem(get(NUMBERS, "/add/-1/65536/0.5"), 400, "code-argument");
        assertThat(problem.path("detail").asString()).contains("argument 2", "0..65535");
    }

    @Test
    void number_noResult_isMissing() {
        assertThat(get(NUMBERS, "/nothing").body()).isEqualTo("{\"v\":null,\"text\":\"\"}");
    }

    @Test
    void raw_bytes_comeBack() {
        assertThat(program.send(RawRequest.post(RAW, "/shout", "héllo \"x\"\n")).body())
                .isEqualTo("HÉLLO \"X\"\n");
        assertThat(get(RAW, "/shout/%22a%22").body()).isEqualTo("{\"text\":\"\\\"A\\\"\"}");
    }

    @Test
    void raw_noBytes_areNoBytes() {
        assertThat(body(program.send(RawRequest.post(RAW, "/measure", ""))))
                .isEqualTo(json("{\"json\":{\"size\":0,\"crc\":0}}"));
    }

    @Test
    void raw_oneMebibyte_arrivesWhole() {
        String text = "0123456789abcdef".repeat(65_536);

        assertThat(body(program.send(RawRequest.post(RAW, "/measure", text))))
                .isEqualTo(json("{\"json\":{\"size\":1048576,\"crc\":" + crc(text) + "}}"));
        assertThat(program.send(RawRequest.post(RAW, "/measure", text + "x")).status())
                .isEqualTo(413);
    }

    @Test
    void ordinary_struct_travelsWhole() {
        String user =
                "{\"name\":\"Jürgen 😀\",\"age\":41,\"home\":{\"city\":\"Köln <&>\"},\"tags\":[\"a\",\"b\"],"
                        + "\"limits\":{\"x\":1,\"y\":-2},\"extra\":{\"deep\":[1,null,{\"z\":true}]},"
                        + "\"friends\":[{\"name\":\"Ada\",\"age\":0,\"home\":null,\"tags\":null,\"limits\":null}]}";

        assertThat(body(program.send(RawRequest.post(ORDINARY, "/mirror", user))))
                .isEqualTo(json("{\"v\":" + user + "}"));
    }

    @Test
    void ordinary_wrongMember_isRefusedWithItsPlace() {
        RawRequest request = RawRequest.post(ORDINARY, "/mirror", "{\"age\":\"old\"}");
        JsonNode problem = problem(program.send(request), 400, "code-argument");

        assertThat(problem.path("detail").asString()).startsWith("mirror: ").contains("age");
    }

    @Test
    void ordinary_pointer_mayBeNil() {
        assertThat(body(post("/pointer", "{\"user\":{\"home\":{\"city\":\"Rome\"}}}")))
                .isEqualTo(json("{\"v\":{\"city\":\"Rome\"}}"));
        assertThat(body(post("/pointer", "{\"user\":{}}"))).isEqualTo(json("{\"v\":null}"));
        assertThat(body(post("/pointer", "{\"user\":null}"))).isEqualTo(json("{\"v\":null}"));
        assertThat(body(post("/pointer", "{}"))).isEqualTo(json("{\"v\":null}"));
    }

    @Test
    void ordinary_mapAndSlice_areCarried() {
        assertThat(body(post("/keys", "{\"b\":1,\"ä\":2.5,\"a\":0}")))
                .isEqualTo(json("{\"v\":[\"a\",\"b\",\"ä\"]}"));
    }

    @Test
    void ordinary_severalArguments_keepTheirOrder() {
        assertThat(body(post("/join", "{\"parts\":[\"x\",\"y\"],\"times\":2}")))
                .isEqualTo(json("{\"v\":\"X, YX, Y\"}"));
    }

    @Test
    void ordinary_error_failsTheCallWithItsText() {
        assertThat(body(get(ORDINARY, "/check?name=Ada")).path("v").path("name").asString())
                .isEqualTo("Ada");
        JsonNode problem = problem(get(ORDINARY, "/check?name="), 500, "code-failed");
        assertThat(problem.path("detail").asString())
                .isEqualTo("check: no name: \"quoted\" & <tagged>");
        assertThat(get(ORDINARY, "/must/true").body()).isEqualTo("{\"v\":null}");
        assertThat(
                        problem(get(ORDINARY, "/must/false"), 500, "code-failed")
                                .path("detail")
                                .asString())
                .isEqualTo("must: not fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "äöü€", "日本語テキスト", "a😀b👩‍🚀", "\u0001\u007f\u00a0"})
    void ordinary_unicode_keepsItsCharacters(String text) {
        String path =
                "/reverse/"
                        + java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
        String reversed = new StringBuilder().append(text).reverse().toString();

        assertThat(body(get(ORDINARY, path)).path("v").asString()).isEqualTo(reversed);
    }

    @Test
    void ordinary_oneMebibyte_isAnArgument() {
        String head = "{\"text\":\"";
        String text = "é".repeat((1_048_576 - head.length() - 2) / 2);

        assertThat(body(post("/length", head + text + "\"}")).path("v").asInt())
                .isEqualTo(text.length() * 2);
    }

    @Test
    void ordinary_libraryType_isDecodedByItsOwnRules() {
        assertThat(body(get(ORDINARY, "/year/2026-12-31T23:30:00-01:00")))
                .isEqualTo(json("{\"v\":2027}"));
        problem(get(ORDINARY, "/year/yesterday"), 400, "code-argument");
    }

    @Test
    void calls_packageVariables_startAnew() {
        for (int i = 0; i < 20; i++) {
            assertThat(get(ORDINARY, "/next").body()).isEqualTo("{\"v\":1}");
        }
    }

    private static RawResponse get(String host, String target) {
        return program.send(RawRequest.get(host, target));
    }

    private static RawResponse post(String target, String body) {
        return program.send(RawRequest.post(ORDINARY, target, body));
    }

    private static long crc(String text) {
        var crc = new java.util.zip.CRC32();
        crc.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
