package io.mimicore.controlplane.catalog;

import io.mimicore.controlplane.snapshot.ApiForm;
import io.mimicore.controlplane.snapshot.LiveSet;
import io.mimicore.controlplane.snapshot.PublishedApi;
import io.mimicore.diagnostics.Diagnostic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows the ledger: as a view for the admin API, and every change of problems to the listener.
/// Confined to the catalog's thread.
final class CatalogPresenter {
    private static final Logger log = LoggerFactory.getLogger(CatalogPresenter.class);

    private final ProblemListener listener;
    private Map<String, List<Diagnostic>> told = Map.of();

    CatalogPresenter(ProblemListener listener) {
        this.listener = listener;
    }

    /// The view.
    CatalogView view(Ledger ledger, LiveSet stored) {
        NavigableMap<String, CatalogView.Api> apis = new TreeMap<>();
        List<Diagnostic> unnamed = new ArrayList<>();
        ledger.owners()
                .forEach((api, owner) -> {
                    apis.put(api, view(ledger, stored, api, ledger.file(owner)));
                });
        for (FileState file : ledger.files()) {
            String declared = file.declared();
            if (declared == null) {
                unnamed.addAll(file.problems());
            } else if (!file.key().equals(ledger.owners().get(declared))) {
                // It wants a name that another file has, or that it does not own yet.
                if (apis.containsKey(declared)) {
                    unnamed.addAll(file.problems());
                } else {
                    apis.put(declared, view(ledger, stored, declared, file));
                }
            }
        }
        for (SourceState source : ledger.sources()) {
            Diagnostic alarm = ledger.alarm(source);
            if (alarm != null) {
                unnamed.add(alarm);
            }
        }
        return new CatalogView(apis, unnamed, errors(ledger));
    }

    /// How many files and directories have an error.
    int filesWithErrors(Ledger ledger) {
        return (int)
                problems(ledger).values().stream()
                        .filter(list -> list.stream().anyMatch(Diagnostic::isError))
                        .count();
    }

    /// Tells the listener which problems have changed since this was last called.
    void tell(Ledger ledger) {
        Map<String, List<Diagnostic>> problems = problems(ledger);
        Set<String> names = new HashSet<>(told.keySet());
        names.addAll(problems.keySet());
        Map<String, List<Diagnostic>> before = told;
        told = problems;
        names.stream()
                .sorted()
                .forEach(name -> {
                    List<Diagnostic> now = problems.getOrDefault(name, List.of());
                    if (!now.equals(before.getOrDefault(name, List.of()))) {
                        tell(name, now);
                    }
                });
    }

    @SuppressWarnings("IllegalCatch") // whoever listens must not be able to end the catalog
    private void tell(String name, List<Diagnostic> problems) {
        try {
            listener.changed(name, problems);
        } catch (RuntimeException e) {
            log.error("a listener failed at the problems of a file file={}", name, e);
        }
    }

    /// The problems of files and directories that have some, by name.
    private static Map<String, List<Diagnostic>> problems(Ledger ledger) {
        Map<String, List<Diagnostic>> problems = new HashMap<>();
        for (FileState file : ledger.files()) {
            if (!file.problems().isEmpty()) {
                // What was applied is called otherwise than a file, which may have the same name.
                problems.merge(
                        toldName(file),
                        file.problems(),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            }
        }
        for (SourceState source : ledger.sources()) {
            Diagnostic alarm = ledger.alarm(source);
            if (alarm != null) {
                problems.put(source.name(), List.of(alarm));
            }
        }
        return problems;
    }

    private static String toldName(FileState file) {
        return file.key().source().isDirectory() ? file.name() : "admin:" + file.key().name();
    }

    private static Map<String, Integer> errors(Ledger ledger) {
        Map<String, Integer> errors = new HashMap<>();
        for (SourceState source : ledger.sources()) {
            errors.put(source.id().value(), ledger.alarm(source) == null ? 0 : 1);
        }
        for (FileState file : ledger.files()) {
            int count = (int) file.problems().stream().filter(Diagnostic::isError).count();
            errors.merge(file.key().source().value(), count, Integer::sum);
        }
        return errors;
    }

    private static CatalogView.Api view(
            Ledger ledger, LiveSet stored, String api, @Nullable FileState file) {
        ApiForm form = ledger.live().get(api);
        PublishedApi published = stored.sources().get(api);
        long version =
                published != null && stored.tree().entries().containsKey(api)
                        ? published.version()
                        : 0;
        String source =
                file != null
                        ? file.key().source().value()
                        : form == null ? "" : form.origin().owner().value();
        String name = file != null ? file.name() : form == null ? "" : form.origin().fileName();
        return new CatalogView.Api(
                api,
                source,
                name,
                form == null ? "" : form.etag(),
                version,
                file == null ? List.of() : file.problems());
    }
}
