package io.mimicore.build;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The versions of one toolchain that the registered workers offer, and the one that builds get.
///
/// This is the one place that decides which version goes into the key of a new build: the one most
/// workers offer, of several the highest. So an upgrade of the workers, one by one, changes the
/// version once, in its middle. A request that is queued keeps the version it was asked with; it is
/// built by a worker that has just that one, or waits for one.
///
/// @param toolchain `go`, `tinygo` or `wasm`
/// @param workers how many workers offer it, by version, the lowest first
public record ToolchainVersions(String toolchain, SortedMap<String, Integer> workers) {
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int DIGITS_MAX = 10;

    public ToolchainVersions {
        requireNonNull(toolchain, "toolchain");
        NavigableMap<String, Integer> copy = new TreeMap<>(byVersion());
        copy.putAll(workers);
        workers = Collections.unmodifiableNavigableMap(copy);
    }

    /// What these workers offer of one toolchain.
    public static ToolchainVersions of(String toolchain, Collection<WorkerOffer> offers) {
        NavigableMap<String, Integer> workers = new TreeMap<>(byVersion());
        offers.stream()
                .flatMap(offer -> offer.toolchains().stream())
                .filter(offered -> offered.name().equals(toolchain))
                .forEach(offered -> workers.merge(offered.version(), 1, Integer::sum));
        return new ToolchainVersions(toolchain, workers);
    }

    /// All toolchains that these workers offer, by name.
    public static SortedMap<String, ToolchainVersions> all(Collection<WorkerOffer> offers) {
        SortedMap<String, ToolchainVersions> all = new TreeMap<>();
        offers.stream()
                .flatMap(offer -> offer.toolchains().stream())
                .map(WorkerOffer.Toolchain::name)
                .distinct()
                .forEach(name -> all.put(name, of(name, offers)));
        return all;
    }

    /// The version that a build asked for now gets. Absent: nobody offers the toolchain.
    public @Nullable String chosen() {
        String best = null;
        int most = 0;
        for (Map.Entry<String, Integer> offer : workers.entrySet()) {
            if (offer.getValue() >= most) {
                best = offer.getKey();
                most = offer.getValue();
            }
        }
        return best;
    }

    /// Whether workers differ: the same program could have several keys.
    public boolean isMixed() {
        return workers.size() > 1;
    }

    /// Makes text order the order of versions: `go1.9` comes before `go1.10`.
    private static Comparator<String> byVersion() {
        return Comparator.comparing(ToolchainVersions::withPaddedNumbers)
                .thenComparing(Comparator.naturalOrder());
    }

    private static String withPaddedNumbers(String version) {
        return NUMBER.matcher(version)
                .replaceAll(number ->
                        "0".repeat(Math.max(0, DIGITS_MAX - number.group().length()))
                                + number.group());
    }
}
