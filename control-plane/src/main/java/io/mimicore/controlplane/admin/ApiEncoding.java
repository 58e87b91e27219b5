package io.mimicore.controlplane.admin;

import io.mimicore.controlplane.catalog.CatalogView;
import io.mimicore.diagnostics.Diagnostic;
import io.mimicore.diagnostics.Place;
import io.mimicore.proto.admin.v1.Api;
import io.mimicore.proto.admin.v1.Problem;

/// APIs and their problems as messages.
final class ApiEncoding {
    static final String PREFIX = "apis/";

    private ApiEncoding() {}

    static Api encode(CatalogView.Api api) {
        Api.Builder encoded =
                Api.newBuilder()
                        .setName(PREFIX + api.name())
                        .setSource(api.source())
                        .setFileName(api.fileName())
                        .setEtag(api.etag())
                        .setLiveVersion(api.liveVersion());
        api.problems().forEach(problem -> encoded.addProblems(encode(problem)));
        return encoded.build();
    }

    static Problem encode(Diagnostic problem) {
        Place place = problem.place();
        return Problem.newBuilder()
                .setFile(place.file())
                .setLine(place.line())
                .setColumn(place.column())
                .setPointer(place.pointer())
                .setGoLine(place.goLine())
                .setCode(problem.code().name())
                .setMessage(problem.message())
                .setHint(problem.hint())
                .setWarning(!problem.isError())
                .build();
    }
}
